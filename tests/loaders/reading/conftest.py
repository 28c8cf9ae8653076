"""Files written as a department would send them, and read back as raw rows."""

import gzip

import pytest

from loaders.reading import Dialect, header_of, raw_rows


class Folder:
    """`read("a.csv", content, encoding="gbk")` writes the file and reads its rows."""

    def __init__(self, path):
        self.path = path

    def write(self, name, content):
        path = self.path / name
        content = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return str(path)

    def read(self, name, content, **dialect):
        return list(raw_rows(self.write(name, content), Dialect(**dialect)))

    def header(self, name, content, **dialect):
        return header_of(self.write(name, content), Dialect(**dialect))


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)
