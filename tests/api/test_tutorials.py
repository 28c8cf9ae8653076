"""Who follows a tutorial sees what it says: each of its commands is run, in an empty folder, with nothing else set."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from tests.tutorials import Command, File, followed, says, shell, steps

DOCS = Path(__file__).parents[2] / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
PORT = "8000"
"""The port of `xinheng serve` on the pages; any free one here."""


def environment(home: Path) -> dict[str, str]:
    return {"PATH": f"{Path(sys.executable).parent}:{os.defpath}", "HOME": str(home), "LANG": "C.UTF-8"}


def free_port() -> str:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return str(server.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_every_command_of_a_tutorial_prints_what_the_tutorial_says(path: Path, tmp_path: Path) -> None:
    page = path.read_text(encoding="utf-8").replace(PORT, free_port())
    with shell(tmp_path, environment(tmp_path)) as opened:
        wrong = followed(path, page, opened, tmp_path)
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readmes_lead_to_every_tutorial(readme: str) -> None:
    text = (DOCS.parent / readme).read_text(encoding="utf-8")
    assert all(f"(docs/tutorials/{path.name})" in text for path in TUTORIALS)


# --- how a page is read -----------------------------------------------------------------------------------------------
PAGE = """\
# A page

```yaml ours/one.yaml
- id: a
```

```bash
only shown
```

```console
$ cat ours/one.yaml
- id: a
$ x=7
$ printf '%s\\n' "$x" \\
>   eight
7
eight
$ (exit 3)
$ echo $?
3
```
"""


def test_commands_are_run_in_one_shell_and_files_are_written(tmp_path: Path) -> None:
    with shell(tmp_path, environment(tmp_path)) as opened:
        assert followed(Path("page.md"), PAGE, opened, tmp_path) == []
        told = followed(Path("page.md"), PAGE.replace("\n7\n", "\n6\n"), opened, tmp_path)
    assert len(told) == 1
    assert told[0].startswith("page.md:15: $ printf")
    assert "-6\n+7" in told[0]


def test_a_page_is_read_as_files_and_commands() -> None:
    file, first, *others = steps(PAGE)
    assert file == File("ours/one.yaml", "- id: a\n")
    assert first == Command(12, "cat ours/one.yaml", ("- id: a",))
    assert len(others) == 4


@pytest.mark.parametrize(
    ("told", "printed", "same"),
    [
        (("a … c",), ("a b c",), True),
        (("a … c",), ("a b d",), False),
        (("a", "…", "d"), ("a", "b", "c", "d"), True),
        (("a", "…", "d"), ("a", "d"), True),
        (("a", "…"), ("b",), False),
        (("a",), ("a", "b"), False),
        ((), ("a",), False),
        (("a",), ("a  ",), True),
    ],
)
def test_an_ellipsis_stands_for_anything_in_a_line_and_alone_for_any_lines(
    told: tuple[str, ...], printed: tuple[str, ...], same: bool
) -> None:
    assert says(told, printed) is same
