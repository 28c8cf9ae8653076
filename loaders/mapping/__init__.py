"""Mappings: how rows of foreign tables become lines of the city's schema (docs/mappings.md).

`model` says what a mapping may say, `shipped` finds and proves one, `templates` and `filling` take values from a row,
`values` converts them, `drafting` makes the lines of a row, `rows` goes through the files.
"""

from loaders.mapping.drafting import Drafting
from loaders.mapping.model import TO_BE_NAMED, MappingFile
from loaders.mapping.rows import frame_of, looked_up, mapped_rows
from loaders.mapping.shipped import CITY, BadMapping, draft_checked, mapping_names, parsed, read_mapping

__all__ = [
    "CITY",
    "TO_BE_NAMED",
    "BadMapping",
    "Drafting",
    "MappingFile",
    "draft_checked",
    "frame_of",
    "looked_up",
    "mapped_rows",
    "mapping_names",
    "parsed",
    "read_mapping",
]
