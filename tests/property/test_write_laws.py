"""Laws of writing over the wire: a refused call leaves no trace, a served one is seen by everybody.

Calls are drawn with good and bad values alike, so that every check is met from both sides.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_mock.credentials import credentials
from pardot_mock.newaccount import AccountWish, account_options
from pardot_mock.web.app import create_app
from pardot_mock.world import World
from tests.integration.conftest import Bench, Caller

if TYPE_CHECKING:
    from collections.abc import Iterator


START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
laws = settings(deadline=None, max_examples=10)
EMAILS = st.sampled_from(["ann@example.com", "ANN@example.com", "bob@example.com", "nobody", ""])
TEXTS = st.sampled_from(["", "0", "false", "Rome", "-1", "x\x1f", "7", "999999999999999999999"])
FIELDS = st.dictionaries(
    st.sampled_from(["city", "score", "is_starred", "campaign_id", "Region", "Interests", "odd"]),
    TEXTS,
    max_size=3,
)
PROSPECT_CALLS = (
    "create", "update", "upsert", "delete", "assign", "unassign", "batchUpsert",
)  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, int, dict[str, Any]]:
    """Draw an operation on prospects, the version, and what is sent; `pick` stands for an id."""
    operation = draw(st.sampled_from(PROSPECT_CALLS))
    form: dict[str, Any] = draw(FIELDS)
    if draw(st.booleans()):
        form["email"] = draw(EMAILS)
    if draw(st.booleans()):
        form["id"] = draw(st.sampled_from(["pick 0", "pick 1", "7", "x", ""]))
    if operation == "assign":
        form["user_id"] = draw(st.sampled_from(["1", "2", "x", ""]))
    return operation, draw(st.sampled_from([3, 4])), form


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all examples: its accounts share nothing but the tables of the same seed."""
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.close()


class Story:
    """One account, and the prospects it must have as far as calls have touched them."""

    def __init__(self, world: World) -> None:
        self.world = world
        wish = AccountWish(world.unused_id(), now=START, rate=0.0, rows=100)
        account = world.create(account_options(wish))
        client = create_app(world).test_client()
        self.bench = Bench(world, account, client, Path())
        self.caller = Caller(client, credentials(account.info, account.owner)).log_in()
        self.ids = sorted(self.page("limit=2"))
        self.touched: dict[int, dict[str, Any]] = {}

    def page(self, parameters: str) -> dict[int, dict[str, Any]]:
        url = f"/api/prospect/version/4/do/query?format=json&{parameters}"
        found = self.caller.get(url).get_json()["result"].get("prospect", [])
        rows = found if isinstance(found, list) else [found]
        return {row["id"]: row for row in rows}

    def state(self) -> tuple[Any, ...]:
        account = self.bench.account
        return (
            account.results.dataset.version,
            account.importing.desk,
            account.importing.next_id,
            self.world.vault.used_bytes,
            [row["id"] for row in account.results.dataset.rows("prospect", None, ("id",))],
        )

    def call(self, operation: str, version: int, form: dict[str, Any]) -> None:
        sent = {name: self._picked(name, value) for name, value in form.items()}
        if operation == "batchUpsert":
            body: Any = [sent] if version == 4 else {"ann@example.com": sent}
            sent = {"prospects": json.dumps(body)}
        url = f"/api/prospect/version/{version}/do/{operation}?format=json"
        before = self.state()
        answer = self.caller.client.post(url, data=sent, headers=self.caller.headers)
        assert answer.status_code in (200, 201, 204, 400), answer.data
        body = answer.get_json() if answer.data else {}
        if answer.status_code == 400 or body.get("errors"):
            assert self.state() == before
            return
        assert self.state()[0] == before[0] + 1
        if operation == "delete":
            self.touched.pop(int(sent["id"]) if sent.get("id") else self._living(sent), None)
        elif operation == "batchUpsert":
            self._refresh()
        else:
            self.touched[body["prospect"]["id"]] = body["prospect"]

    def _picked(self, name: str, value: str) -> str:
        return str(self.ids[int(value[-1])]) if name == "id" and "pick" in value else value

    def _living(self, sent: dict[str, Any]) -> int:
        living = [i for i, row in self.touched.items() if _same(row["email"], sent["email"])]
        return max(living, default=0)

    def _refresh(self) -> None:
        """A batch shows no records: read those that are there now."""
        self.touched = {row_id: {**row} for row_id, row in self.updated().items()}

    def updated(self) -> dict[int, dict[str, Any]]:
        return self.page("updated_after=2026-03-10 11:59:59")

    def exported(self) -> Iterator[list[str]]:
        asked = {
            "object": "prospect",
            "fields": ["id", "email", "city"],
            "procedure": {
                "name": "filter_by_updated_at",
                "arguments": {"updated_after": "2026-03-10 11:59:59"},
            },
        }
        self.bench.control("clock", {"advance": "1s"})
        export_id = int(self.caller.create(asked).get_json()["export"]["id"])
        self.bench.control("clock", {"advance": "10s"})
        url = self.caller.read(export_id).get("resultRefs")
        if url is not None:
            text = self.caller.get(url.removeprefix("http://localhost")).text
            yield from list(csv.reader(io.StringIO(text)))[1:]


def _same(one: str | None, other: str | None) -> bool:
    return (one or "").lower() == (other or "").lower()


@laws
@given(drawn=st.lists(calls(), min_size=1, max_size=8))
def test_what_is_written_is_seen_once_by_query_and_export_and_a_refused_call_leaves_no_trace(
    world: World, drawn: list[tuple[str, int, dict[str, Any]]]
) -> None:
    story = Story(world)
    for call in drawn:
        story.call(*call)
    found = story.updated()
    assert set(found) == set(story.touched)
    for row_id, row in story.touched.items():
        shown = {name: value for name, value in found[row_id].items() if name in row}
        assert shown == {name: row[name] for name in shown}
    rows = sorted([str(i), row["email"] or "", row["city"] or ""] for i, row in found.items())
    assert sorted(story.exported()) == rows
    world.delete(story.bench.account.id)


STEPS = st.lists(st.integers(1, 6), min_size=2, max_size=6)


@laws
@given(
    looks=STEPS,
    files=st.lists(st.integers(0, 3), min_size=2, max_size=3),
    gap=st.integers(0, 4),
)
def test_looking_more_often_never_changes_what_imports_and_exports_hold(
    world: World, looks: list[int], files: list[int], gap: int
) -> None:
    outcomes = []
    for often in (False, True):
        story = Story(world)
        outcomes.append(_of_imports(story, files, gap, looks if often else []))
        world.delete(story.bench.account.id)
    assert outcomes[0] == outcomes[1]


def _of_imports(story: Story, files: list[int], gap: int, looks: list[int]) -> Any:
    account, caller = story.bench.account, story.caller
    for number, rows in enumerate(files):
        text = "email\n" + "".join(f"p{row}@example.com\n" for row in range(rows))
        data = {
            "importInput": json.dumps(
                {"operation": "Upsert", "object": "Prospect", "state": "Ready"}
            ),
            "importFile": (io.BytesIO(text.encode()), f"{number}.csv"),
        }
        made = caller.client.post(
            "/api/import/version/4/do/create?format=json", data=data, headers=caller.headers
        )
        assert made.status_code == 200, made.data
        _export(caller)
        story.bench.control("clock", {"advance": f"{gap}s"})
    for seconds in looks:
        story.bench.control("clock", {"advance": f"{seconds}s"})
        for export_id in list(account.queue.by_id):
            caller.read(export_id)
    spent = sum(looks)
    story.bench.control("clock", {"advance": f"{120 - spent}s"})
    account.settle()
    exports = account.queue.by_id.values()
    return (
        [(one.id, one.state, one.finished_at) for one in account.importing.desk.by_id.values()],
        account.importing.outcomes,
        [(export.finished_at, account.results.truth(export)[0].digest) for export in exports],
        [row for row in account.results.dataset.rows("prospect") if row["created_at"] >= START],
    )


def _export(caller: Caller) -> None:
    arguments = {"updated_after": "2026-03-10 11:59:59", "updated_before": "2026-03-11"}
    caller.new_export(
        object="prospect",
        fields=["id", "email", "updated_at"],
        procedure={"name": "filter_by_updated_at", "arguments": arguments},
    )
