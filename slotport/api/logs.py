"""One log line a happening, as JSON or text, to stderr; no token, password or secret link in any of them."""

import logging
import re
import sys
from typing import Any, TextIO

import structlog

from slotport.settings import Settings

#: paths with a part that is a secret
_SECRET_PATHS = re.compile(
    r"^(/+v1/+(?:users/+reset|feeds)/+|/+app/+new-password/+|/+api/+v1/+(?:v1/+)?export/+[^/]+/+download/+)[^/]+",
    re.IGNORECASE,
)
_SECRETS = (
    re.compile(r"(\btoken\s*=\s*\"?)[^\s\"&,;]+", re.IGNORECASE),
    re.compile(r"(x-easydb-token\"?\s*[:=,]\s*b?[\"']?)[^\s\"'&,;}]+", re.IGNORECASE),
    re.compile(r"(/export/\w+/download/)[^\s/\"'?]+", re.IGNORECASE),
    re.compile(r"(/v1/(?:users/reset|feeds)/|/app/new-password/)[^\s/\"'?]+", re.IGNORECASE),
    re.compile(
        r"(\b(?:old_?)?(?:password|auth_?token|secret|passphrase|(?:secret|private)_?key)[\"']?\s*[=:]\s*[\"']?)"
        r"(?!-----)[^\s\"'&,;}]+",
        re.IGNORECASE,
    ),
    re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|$)", re.DOTALL),
    re.compile(r"(\w+://[^\s:/@]+:)[^\s@]+(?=@)"),
)
MASK = "***"


def shown_path(path: str) -> str:
    """A request's path with its secrets masked."""
    return _SECRET_PATHS.sub(rf"\1{MASK}", path)


def _masked(_logger: Any, _method: str, event: Any) -> Any:
    """Mask what looks like a secret in every text of a line, tracebacks included."""
    return {name: _mask(value) for name, value in event.items()}


def _mask(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    for secret in _SECRETS:
        value = secret.sub(rf"\1{MASK}", value)
    return value


class _Needless(logging.Filter):
    """Drops what the frame has already said (slotport.api.frame)."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("ASGI callable returned without completing response")


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what is standard error at the time, as tests and daemons may change it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # an attribute there
        return sys.stderr


def configure(settings: Settings) -> None:
    """Send everything that is logged in this process, by us and by libraries, through one handler."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Any] = (
        [structlog.processors.format_exc_info, _masked, structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        else [
            structlog.processors.format_exc_info,
            _masked,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    logging.getLogger("uvicorn.error").filters[:] = [_Needless()]
    if settings.log_level != "debug":  # they tell of each of their steps
        for name in ("uvicorn", "asyncio", "alembic", "httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
