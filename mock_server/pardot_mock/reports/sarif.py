"""Reports as SARIF 2.1.0, the format in which code hosts show findings beside the lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pardot_mock import __version__
from pardot_mock.reports.model import FAIL, PASS

if TYPE_CHECKING:
    from pardot_mock.reports.model import Place, Report, Result

VERSION = "2.1.0"
ROOT = "SRCROOT"


def as_sarif(report: Report) -> str:
    """Write one run; rules that were kept are results of kind `pass`, without a level."""
    rules: dict[str, Result] = {result.rule: result for result in report.results}
    places = {name: number for number, name in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "pardot-contracts",
                "version": __version__,
                "rules": [_rule(result) for result in rules.values()],
            }
        },
        "invocations": [{"executionSuccessful": True, "properties": dict(report.facts)}],
        "originalUriBaseIds": {ROOT: {"description": {"text": "where the run was started"}}},
        "columnKind": "unicodeCodePoints",
        "properties": {"subject": report.subject},
        "results": [_result(result, places[result.rule]) for result in report.results],
    }
    return json.dumps({"version": VERSION, "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(result: Result) -> dict[str, Any]:
    return {
        "id": result.rule,
        "shortDescription": {"text": result.says or result.rule},
        "help": {"text": result.source or result.says or result.rule},
        "defaultConfiguration": {"level": _level(result)},
        "properties": {"tags": [result.axis, result.level]},
    }


def _level(result: Result) -> str:
    return "error" if result.level == "must" else "warning"


def _result(result: Result, index: int) -> dict[str, Any]:
    kinds = {FAIL: "fail", PASS: "pass"}
    known: dict[str, Any] = {
        "ruleId": result.rule,
        "ruleIndex": index,
        "kind": kinds.get(result.status, "notApplicable"),
        # The standard wants no level where nothing failed.
        "level": _level(result) if result.status == FAIL else "none",
        "message": {"text": result.message},
        "properties": {"scenario": result.scenario, "calls": list(result.calls)},
    }
    if result.status == FAIL:
        first = str(result.places[0]) if result.places else ""
        known["partialFingerprints"] = {"rule/v1": f"{result.scenario}:{result.rule}:{first}"}
    if result.places:
        known["locations"] = [_location(place) for place in result.places]
    return known


def _location(place: Place) -> dict[str, Any]:
    absolute = place.file.startswith("/")
    where = {"uri": f"file://{quote(place.file)}"} if absolute else _relative(place)
    physical: dict[str, Any] = {"artifactLocation": where}
    if place.line:
        snippet = {"snippet": {"text": place.text}} if place.text else {}
        physical["region"] = {"startLine": place.line, **snippet}
    return {"physicalLocation": physical}


def _relative(place: Place) -> dict[str, str]:
    return {"uri": quote(place.file), "uriBaseId": ROOT}
