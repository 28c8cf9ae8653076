"""The command line ``xinheng``. Exit status: 0 an answer, 1 a check that failed (lint, test, verify, replay), 2 bad
input, 3 incomplete or unavailable."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.text import Text

from api.commands import check, demo, holdings, investigation, load, responses, serve, subjects
from api.commands.catalogue import catalogue_app
from api.commands.export import export_app
from api.commands.identity import identity_app
from api.commands.keys import keys_app
from api.commands.ledger import ledger_app
from api.commands.mapping import mapping_app
from api.commands.quarantine import quarantine_app
from api.settings import BadSettings
from engine.ledger import LedgerBroken
from graph.errors import BadInput, XinhengError
from loaders.rows import discreet

UsageError: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""Base of what typer raises for wrong options; it lives in click, or in typer's own copy of it."""
CHECK_FAILED, BAD_INPUT, UNAVAILABLE, INTERRUPTED = 1, 2, 3, 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="信衡 Xinheng: which statutory sanctions and incentives bind an applicant, and why.",
    epilog="Exit status: 0 an answer, 1 a check that failed, 2 bad input, 3 incomplete or unavailable.",
)
app.command("demo")(demo.demo)
app.command("check")(check.check)
app.command("check-group")(check.check_group)
app.command("replay")(check.replay_decision)
app.command("respond")(responses.respond)
app.command("responses")(responses.responses)
app.command("search")(subjects.search)
app.command("subject")(investigation.subject)
app.command("expand")(investigation.expand)
app.command("path")(investigation.path)
app.command("control")(investigation.control)
app.command("serve")(serve.serve)
app.command("load")(load.load_files)
app.command("stats")(holdings.stats)
app.command("sources")(holdings.sources)
app.add_typer(mapping_app, name="mapping")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(export_app, name="export")
app.add_typer(identity_app, name="identity")
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(keys_app, name="keys")
app.add_typer(ledger_app, name="ledger")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = app(args=given, prog_name="xinheng", standalone_mode=False)
    except typer.Exit as exit_:
        return int(exit_.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except UsageError as error:
        if usage := _usage(error):
            _tell(usage, as_json="--json" in given)
        return BAD_INPUT
    except XinhengError as error:
        _tell(error, as_json="--json" in given)
        return _status(error)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception:  # noqa: BLE001  (nothing was concluded, and the exit status must say so)
        traceback.print_exc()
        return UNAVAILABLE
    return int(status or 0)


def _usage(error: Exception) -> BadInput | None:
    """What typer says of wrong options; it quotes arguments, which may hold a number that is somebody's. Nothing where
    it has shown its help instead."""
    context = getattr(error, "ctx", None)
    message = str(getattr(error, "format_message", error.__str__)())
    if not message:
        return None
    return BadInput(discreet(message), remedy=f"{context.command_path} --help" if context else "xinheng --help")


def _status(error: XinhengError) -> int:
    if isinstance(error, LedgerBroken):
        return CHECK_FAILED
    return BAD_INPUT if isinstance(error, BadInput | BadSettings) else UNAVAILABLE


def _tell(error: XinhengError, *, as_json: bool) -> None:
    if as_json:
        said = {"code": error.code, "title": error.title_zh, "detail": error.message, "where": error.where}
        print(json.dumps({**said, "remedy": error.remedy}, ensure_ascii=False), file=sys.stderr)
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    where = f"{error.where}: " if error.where else ""
    console.print(Text.assemble((f"{error.title_zh} {error.code}: ", "bold red"), f"{where}{error.message}"))
    if error.remedy:
        console.print(Text(f"  → {error.remedy}"))


if __name__ == "__main__":
    sys.exit(main())
