"""A journal as a Pact file of version 3: what a client relied on, once for each kind of call.

An interaction names the state of the account it needs, as the verifier of `pardot-contracts` knows
it. Ids differ from run to run, so paths are matched by their shape and filled in by the state;
JSON answers are matched by type, but for the state of an export and the code of an error.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pardot_mock import __version__
from pardot_mock.interchange.har import answered_type, sent_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pardot_mock.controltypes import EntryFacts

_STALE = (1, 184)
_LIMITS = (122,)
_WRONG_STATE = 178
_IDS = re.compile(r"/(id|file)/[0-9]+")
_NAMES = (("id", "export_id"), ("file", "file_id"))
_EXACT = ("$.export.state", "$.export.isExpired", "$['@attributes'].stat")
_ERRORS = ("$['@attributes'].err_code", "$.err")


def pact_of(entries: Iterable[EntryFacts], consumer: str) -> dict[str, Any]:
    """Give the contract of `consumer` with the service; calls that a fault hit are left out."""
    interactions = {each["description"]: each for each in _interactions(entries)}
    return {
        "consumer": {"name": consumer},
        "provider": {"name": "pardot"},
        "interactions": list(interactions.values()),
        "metadata": {
            "pactSpecification": {"version": "3.0.0"},
            "pardot-mock": {"version": __version__},
        },
    }


def _interactions(entries: Iterable[EntryFacts]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        if not entry["faulted"] and entry["op"] != "unknown":
            state = _state(entry)
            code = entry["error_code"]
            refused = f", refused with code {code}" if code is not None else ""
            form = f" as {entry['format']}" if entry["format"] else ""
            yield {
                "description": f"{entry['op']}{form} with {state}{refused}",
                "providerStates": [{"name": state}],
                "request": _request(entry, has_export=state.startswith("an export")),
                "response": _response(entry),
            }


def _state(entry: EntryFacts) -> str:
    code = entry["error_code"]
    if code in _STALE:
        return "an api_key that has ended"
    if code in _LIMITS:
        return "no calls left for today"
    if entry["op"] == "download" and code is None:
        return "an export that is Complete"
    if entry["op"] == "read" and entry["state"]:
        return f"an export that is {'expired' if entry['expired'] else _finished(entry)}"
    if entry["op"] == "query":
        return "an export that is Complete"
    if entry["op"] == "download" and code == _WRONG_STATE:
        return f"an export that is {'expired' if entry['expired'] else 'Processing'}"
    return "an ordinary account"


def _finished(entry: EntryFacts) -> str:
    """Say in which state the export was, and how many files it had if it was Complete."""
    if entry["state"] != "Complete" or not entry["answered"].startswith("{"):
        return entry["state"]
    facts = json.loads(entry["answered"])
    found = facts.get("export", facts).get("resultRefs")
    if found is None:
        return "Complete without a file"
    return "Complete with several files" if isinstance(found, list) else "Complete"


def _request(entry: EntryFacts, *, has_export: bool) -> dict[str, Any]:
    request: dict[str, Any] = {"method": entry["method"], "path": entry["path"]}
    if entry["query"]:
        request["query"] = {name: [value] for name, value in entry["query"].items()}
    headers = {} if entry["op"] == "login" else {"Authorization": _credentials(entry)}
    if entry["sent"]:
        headers["Content-Type"] = sent_type(entry)
        is_json = sent_type(entry) == "application/json"
        request["body"] = json.loads(entry["sent"]) if is_json else entry["sent"]
    if headers:
        request["headers"] = headers
    if has_export and _IDS.search(entry["path"]):
        regex = _IDS.sub(lambda found: f"/{found[1]}/[0-9]+", entry["path"])
        request["matchingRules"] = {"path": _matchers({"match": "regex", "regex": f"^{regex}$"})}
        expression = entry["path"]
        for name, value in _NAMES:
            expression = re.sub(rf"/{name}/[0-9]+", f"/{name}/${{{value}}}", expression)
        filled = {"type": "ProviderState", "expression": expression, "dataType": "STRING"}
        request["generators"] = {"path": filled}
    return request


def _credentials(entry: EntryFacts) -> str:
    return "Bearer ***" if entry["auth"] == "bearer" else "Pardot api_key=***, user_key=***"


def _response(entry: EntryFacts) -> dict[str, Any]:
    response: dict[str, Any] = {"status": entry["status"]}
    kind = answered_type(entry)
    response["headers"] = {"Content-Type": kind}
    rules: dict[str, Any] = {
        "header": {"Content-Type": _matchers({"match": "regex", "regex": f"^{re.escape(kind)}.*$"})}
    }
    if kind == "application/json":
        response["body"] = body = json.loads(entry["answered"])
        exact = _ERRORS if entry["error_code"] is not None else _EXACT
        equal = {path: _matchers({"match": "equality"}) for path in exact if _has(body, path)}
        rules["body"] = {"$": _matchers({"match": "type"}), **equal}
    response["matchingRules"] = rules
    return response


def _has(body: Any, path: str) -> bool:  # noqa: ANN401 - JSON
    for name in re.findall(r"[@\w]+", path):
        if not isinstance(body, dict) or name not in body:
            return False
        body = body[name]
    return True


def _matchers(matcher: dict[str, Any]) -> dict[str, Any]:
    return {"combine": "AND", "matchers": [matcher]}
