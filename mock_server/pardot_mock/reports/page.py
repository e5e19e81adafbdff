"""Reports as one HTML page that needs nothing else: no script, no style and no image from afar."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pardot_mock.reports.model import FAIL, PASS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pardot_mock.reports.model import Report, Result

STYLE = """
:root{color-scheme:light dark;--line:#8884}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
td,th{border-top:1px solid var(--line);padding:.35rem .6rem;text-align:left;vertical-align:top}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{overflow:auto;border:1px solid var(--line);padding:.6rem}
.fail{color:#b3261e}.pass{color:#1b7f3b}.none{opacity:.6}
@media(prefers-color-scheme:dark){.fail{color:#ff8a80}.pass{color:#81c995}}
"""
_CLASSES = ((FAIL, "fail"), (PASS, "pass"))


def document(title: str, body: Iterable[str]) -> str:
    """Put escaped HTML into a page that stands alone."""
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
    )
    return "\n".join([head, f"<h1>{escape(title)}</h1>", *body, "</body></html>\n"])


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Give a table; the cells are HTML already."""
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in heads)
    lines = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def facts_table(facts: Mapping[str, str]) -> str:
    """Give names and values."""
    rows = ([escape(name), f"<code>{escape(value)}</code>"] for name, value in facts.items())
    return table(("fact", "value"), rows)


def as_html(report: Report) -> str:
    """Write a page: the sum, then each scenario with what was broken first."""
    body = [f"<p><code>{escape(report.subject)}</code></p><p>{escape(report.summary())}</p>"]
    if report.facts:
        body.append(facts_table(report.facts))
    for name, results in report.scenarios():
        if name:
            body += [f"<h2>{escape(name)}</h2>", facts_table(report.sections.get(name, {}))]
        ordered = sorted(results, key=lambda result: (result.status != FAIL, result.status != PASS))
        heads = ("status", "rule", "level", "axis", "what", "where")
        body.append(table(heads, (_cells(result) for result in ordered)))
    return document(report.title, body)


def _cells(result: Result) -> list[str]:
    colour = dict(_CLASSES).get(result.status, "none")
    places = "".join(f"<pre>{escape(str(place))}</pre>" for place in result.places)
    message = escape(result.message).replace("\n", "<br>")
    return [
        f'<span class="{colour}">{escape(result.status)}</span>',
        f'<span title="{escape(result.says)}">{escape(result.rule)}</span>',
        escape(result.level),
        escape(result.axis),
        message,
        places or escape(", ".join(result.calls[:5])),
    ]
