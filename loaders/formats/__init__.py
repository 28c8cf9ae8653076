"""Exchange formats that are read as they are: FollowTheMoney entities and BODS statements."""

from collections.abc import Mapping

from loaders.formats.format import Format

FORMATS: Mapping[str, Format] = {}
