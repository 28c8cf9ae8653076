"""Exchange formats that are read as they are: FollowTheMoney entities and BODS statements."""

from collections.abc import Mapping

from loaders.formats.bods import Bods
from loaders.formats.format import Format
from loaders.formats.ftm import FollowTheMoney

FORMATS: Mapping[str, Format] = {"ftm": FollowTheMoney(), "bods": Bods()}
