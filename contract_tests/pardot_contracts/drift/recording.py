"""What is written down of an exchange, and the file it stands in.

Kept are the method, the path with its ids replaced, protocol words of the query, the request of an
export without its dates, the status, the content type, and the shape of the answer. Nothing else:
no header, no credential, no value of a row.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pardot_contracts.drift.shapes import Shape, shape_of
from pardot_contracts.problems import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = 1
KEPT = frozenset(
    {"format", "output", "sort_by", "sort_order", "limit", "offset", "status", "object", "deleted"}
)
"""Query parameters whose values are words of the protocol."""

_IDS = re.compile(r"/(id|file)/[^/?]+")
_SAFE = re.compile(r"[\w./{}-]*")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One kind of call and how it was answered; `auth` is `api_key`, `bearer` or empty."""

    method: str
    path: str
    query: Mapping[str, str]
    auth: str
    body: Any
    status: int
    content_type: str
    shape: Shape

    @property
    def name(self) -> str:
        """Give it a name for reports."""
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.method} {self.path}{f'?{query}' if query else ''} -> {self.status}"


@dataclass(slots=True)
class Recording:
    """What was heard of a server at `target` since `began` (ISO 8601), each kind of call once."""

    target: str
    began: str
    exchanges: dict[str, Exchange] = field(default_factory=dict)

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange unless one like it is there."""
        known = json.dumps([exchange.name, exchange.shape, exchange.body], sort_keys=True)
        self.exchanges.setdefault(known, exchange)

    def write(self, path: Path) -> None:
        """Write the file."""
        facts = {
            "format": FORMAT,
            "target": self.target,
            "recorded_at": self.began,
            "exchanges": [asdict(exchange) for exchange in self.exchanges.values()],
        }
        path.write_text(json.dumps(facts, indent=2) + "\n", "utf-8")


def read(path: Path) -> Recording:
    """Read a recording; raise `ConfigurationError` for a file that is none."""
    try:
        facts = json.loads(path.read_text("utf-8"))
        _check_format(facts["format"])
        recording = Recording(facts["target"], facts["recorded_at"])
        for each in facts["exchanges"]:
            recording.add(Exchange(**each))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is no recording that can be read: {error!r}") from error
    return recording


def _check_format(number: int) -> None:
    if number != FORMAT:
        raise ValueError(f"format {number} is not {FORMAT}")


def exchange_of(
    request: tuple[str, str, Mapping[str, str], Mapping[str, str], bytes],
    answer: tuple[int, str, bytes],
) -> Exchange:
    """Reduce an exchange: `request` is method, path, query, headers, body; `answer` is status,
    content type, body.
    """
    method, path, query, headers, sent = request
    status, content_type, content = answer
    scheme = headers.get("Authorization", "").partition(" ")[0].lower()
    return Exchange(
        method=method,
        path=_plain_path(path),
        query={n: v for n, v in query.items() if n in KEPT and _SAFE.fullmatch(v)},
        auth={"pardot": "api_key", "bearer": "bearer"}.get(scheme, ""),
        body=_plain_body(path, sent),
        status=status,
        content_type=content_type.partition(";")[0].strip().lower(),
        shape=shape_of(content, content_type),
    )


def _plain_path(path: str) -> str:
    """Give a path without ids and without anything else that somebody may have put into it."""
    replaced = _IDS.sub(lambda found: f"/{found[1]}/{{{found[1]}}}", path)
    segments = [
        s if _SAFE.fullmatch(s) and "@" not in s else "{value}" for s in replaced.split("/")
    ]
    return "/".join(segments)


def _plain_body(path: str, sent: bytes) -> Any:  # noqa: ANN401 - JSON
    """Give the request of an export without the values of its arguments."""
    if not path.endswith("/do/create") or "/export/" not in path:
        return None
    try:
        body = json.loads(sent)
        procedure = body.get("procedure", {})
        arguments = sorted(procedure.get("arguments") or {})
        kept = {name: body[name] for name in ("object", "fields") if name in body}
        return {**kept, "procedure": {"name": procedure.get("name"), "arguments": arguments}}
    except (ValueError, AttributeError, TypeError):
        return "unreadable"
