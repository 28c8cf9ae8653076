"""`xinheng mapping`: a draft is written, refused until it is finished, and never overwrites another."""

import json

import pytest

from api.demo.codes import credit_code
from loaders.mapping import TO_BE_NAMED, mapping_names
from tests.command import xinheng


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "penalties.csv"
    rows = [f"九江第{n}有限公司,{credit_code(n)},程立群" for n in range(1, 4)]
    path.write_text("\n".join(["企业名称,统一社会信用代码,法定代表人", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def settings(tmp_path):
    return {
        "XINHENG_ENVIRONMENT": "development",
        "XINHENG_DATA": str(tmp_path / "data"),
        "XINHENG_REGION": "360400",
        "XINHENG_STORE": str(tmp_path / "store"),
    }


def finished(draft):
    return draft.replace(f"cadence: {TO_BE_NAMED}", "cadence: P1M").replace(TO_BE_NAMED, "own")


def test_a_draft_is_printed_refused_by_load_and_loads_when_it_is_finished(tmp_path, table, settings):
    ran = xinheng("mapping", "guess", table, settings=settings)
    assert (ran.status, ran.err) == (0, "")
    draft = tmp_path / "draft.yaml"
    draft.write_text(ran.out, encoding="utf-8")
    refused = xinheng("load", draft, table, "--json", settings=settings)
    assert refused.status == 2
    told = json.loads(refused.err)
    line = ran.out.splitlines().index(next(one for one in ran.out.splitlines() if one.startswith("  department:"))) + 1
    assert f"{draft}:{line}: source.department: still to-be-named" in told["detail"]
    assert "the comment beside it" in told["remedy"]
    draft.write_text(finished(ran.out), encoding="utf-8")
    report = xinheng("load", draft, table, "--json", settings=settings).document
    assert (report["read"], report["loaded"], report["subjects"], report["links"]) == (3, 3, 6, 3)


def test_a_draft_overwrites_nothing_unless_told_to(tmp_path, table, settings):
    target = tmp_path / "own.yaml"
    target.write_text("mine", encoding="utf-8")
    refused = xinheng("mapping", "guess", table, "--out", target, settings=settings)
    assert (refused.status, target.read_text(encoding="utf-8")) == (2, "mine")
    assert "--force" in refused.err
    assert xinheng("mapping", "guess", table, "--out", target, "--force", settings=settings).status == 0
    assert target.read_text(encoding="utf-8") == xinheng("mapping", "guess", table, settings=settings).out


def test_check_tells_a_draft_from_a_mapping(tmp_path, table, settings):
    target = tmp_path / "own.yaml"
    xinheng("mapping", "guess", table, "--out", target, settings=settings)
    refused = xinheng("mapping", "check", target, settings=settings)
    assert (refused.status, "still to-be-named" in refused.err) == (2, True)
    target.write_text(finished(target.read_text(encoding="utf-8")), encoding="utf-8")
    assert xinheng("mapping", "check", target, settings=settings).status == 0


def test_the_shipped_mappings_are_listed_a_line_each(settings):
    ran = xinheng("mapping", "list", settings=settings)
    assert [line.split()[0] for line in ran.out.splitlines()] == mapping_names()
    said = json.loads(xinheng("mapping", "list", "--json", settings=settings).out)
    assert [one["name"] for one in said] == mapping_names()
    assert all(one["title"] for one in said)


@pytest.mark.parametrize("name", mapping_names())
def test_every_shipped_mapping_is_sound(name, settings):
    assert xinheng("mapping", "check", name, settings=settings).status == 0


@pytest.mark.parametrize("file", ["-", "missing.csv", "."])
def test_what_no_draft_can_be_made_of_is_said(file, settings):
    ran = xinheng("mapping", "guess", file, settings=settings)
    assert (ran.status, ran.out) == (2, "")
    assert "→" in ran.err
