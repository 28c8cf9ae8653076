"""The page of the mapping language, docs/mappings.md: written by hand what it is for, generated what it may say."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from loaders.mapping.model import Check, LineTemplate, Lookup, MappingFile, SourceDeclaration, Table
from loaders.mapping.templates import SHAPES, Cell, Choice, Condition, Each, First, Together
from loaders.reading import Dialect
from loaders.rows import FaultKind

EXAMPLE = """\
id: tax-arrears
title: 欠税公告
dialect: {encoding: gbk}
missing: ["", "-"]
source:
  id: tax-arrears
  department: tax
  dataset: 欠税公告
  holds: [tax-arrears]
  cadence: P1M
  territory: "360400"
columns: [纳税人名称, 社会信用代码, 法定代表人, 欠税金额, 公告日期, 公告截止日]
checks:
  - when: [{column: 纳税人名称, matches: '^\\d+$'}]
    reason: an amount stands where the name belongs, the columns are shifted
    remedy: put the cells back under their columns
lines:
  - line:
      fact: subject
      kind:
        choose: [{column: 社会信用代码, starts_with: ["92"], then: individual_business}]
        otherwise: enterprise
      mention: true                     # the register of enterprises knows the company better
      name: {column: 纳税人名称}
      uscc: &code {column: 社会信用代码}
  - each: &each {column: 法定代表人, split: "、"}     # several names in one cell: a line for each
    line: {fact: subject, kind: natural_person, name: &name {item: true}, of: {uscc: *code}}
  - each: *each
    line:
      fact: link
      type: legal_representative
      holder: {name: *name, of: {uscc: *code}}
      organisation: {uscc: *code}
  - line:
      fact: record
      key: {together: [*code, {column: 公告日期}], with: " "}
      subject: {uscc: *code}
      list: tax-arrears
      amount: {column: 欠税金额, unit: 万元}
      decided_on: {column: 公告日期, date: ["%Y-%m-%d", "%Y年%m月%d日"]}
      effective_to: {column: 公告截止日, date: ["%Y-%m-%d"], inclusive: true}
"""
EXAMPLE_ROWS = """\
纳税人名称,社会信用代码,法定代表人,欠税金额,公告日期,公告截止日
九江柏川商贸有限公司,91360400MAX000001Y,程立群、樊一舟,12.5,2026年3月1日,2026-08-31
九江一舟副食店,92360400MAX000002Y,-,0.8,2026-03-01,-
"""
INTRODUCTION = """\
# Mappings

A mapping says how the rows of a department's files become lines of the city's schema ([city.md](city.md)): one YAML \
file for each kind of delivery. Xinheng ships some (`loaders/mappings/`); `xinheng mapping list` names them, and \
one of your own is given by its path.

```
xinheng mapping guess 2026-03.csv --out arrears.yaml # a draft, from the header and the first rows
xinheng mapping check arrears.yaml                   # whether it is sound, and what is still to be named
xinheng load arrears.yaml 2026-03.csv --dry-run      # the first rows as they would be loaded, and all faults
xinheng load arrears.yaml 2026-03.csv --through 2026-03-31
xinheng load cn-enterprise-register 2018.csv.gz --where 地区=九江
```

A draft says what header and values leave no doubt of: encoding, delimiter, sheet, title rows, columns, forms of days. \
What only its author can say is `to-be-named`, and nothing is loaded while one is left; what is not understood is a \
comment. No value of the file stands in it.

What becomes of a row: it is *loaded*, *unchanged* (all that it means is there), or *quarantined* with column, value, \
reason and remedy. A bad value of a field that a line can do without is left out and counted as a warning; a bad \
identifier, name or *end* never is. `xinheng quarantine list`, `export` and `retry` lead back in.

`--where` picks rows by a column; the others are not read, and not counted. A row that can't be read (too few or too \
many cells, no text in its encoding, too long) says nothing there that anybody could know, so it is kept in quarantine \
whatever was asked for, once for all loads of that file. What a mapping looks up in another file is needed again when \
rows are tried once more: `xinheng quarantine retry --mapping NAME --with FILE`.

A file is CSV, TSV, JSON, JSON lines, Excel or Parquet by the end of its name, `.gz` too. Files are read in the order \
of their names, whatever the order in which they are given; several files that refer to each other are given together.

The mapping declares its source. When its declaration is mended, the next load records the new one and says what \
changed: answers as known before keep the old one. Two mappings of one source declare it alike, or each load would \
take back what the other says.

## A whole mapping
"""
AFTER_EXAMPLE = """\
It reads a file in GBK such as

```
{rows}```

The second row has no representative and no last day, so no link is made of it and the record has no end.

`&code` names a part where it first stands, `*code` repeats it (YAML's own anchors).

`schemas/mapping.json` is the schema for editors: `# yaml-language-server: $schema=…/docs/schemas/mapping.json`.

## Values

A value in a line is a *template*: a constant; a mapping of templates, such as an address (what is missing in it is \
left out, and it with them when nothing is left); or one of the shapes [cell](#cell), [choose](#choose), \
[first](#first), [together](#together).
"""
PARTS: Mapping[str, type[BaseModel]] = {
    "The file": MappingFile,
    "source": SourceDeclaration,
    "dialect": Dialect,
    "lookups": Lookup,
    "tables": Table,
    "checks": Check,
    "lines": LineTemplate,
    "each": Each,
    "cell": Cell,
    "choose": Choice,
    "first": First,
    "together": Together,
    "condition": Condition,
}
_NAMES = {model.__name__: heading for heading, model in PARTS.items()} | {"Case": "condition"}


def page() -> str:
    """The page, without the note that it is generated."""
    _, schema = models_json_schema([(model, "validation") for model in PARTS.values()])
    example = ["```yaml", EXAMPLE.rstrip(), "```", "", AFTER_EXAMPLE.replace("{rows}", EXAMPLE_ROWS)]
    parts = [part for heading, model in PARTS.items() for part in _part(heading, model, schema["$defs"])]
    return "\n".join([INTRODUCTION, *example, *parts]).rstrip() + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of a mapping file, for editors: keys of a single table may stand at the top."""
    said = MappingFile.model_json_schema()
    table = said["$defs"]["Table"]["properties"]
    [nested] = [one for one in said["$defs"]["Template"]["oneOf"] if one.get("type") == "object"]
    nested["not"] = {"anyOf": [{"required": [key]} for key in SHAPES]}  # such a mapping is of another shape
    return said | {"properties": said["properties"] | table}


def _part(heading: str, model: type[BaseModel], defined: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {heading}"
    yield ""
    yield _plain(inspect.getdoc(model) or "")
    yield ""
    yield "| key | what it holds | | default |"
    yield "|-|-|-|-|"
    said = defined[model.__name__]
    for name, one in said["properties"].items():
        default = "required" if name in said.get("required", ()) else _default(one.get("default"))
        yield f"| `{name}` | {_shape(one)} | {_cell(one.get('description', ''))} | {default} |"
    yield ""


def _plain(text: str) -> str:
    return text.replace("``", "`")


def _cell(text: str) -> str:
    return " ".join(_plain(text).split()).replace("|", "\\|")


def _default(value: Any) -> str:
    if value in (None, [], False, "") or isinstance(value, dict):
        return ""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


_TYPES = {"string": "text", "integer": "number", "boolean": "true or false", "object": "mapping"}


def _shape(said: Mapping[str, Any]) -> str:
    """What a key may hold, in a few words."""
    if "$ref" in said:
        name = str(said["$ref"]).rpartition("/")[2]
        return _link(name)
    if several := said.get("anyOf") or said.get("allOf"):
        return " or ".join(dict.fromkeys(_shape(one) for one in several if one.get("type") != "null"))
    if "enum" in said:
        return ", ".join(f"`{value}`" for value in said["enum"])
    if "prefixItems" in said:
        return "two numbers"
    if "items" in said:
        return f"list of {_shape(said['items'])}"
    if said.get("type") == "object" and isinstance(said.get("additionalProperties"), dict):
        return f"mapping to {_shape(said['additionalProperties'])}"
    return str(said.get("format") or _TYPES.get(str(said.get("type")), "text"))


def _link(name: str) -> str:
    if name == "Template":
        return "[template](#values)"
    if name == FaultKind.__name__:
        return ", ".join(f"`{kind}`" for kind in FaultKind)
    heading = _NAMES[name]
    return f"[{heading}](#{heading.lower().replace(' ', '-')})"
