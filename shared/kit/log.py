"""Logs: one structured line an event, our own and those of every library, with what must not be seen taken out."""

import logging
import logging.config
import sys
from collections.abc import Mapping
from typing import Any, Protocol

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.kit.redact import redact
from shared.kit.settings import Settings

_ORDERS = dict.fromkeys({*range(32), *range(127, 160)} - {*b"\n\t"}, "\N{REPLACEMENT CHARACTER}")
QUIET = ("alembic", "authlib", "sqlalchemy", "huey", "httpx", "urllib3", "requests", "asyncio")


class Logger(Protocol):
    """What `get` returns: the event is a short sentence or a dotted name, everything else is a field."""

    def debug(self, event: str, **fields: object) -> Any: ...
    def info(self, event: str, **fields: object) -> Any: ...
    def warning(self, event: str, **fields: object) -> Any: ...
    def error(self, event: str, **fields: object) -> Any: ...
    def exception(self, event: str, **fields: object) -> Any: ...


class _Out:
    """Where lines go: standard error, or wherever `to` says."""

    def __init__(self) -> None:
        self.to: Any = None

    def write(self, line: str) -> None:
        stream = self.to or sys.stderr
        stream.write(line)
        stream.flush()

    def flush(self) -> None:
        """Each line is flushed as it is written."""


out = _Out()


def setup(settings: Settings) -> None:
    """Send every log of this process through one pipe: JSON for machines, or a console for eyes."""
    structlog.configure(
        processors=[*_gathering(), *_rendering(settings)],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=lambda *args: structlog.WriteLogger(out),  # type: ignore[arg-type]  # it only writes and flushes
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(dict_config(settings))


def get() -> Logger:
    """The logger. Fields named like secrets, and values that look like them, are never written."""
    return structlog.get_logger()


def begin(**fields: object) -> None:
    """Start a new piece of work (a request, a task): what was bound before is forgotten, `fields` are on every line from here."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**fields)


def bind(**fields: object) -> None:
    """Put `fields` on every line of the present piece of work."""
    structlog.contextvars.bind_contextvars(**fields)


def bound() -> Mapping[str, object]:
    """What is on every line of the present piece of work."""
    return structlog.contextvars.get_contextvars()


def dict_config(settings: Settings) -> dict[str, Any]:
    """The standard library's logging in the same shape; also what gunicorn takes as `logconfig_dict`."""
    level = settings.log_level
    # These print statements, headers or bodies when they are told to say more.
    quiet = {name: {"level": "ERROR" if level == "ERROR" else "WARNING"} for name in QUIET}
    gunicorn: dict[str, Any] = {
        "gunicorn.error": {"level": level, "handlers": [], "propagate": True},
        # Our own line a request says as much, and never the query.
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_gathering(), _keep_logger_name],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(settings)],
            }
        },
        "handlers": {"out": {"class": "logging.StreamHandler", "stream": out, "formatter": "line"}},
        "root": {"level": level, "handlers": ["out"]},
        "loggers": {**quiet, **gunicorn, "werkzeug": {"level": "WARNING"}},
    }


def show(text: str) -> None:
    """Write `text` as it is, with nothing taken out: only for letters on the console of a development machine."""
    out.write(text.rstrip("\n") + "\n")


def _gathering() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
    ]


def _rendering(settings: Settings) -> list[Processor]:
    # Tracebacks are turned into text before the redaction, so that it reads them too.
    if settings.log_format == "console":
        last: Processor = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), timestamp_key="at")
    else:
        last = _json
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")
    return [structlog.processors.format_exc_info, redact, stamp, *([_harmless] if last is not _json else []), last]


def _harmless(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Control characters are orders to a terminal, and a path may hold any."""
    return {key: value.translate(_ORDERS) if isinstance(value, str) else value for key, value in event.items()}


def _json(logger: WrappedLogger, method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _keep_logger_name(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    event["logger"] = record.name
    return event
