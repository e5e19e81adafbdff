"""A journal as HAR 1.2. What the journal does not keep is left out or -1, as the format has it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from pardot_mock import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pardot_mock.controltypes import EntryFacts

VERSION = "1.2"
UNKNOWN = -1


def har_of(entries: Iterable[EntryFacts], base_url: str) -> dict[str, Any]:
    """Give the log of the calls, oldest first; instants are those of the account's clock.

    Credentials are blanked, bodies are there as far as the journal keeps them.
    """
    return {
        "log": {
            "version": VERSION,
            "creator": {"name": "pardot-mock", "version": __version__},
            "entries": [_entry(entry, base_url.rstrip("/")) for entry in entries],
        }
    }


def _entry(entry: EntryFacts, base_url: str) -> dict[str, Any]:
    return {
        "startedDateTime": entry["at"],
        "time": entry["duration_ms"],
        "request": _request(entry, base_url),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": entry["duration_ms"], "receive": 0},
        "comment": " ".join(filter(None, [entry["op"], entry["state"], entry["detail"]])),
    }


def _request(entry: EntryFacts, base_url: str) -> dict[str, Any]:
    query = f"?{urlencode(entry['query'])}" if entry["query"] else ""
    request: dict[str, Any] = {
        "method": entry["method"],
        "url": f"{base_url}{quote(entry['path'])}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "queryString": [{"name": n, "value": v} for n, v in entry["query"].items()],
        "headersSize": UNKNOWN,
        "bodySize": len(entry["sent"].encode()),
    }
    if entry["sent"]:
        request["postData"] = {"mimeType": sent_type(entry), "text": entry["sent"]}
    return request


def _response(entry: EntryFacts) -> dict[str, Any]:
    status = entry["status"]
    content: dict[str, Any] = {"size": entry["bytes"], "mimeType": answered_type(entry)}
    if entry["answered"]:
        content["text"] = entry["answered"]
    return {
        "status": status,
        "statusText": HTTPStatus(status).phrase if status in set(HTTPStatus) else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": content,
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": entry["bytes"],
    }


def sent_type(entry: EntryFacts) -> str:
    """Give the content type of what was sent, as far as the journal keeps it."""
    is_json = entry["sent"].startswith("{")
    return "application/json" if is_json else "application/x-www-form-urlencoded"


def answered_type(entry: EntryFacts) -> str:
    """Give the content type of the answer, without parameters."""
    if entry["op"] == "download" and entry["error_code"] is None:
        return "text/csv"
    start = entry["answered"][:1]
    if start in ("{", "["):
        return "application/json"
    return "text/xml" if entry["answered"].startswith(("<?xml", "<rsp")) else "text/plain"
