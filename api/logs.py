"""The server's log: one JSON line for each line, and nothing about anybody in it.

Fields are named here, and no other gets in. Of an error that nobody foresaw its kind and the places it went through are
told, never its text, which may quote what was asked; of what libraries say, the place that says it. Uvicorn's own lines
are about the server, and stand as they are.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from loaders.rows import discreet

OURS = ("xinheng", "uvicorn")
"""Loggers whose words are known to hold nothing that was asked."""
FIELDS = ("request_id", "method", "route", "status", "milliseconds", "key", "department", "code")
"""What our own lines say besides."""


def configuration() -> dict[str, Any]:
    """What `logging.config.dictConfig` makes of it, in every process that serves."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": lines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {name: {"level": "INFO"} for name in OURS},
    }


def lines() -> logging.Formatter:
    """Makes a line of a record, whoever logged it."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            _said,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _said(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    record: logging.LogRecord = line["_record"]
    if record.name.partition(".")[0] in OURS:
        line["event"] = discreet(line["event"])
        line.update({name: record.__dict__[name] for name in FIELDS if name in record.__dict__})
    else:
        line["event"] = f"{record.module}:{record.lineno}"
    line.pop("stack_info", None)
    if error := (line.pop("exc_info", None) or (None, None))[1]:
        line["errors"] = _errors(error)
    return line


def _errors(error: BaseException) -> list[dict[str, Any]]:
    """The error and what it came of, each with the places it went through, innermost first."""
    told: list[dict[str, Any]] = []
    seen: BaseException | None = error
    while seen is not None:
        places = [f"{f.filename}:{f.lineno} {f.name}" for f in reversed(traceback.extract_tb(seen.__traceback__))]
        told.append({"kind": f"{type(seen).__module__}.{type(seen).__qualname__}", "places": places})
        seen = seen.__cause__ or seen.__context__
    return told
