"""Whom the rows of a table speak of, and who stands beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from loaders.guess.columns import BY_ITSELF, Column
from loaders.guess.templates import cell, flow, scalar
from loaders.guess.words import in_ten_thousands
from loaders.mapping import TO_BE_NAMED

OLD = r"'^(\d{13}|\d{15})$'"
KINDS = {
    "92": "individual_business",
    "11": "government_organ",
    "12": "public_institution",
    "5[123]": "social_organisation",
}
SCHEMES = ("lei", "registration_number", "organisation_code", "stock_code")
MOST_OF_A_CODE_TABLE = 6  # columns


@dataclass
class Subject:
    """``address`` names the subject in other lines, empty where the rows are of none; ``value`` is its identifier as a
    template, empty for a person's; ``asked`` are comments."""

    columns: Mapping[str, Column]
    identity: Sequence[str]
    address: str
    value: str
    used: list[Column] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        yield from ("  - line:", "      fact: subject")
        yield from self.identity
        yield from self._established()
        if "uscc" in self.columns:
            yield from self._capital()
            yield from self._representative()
        yield from self._shareholders()

    def _take(self, meaning: str) -> Column:
        self.used.append(self.columns[meaning])
        return self.columns[meaning]

    def _established(self) -> Iterator[str]:
        column = self.columns.get("established_on")
        if column and column.share >= BY_ITSELF:
            forms = column.forms()
            form = {} if forms == ["%Y-%m-%d"] else {"date": flow(forms)}
            yield f"      established_on: {cell(self._take('established_on'), **form)}"
        elif column:
            self.asked.append(f"established_on: {cell(column)} ? say the form of its days in `date`")

    def _capital(self) -> Iterator[str]:
        column = self.columns.get("capital")
        if column is None:
            return
        if column.plain_numbers and not in_ten_thousands(column.name):
            self.asked.append(f"fields: {{capital: {cell(column, unit='yuan')}}} ? say the unit: yuan or 万元")
            return
        self._take("capital")
        yield "      fields:"
        if column.plain_numbers:
            yield f"        capital: {cell(column, unit='万元')} # in yuan"
        else:
            yield f"        capital_fen: {cell(column, money='fen')}"
            yield f"        capital_currency: {cell(column, money='currency')}"

    def _representative(self) -> Iterator[str]:
        column = self.columns.get("legal_representative")
        if column is None:
            return
        self._take("legal_representative")
        each = cell(column, **({"split": '"、"'} if column.several else {}))
        if column.several:
            yield "  # several names stand in one cell: is it 、 that separates them, and nothing else?"
        yield "  # a name is no identity: each is a person of that organisation"
        yield f"  - each: {each}"
        yield f"    line: {{fact: subject, kind: natural_person, name: {{item: true}}, of: {self.address}}}"
        yield f"  - each: {each}"
        yield "    line:"
        yield "      fact: link # undated: since when, the file does not say, or another column does (valid_from)"
        yield "      type: # an individual business has an operator; do branches have a principal here?"
        operator = cell(self.columns["uscc"], starts_with='["92"]', then="operator")
        yield f"        choose: [{operator}]"
        yield "        otherwise: legal_representative"
        yield f"      holder: {{name: {{item: true}}, of: {self.address}}}"
        yield f"      organisation: {self.address}"

    def _shareholders(self) -> Iterator[str]:
        holder, share = self.columns.get("shareholder"), self.columns.get("share")
        if holder is None:
            return
        told = f", share: {cell(share, unit='percent')}" if share else ""
        self.asked.append(f"{scalar(holder.name)}: is a shareholder a person or an organisation, by which identifier?")
        self.asked.append(f"  line: {{fact: link, type: shareholder, holder: …{told}, organisation: {self.address}}}")
        yield from ()


def subject_of(columns: Mapping[str, Column], everything: Sequence[Column]) -> Subject:
    """The subject of a table: by its credit code, else by another identifier, else by its name alone."""
    name = columns.get("name")
    if uscc := columns.get("uscc"):
        return _with_code(columns, uscc, name)
    if scheme := next((one for one in SCHEMES if one in columns), None):
        return _with_scheme(columns, scheme, name)
    if name and "code" in columns and len(everything) <= MOST_OF_A_CODE_TABLE and everything[0] is columns["code"]:
        return _code_table(columns, name)
    person = columns.get("person", name)
    if person and (number := columns.get("citizen_id")):
        identity = ["      kind: natural_person", f"      name: {cell(person)}", f"      citizen_id: {cell(number)}"]
        return Subject(columns, identity, f"{{citizen_id: {cell(number)}}}", "", [person, number])
    return _named_only(columns, name or everything[0], understood=name is not None)


def _name(name: Column | None, of: str) -> str:
    if name:
        return f"      name: {cell(name)}"
    return f"      name: {TO_BE_NAMED} # no column was known for the name of {of}"


def _with_code(columns: Mapping[str, Column], code: Column, name: Column | None) -> Subject:
    asked = []
    if code.share < 1:
        asked.append(
            f"{scalar(code.name)}: {1 - code.share:.1%} of its values are no valid credit code: rows for the quarantine"
        )
    kinds = (cell(code, matches=f"'^{prefix}.{{16}}$'", then=kind) for prefix, kind in KINDS.items())
    kind = [
        "      kind: # GB 32100: the registering department and the kind of body",
        "        choose:",
        *(f"          - {one}" for one in kinds),
        "        otherwise: enterprise",
    ]
    used = [code, *([name] if name else [])]
    identity = [_name(name, "the subject"), *kind]
    mention = "      mention: true # delete this line if the source is the register of such bodies itself"
    if not code.old_numbers:
        return Subject(
            columns,
            [*identity, f"      uscc: &code {cell(code)}", mention],
            "{uscc: *code}",
            "*code",
            used,
            asked,
        )
    old = cell(code, matches=OLD, then="null")
    number = cell(code, matches=OLD, then=cell(code))
    scheme = cell(code, matches=OLD, then="registration_number")
    identity += [
        "      # 13 and 15 digits among the credit codes are older registration numbers 工商注册号",
        f"      uscc: &code {{choose: [{old}], otherwise: {cell(code)}}}",
        f"      identifiers: {{registration_number: &number {{choose: [{number}]}}}}",
    ]
    address = f"{{uscc: *code, scheme: {{choose: [{scheme}]}}, value: *number}}"
    return Subject(columns, [*identity, mention], address, cell(code), used, asked)


def _with_scheme(columns: Mapping[str, Column], scheme: str, name: Column | None) -> Subject:
    column = columns[scheme]
    template = cell(column, pad="6") if scheme == "stock_code" else cell(column)
    identity = [
        f"      kind: {TO_BE_NAMED} # enterprise, public_institution, social_organisation …",
        _name(name, "the subject"),
        f"      identifiers: {{{scheme}: {template}}}",
        "      mention: true # delete this line if the source is the register of such bodies itself",
    ]
    used = [column, *([name] if name else [])]
    return Subject(columns, identity, f"{{scheme: {scheme}, value: {template}}}", template, used)


def _named_only(columns: Mapping[str, Column], name: Column, *, understood: bool) -> Subject:
    why = "no identifier was found" if understood else "no name was found, the first column stands here"
    identity = [
        f"      kind: {TO_BE_NAMED} # enterprise, natural_person …",
        f"      name: {cell(name)}",
        f"      # {why}. A name is no identity:",
        "      # what tells one subject from another, in which scheme?",
        "      # If only the name does, the scheme is this source's id: so it joins nobody else of that name.",
        f"      identifiers: {{{TO_BE_NAMED}: {cell(name)}}}",
        "      mention: true",
    ]
    address = f"{{scheme: {TO_BE_NAMED}, value: {cell(name)}}}"
    return Subject(columns, identity, address if understood else "", cell(name), [name])


class _Codes(Subject):
    """A table of codes holds no subject."""

    def lines(self) -> Iterator[str]:
        yield from ("  - line: # if it is a table of codes, as of divisions or industries", "      fact: code")
        yield from self.identity


def _code_table(columns: Mapping[str, Column], name: Column) -> Subject:
    code = columns["code"]
    identity = [
        f"      table: {TO_BE_NAMED} # the name of the table of codes",
        f"      code: {cell(code)}",
        f"      name: {cell(name)}",
    ]
    return _Codes(columns, identity, "", "", [code, name])
