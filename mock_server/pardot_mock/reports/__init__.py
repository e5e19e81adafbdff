"""Reports of verdicts, the same for the grade of a client and for a run of the contract suite."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_mock.reports.model import Place, Report, Result
from pardot_mock.reports.page import as_html
from pardot_mock.reports.plain import as_json, as_junit, as_markdown, as_text
from pardot_mock.reports.sarif import as_sarif

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WRITERS: Mapping[str, Callable[[Report], str]] = MappingProxyType(
    {
        "text": as_text,
        "json": as_json,
        "junit": as_junit,
        "sarif": as_sarif,
        "markdown": as_markdown,
        "html": as_html,
    }
)
"""What a report can look like, by the name that the command lines use."""

__all__ = ["WRITERS", "Place", "Report", "Result"]
