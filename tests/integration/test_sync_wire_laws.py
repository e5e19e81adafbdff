"""Laws of queries on the wire: both formats say the same, pages lose nothing, exports agree."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_mock.domain.syncobjects import SYNC_OBJECTS

if TYPE_CHECKING:
    from .conftest import Bench, Caller

QUERIED = sorted(name for name, found in SYNC_OBJECTS.items() if "query" in found.operations)
OUTPUTS = ("full", "simple", "mobile", "bulk", "other")
# Good and bad values of every kind of parameter; ids are those of the small world or of nobody.
TEXTS = {
    "time": ("2025-01-01", "2026-01-15 12:00:00", "-30 days", "today", "last_7_days", "tomorrow?"),
    "id": ("59000600", "14900", "1", "x"),
    "ids": ("59000121,59000142", "1", "14898,14906", "x,1"),
    "boolean": ("true", "false", "TRUE"),
    "number": ("50", "99.5", "x"),
    "grade": ("A", "c-", "Z"),
    "activity types": ("6", "1,21,11", "x"),
    "text": ("New", "prospect", "nothing of that name"),
    "user id or e-mail": ("2744", "nobody@example.com", "x"),
    "e-mail": ("nobody@example.com", "x"),
}
Facts = list[tuple[str, Any]]


@st.composite
def queries(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """An object and random parameters, some of them bad."""
    name = draw(st.sampled_from(QUERIED))
    found = SYNC_OBJECTS[name]
    given = {
        each.name: draw(st.sampled_from(TEXTS[each.takes]))
        for each in draw(st.lists(st.sampled_from(found.filters), max_size=3))
    }
    columns = st.sampled_from(sorted(found.sorts) or ["id"])
    extra = {
        "limit": st.sampled_from(["1", "3", "250", "0"]),
        "offset": st.sampled_from(["0", "2", "999999", "-1"]),
        "sort_by": columns | columns.map(lambda column: f"{column},id"),
        "sort_order": st.sampled_from(["ascending", "descending", "up"]),
        "output": st.sampled_from(OUTPUTS),
        "fields": st.sampled_from(["id", "email,score", "name", "prospect_id,campaign"]),
        "deleted": st.sampled_from(["true", "false", "yes"]),
    }
    for key in draw(st.lists(st.sampled_from(sorted(extra)), unique=True, max_size=4)):
        given[key] = draw(extra[key])
    return name, given


def json_facts(tree: Any) -> Any:
    """What a JSON value says: text, or the things inside with arrays taken apart."""
    if isinstance(tree, dict):
        facts: Facts = []
        for key, value in tree.items():
            for each in value if isinstance(value, list) else [value]:
                facts.append((key, json_facts(each)))
        return facts or ""
    if tree is None:
        return ""
    return str(tree).lower() if isinstance(tree, bool) else str(tree)


def xml_facts(element: ET.Element) -> Any:
    if len(element):
        return [(child.tag, xml_facts(child)) for child in element]
    return element.text or ""


@settings(deadline=None, max_examples=30)
@given(asked=queries())
def test_both_formats_of_an_answer_say_the_same(
    reader: Caller, asked: tuple[str, dict[str, str]]
) -> None:
    name, given_ = asked
    url = f"/api/{name}/version/4/do/query"
    in_json = reader.client.get(
        url, query_string={**given_, "format": "json"}, headers=reader.headers
    )
    in_xml = reader.client.get(url, query_string=given_, headers=reader.headers)
    assert in_json.status_code == in_xml.status_code in (200, 400)
    tree = in_json.get_json()
    attributes = tree.pop("@attributes")
    root = ET.fromstring(in_xml.data)  # noqa: S314 - our own answer
    assert root.attrib == {"stat": attributes["stat"], "version": "1.0"}
    if attributes["stat"] == "fail":
        (refusal,) = root
        assert refusal.attrib == {"code": str(attributes["err_code"])}
        assert refusal.text == tree["err"]
    else:
        assert xml_facts(root) == json_facts(tree)


def every_row(
    reader: Caller, query: str, mark: str = "id_greater_than", column: str = "id"
) -> list[dict[str, Any]]:
    """Page by high-water mark until a page is not full."""
    rows: list[dict[str, Any]] = []
    last = ""
    while True:
        since = f"&{mark}={last}" if last else ""
        answer = reader.get(
            f"/api/visitorActivity/version/4/do/query?format=json&output=bulk&{query}{since}"
        )
        page = (answer.get_json()["result"] or {}).get("visitor_activity", [])
        page = page if isinstance(page, list) else [page]
        rows += page
        if len(page) < 200:
            return rows
        last = str(page[-1][column]).replace(" ", "%20")


@pytest.mark.parametrize("more", ["", "&type=6,11,20", "&prospect_only=true"])
def test_pages_by_id_hold_every_row_of_the_export_exactly_once(bench: Bench, more: str) -> None:
    caller = bench.caller()
    bounds = {"created_after": "2025-03-01", "created_before": "2026-02-01"}
    query = "&".join(f"{key}={value}" for key, value in bounds.items()) + more
    paged = every_row(caller, query)
    arguments: dict[str, Any] = dict(bounds)
    if "type" in more:
        arguments["type"] = [6, 11, 20]
    if "prospect_only" in more:
        arguments["prospectOnly"] = True
    body = {
        "object": "visitorActivity",
        "procedure": {"name": "filter_by_created_at", "arguments": arguments},
    }
    export = caller.create(body).get_json()["export"]["id"]
    bench.advance("10m")
    text = caller.get(caller.read(export)["resultRefs"]).data.decode()
    exported = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(paged) == len(exported) > 200
    as_cells = [
        {name: "" if row.get(name) is None else str(row[name]) for name in exported[0]}
        for row in paged
    ]
    assert sorted(as_cells, key=_id) == sorted(exported, key=_id)


def _id(row: dict[str, str]) -> int:
    return int(row["id"])


def test_pages_by_update_hold_every_row_where_no_second_is_shared(reader: Caller) -> None:
    query = "sort_by=updated_at&sort_order=ascending"
    paged = every_row(reader, query, "updated_after", "updated_at")
    seconds = [row["updated_at"] for row in paged]
    assert seconds == sorted(seconds)
    assert len({row["id"] for row in paged}) == len(paged)
    lost = 3000 - len(paged)
    # What stands on the same second as the end of a page is lost, as with the real service.
    assert 0 <= lost <= 15
