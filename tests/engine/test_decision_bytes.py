"""Same question, same bytes: canonical, signed by their hash, without a citizen ID, whatever else a store holds."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.canonical import canonical, canonical_json, digest, facts_json, signed
from engine.document import Decision
from graph.model import Kind, Record, Subject
from graph.vault import Vault
from rules.catalogue import Catalogue
from tests.engine.conftest import Making
from tests.engine.worlds import (
    TODAY,
    Plain,
    World,
    catalogue,
    group_rule,
    lead,
    link,
    load,
    measure,
    naming,
    only,
    organisation,
    person,
    reach,
    record,
    source,
    stub,
    world,
)

FIRM, OTHER, THIRD, ZHANG = organisation("甲"), organisation("乙"), organisation("丙"), person("张")
CITIZEN_ID = "11010519491231002X"  # the fictitious one of GB 11643
LISTED = record(FIRM, id="r1", amount=12345, severity="serious", disputed=True, test=True)
FACTS = [
    FIRM,
    OTHER,
    THIRD,
    ZHANG,
    LISTED,
    record(FIRM, key="2", id="r2", decided_on=None),
    naming(LISTED, ZHANG, finding="dismissed"),
    link(ZHANG, "director", FIRM, id="l1"),
    link(ZHANG, "director", OTHER, id="l2", share=0.25, position="董事"),
    link(FIRM, "shareholder", OTHER, id="l3", share=0.6),
]


def by() -> Catalogue:
    onward = reach("director>organisation@now")
    paths = [[], reach("director>holder@at_event", "director>organisation@now"), [{"named": "responsible"}, *onward]]
    return catalogue(
        measure(reaches=paths),
        measure("review", effect="strict_review", reaches=[reach("shareholder>organisation@now")]),
        leads=[lead("parent", *reach("shareholder>organisation@now", min_share=0.5))],
        groups=[group_rule("same", same_holder={"link": "director"})],
    )


def written(told: World, instant: datetime, facts: list[Any]) -> None:
    told.store.write(facts, recorded_at=instant)


INSTANT = datetime.fromisoformat("2025-06-01T12:00:00+00:00")


@pytest.mark.slow
@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_bytes_do_not_depend_on_the_order_of_recording(dice: random.Random) -> None:
    ends = {Subject: 0, Record: 1}
    facts = dice.sample(FACTS, len(FACTS))
    facts.sort(key=lambda fact: ends.get(type(fact), 2))
    with world(by=by(), sourced=False) as told, world(by=by(), sourced=False) as same:
        written(told, INSTANT, FACTS)
        written(same, INSTANT, facts)
        assert canonical(told.ask(OTHER)) == canonical(same.ask(OTHER))
        group = (FIRM, OTHER, THIRD)
        assert canonical(told.ask_group(*group)) == canonical(same.ask_group(*group))


def test_the_same_question_has_the_same_bytes_under_another_order_of_the_catalogue(make: Making) -> None:
    two = [measure(name, basis=[{"document": "law", "article": name}]) for name in ("b", "a")]
    facts = [FIRM, record(FIRM)]
    one, other = make(measures=two, sourced=False), make(measures=two[::-1], sourced=False)
    for told in (one, other):
        written(told, INSTANT, facts)
    assert canonical(one.ask(FIRM)) == canonical(other.ask(FIRM))


def test_a_decision_is_signed_by_the_hash_of_everything_else(make: Making) -> None:
    decision = make(*FACTS, by=by()).ask(OTHER)
    document = json.loads(canonical(decision))
    decision_id = document.pop("decision_id")
    assert decision_id == "sha256:" + hashlib.sha256(rfc8785.dumps(document)).hexdigest()
    assert signed(decision) == decision
    other = decision.model_copy(update={"complete": not decision.complete})
    assert signed(other).decision_id != decision_id


def test_a_copy_of_a_decision_is_written_as_the_copy_says(make: Making) -> None:
    decision = make(*FACTS, by=by()).ask(OTHER)
    other = decision.model_copy(update={"complete": not decision.complete})
    assert json.loads(canonical(other))["complete"] is not decision.complete
    assert canonical(Decision.model_validate_json(canonical(decision))) == canonical(decision)


def test_a_text_that_looks_like_an_id_that_is_missing_is_left_as_it_is(make: Making) -> None:
    named = replace(FIRM, name='"decision_id":"",')
    decision = make(named, record(FIRM), by=by()).ask(FIRM)
    document = json.loads(canonical(decision))
    assert document["subject"]["name"] == named.name
    assert document["decision_id"] == decision.decision_id == signed(decision).decision_id


def test_bytes_are_canonical_json(make: Making) -> None:
    """RFC 8785: keys in order, no spaces, UTF-8."""
    content = canonical(make(*FACTS, by=by()).ask(OTHER))
    assert (
        json.dumps(json.loads(content), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == content
    )
    assert Decision.model_validate_json(content) is not None


def test_a_document_is_written_once(make: Making) -> None:
    decision = make(*FACTS, by=by()).ask(OTHER)
    assert canonical(decision) is canonical(decision)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(JSON)
@example([1.0, -0.0, 0.1, 1e-4, 9.9e-5, 1e-7, 2.0**53, 1e15, 1e16, 1e21, 5e-324])
@example(["2024e-7"])
@example({"é": 1, "z": 2, "\U0001d11e": 3, "\ufb33": 4, "a": {"\u2028": '\u007f\x1f"\\/'}})
def test_canonical_json_is_that_of_the_standard(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


def test_a_number_that_json_does_not_know_is_refused() -> None:
    for number in (float("nan"), float("inf"), 2**53 + 1):
        with pytest.raises(rfc8785.CanonicalizationError):
            canonical_json([number])


def test_every_key_is_always_there(make: Making) -> None:
    told = make(FIRM, by=by())
    for decision in (told.ask(FIRM), told.ask("name:甲"), told.ask("test:nobody")):
        assert set(json.loads(canonical(decision))) == set(Decision.model_fields)


def test_facts_are_shown_as_people_read_them(make: Making) -> None:
    decision = make(*FACTS, by=by()).ask(OTHER)
    measures = {m.id: m for m in decision.measures}
    chains = measures["ban"].chains
    assert [chain.reach for chain in chains] == sorted(chain.reach for chain in chains)
    shown = chains[0].records[0]
    assert (shown.amount, shown.title, shown.disputed, shown.test) == (123.45, "名单dishonest", True, True)
    assert shown.subject.name == "甲有限公司"
    (named,) = (chain.named for chain in chains if chain.named)
    assert (named.person.name, named.finding) == ("张", "dismissed")
    (office,) = {x.id: x for chain in chains for x in chain.links if x.id == "l2"}.values()
    assert (office.share, office.position, office.type) == (0.25, "董事", "director")
    assert decision.leads == (), "the measure speaks of the same facts"


def test_whole_yuan_are_whole_numbers(make: Making) -> None:
    for fen, yuan in ((100, 1), (12345, 123.45), (0, 0)):
        (chain,) = only(make(FIRM, record(FIRM, amount=fen)).ask(FIRM)).chains
        assert chain.records[0].amount == yuan
        assert isinstance(chain.records[0].amount, float) is bool(fen % 100)


# --- a citizen ID never appears -------------------------------------------------------------------------------------


def test_a_citizen_id_is_masked_wherever_it_would_show(make: Making) -> None:
    sealed = Vault(b"h" * 32, b"s" * 32).seal(CITIZEN_ID)
    zhang = Subject(f"person:{sealed.digest[:32]}", Kind.NATURAL_PERSON, "张", citizen_id=sealed)
    facts = [
        FIRM,
        OTHER,
        zhang,
        LISTED,
        naming(LISTED, zhang),
        link(zhang, "director", FIRM),
        link(zhang, "director", OTHER),
    ]
    told = make(*facts, record(zhang), by=by())
    answers = [
        *(canonical(told.ask(one)) for one in (zhang, OTHER, f"citizen_id:{sealed.digest}")),
        canonical(told.ask_group(FIRM, OTHER)),
    ]
    for answer in answers:
        text = answer.decode()
        assert CITIZEN_ID not in text
        assert CITIZEN_ID[6:14] not in text
        assert sealed.ciphertext.hex() not in text
        assert sealed.digest not in text.replace(f"citizen_id:{sealed.digest}", "")
    shown = told.ask(zhang).subject.identifiers
    assert [(one.scheme, one.value) for one in shown] == [("citizen_id", "110105********002X")]


def test_a_seal_is_hashed_by_its_digest_alone() -> None:
    """Two seals of one ID differ in their ciphertext, and must not make two documents."""
    vault = Vault(b"h" * 32, b"s" * 32)
    one, two = vault.seal(CITIZEN_ID), vault.seal(CITIZEN_ID)
    assert one.ciphertext != two.ciphertext
    assert facts_json([one]) == facts_json([two]) == facts_json([one.digest])


# --- the digest of the evidence -------------------------------------------------------------------------------------


def digests(told: World) -> tuple[str, str]:
    return told.ask(OTHER).evidence_digest, told.ask_group(OTHER, THIRD).evidence_digest


@pytest.mark.parametrize(
    "unrelated",
    [
        [organisation("丁")],
        [record(THIRD, "arrears")],
        [record(OTHER, "revoked")],
        [link(ZHANG, "employee", OTHER)],
        [link(THIRD, "shareholder", OTHER, share=0.9)],
        [person("李"), link(person("李"), "director", OTHER)],
    ],
    ids=["subject", "other-list", "own-other-list", "other-link", "clear-parent", "clear-director"],
)
def test_facts_that_the_question_does_not_use_leave_its_digest_alone(make: Making, unrelated: list[Any]) -> None:
    told = make(*FACTS, by=by())
    before = told.ask(OTHER).evidence_digest
    told.tell(*unrelated)
    assert told.ask(OTHER).evidence_digest == before


@pytest.mark.parametrize(
    "used",
    [
        record(OTHER, id="r3"),
        record(FIRM, key="3", id="r3", annulled=True),
        link(ZHANG, "director", FIRM, id="l4", valid_to=date(2024, 1, 1)),
        stub("王", OTHER),
        load(source(name="everything"), date(2100, 2, 1)),
    ],
    ids=["own-record", "annulled", "second-office", "unidentified", "load"],
)
def test_facts_that_it_uses_change_it(make: Making, used: Any) -> None:
    told = make(*FACTS, by=by())
    before = told.ask(OTHER).evidence_digest
    told.tell(used)
    if isinstance(used, Subject):
        told.tell(link(used, "director", OTHER))
    assert told.ask(OTHER).evidence_digest != before


def test_the_digest_of_a_group_holds_its_bonds_and_its_members(make: Making) -> None:
    told = make(*FACTS, by=by())
    before = digests(told)
    told.tell(person("李"))
    assert digests(told) == before
    told.tell(link(person("李"), "director", THIRD))
    assert digests(told)[1] != before[1]
    assert digests(told)[0] == before[0]


def test_the_digest_of_a_group_holds_who_its_bonds_join(make: Making) -> None:
    nobody = stub("王", THIRD)
    told = make(*FACTS, nobody, link(nobody, "director", THIRD), by=by())
    before = digests(told)[1]
    told.tell(replace(nobody, identifiers={"test": "王"}), correct=True)
    assert digests(told)[1] != before


def test_a_digest_is_that_of_the_canonical_bytes() -> None:
    value: Plain = {"b": 1, "a": [True, None, "中"]}
    assert digest(value) == "sha256:" + hashlib.sha256('{"a":[true,null,"中"],"b":1}'.encode()).hexdigest()


def test_a_fact_is_hashed_by_its_content_whatever_the_order_of_its_fields() -> None:
    one, other = ({"x": True, "y": 1}, {"y": 1, "x": True})
    record = Record("r1", "s", "l", decided_on=TODAY, fields=one)
    assert facts_json(record) == facts_json(replace(record, fields=other))
    assert facts_json(record) != facts_json(replace(record, decided_on=None))
    assert facts_json([Kind.ENTERPRISE]) == facts_json(["enterprise"])
