"""Both formats of an answer say the same: over whole sequences of calls, right and wrong.

Two worlds with the same seed get the same calls; one answers XML, the other JSON.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from defusedxml import ElementTree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pardot_mock.credentials import credentials
from pardot_mock.newaccount import AccountWish, account_options
from pardot_mock.web.app import create_app
from pardot_mock.world import World
from tests.fuzz.calls import calls
from tests.fuzz.probe import QUIRKS
from tests.integration.conftest import EXPORT, START, Caller, activity_export

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from tests.fuzz.calls import Call

Facts = Any
CREDENTIALS = ("email", "password", "user_key")


def of_xml(element: Element) -> Facts:
    """Give the facts of an element: text, or what its attributes and children say."""
    if not len(element) and not element.attrib:
        return element.text or ""
    facts: dict[str, Any] = {}
    for child in element:
        facts.setdefault(child.tag, []).append(of_xml(child))
    found = {tag: items[0] if len(items) == 1 else items for tag, items in facts.items()}
    if element.attrib:
        found["@attributes"] = dict(element.attrib)
    return found


def of_json(value: Any) -> Facts:
    """Give the facts of a JSON value in the same shape."""
    if isinstance(value, dict):
        known = {key: of_json(each) for key, each in value.items()}
        return {key: each for key, each in known.items() if each != []} or ""
    if isinstance(value, list):
        items = [of_json(each) for each in value]
        return items[0] if len(items) == 1 else items
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def xml_facts(body: bytes) -> Facts:
    """Give the facts of an XML answer, with the code of a refusal where JSON has it."""
    root = ElementTree.fromstring(body)
    facts = of_xml(root)
    facts["@attributes"] = {"stat": root.get("stat"), "version": "1"}
    error = root.find("err")
    if error is not None:
        facts["err"] = error.text or ""
        facts["@attributes"]["err_code"] = error.get("code")
    return facts


class Twin:
    """One of two worlds, and the format it is asked for."""

    def __init__(self, world: World, form: str) -> None:
        self.form = form
        wish = AccountWish("default", now=START, rate=0.0, rows=300, quirks=QUIRKS)
        self.account = world.create(account_options(wish))
        self.client = create_app(world).test_client()
        self.credentials = credentials(self.account.info, self.account.owner)
        self.caller = Caller(self.client, self.credentials).log_in()

    def facts(self, method: str, path: str, **sent: Any) -> Facts:
        """Make a call and give the facts of its answer."""
        joint = "&" if "?" in path else "?"
        url = f"{path}{joint}format={self.form}"
        headers = {**self.caller.headers, **sent.pop("headers", {})}
        answer = self.client.open(url, method=method, headers=headers, **sent)
        if answer.mimetype == "text/xml":
            return answer.status_code, xml_facts(answer.data)
        if answer.mimetype == "application/json":
            return answer.status_code, of_json(json.loads(answer.data))
        return answer.status_code, answer.data

    def do(self, step: tuple[str, Any]) -> Facts:
        """Take one step of a sequence."""
        kind, what = step
        if kind == "login":
            form = {name: self.credentials[name] for name in CREDENTIALS}
            return self.facts("POST", "/api/login/version/4", data={**form, **what})
        if kind == "create":
            return self.facts("POST", f"{EXPORT}/create", json=what)
        if kind == "read":
            return self.facts("GET", f"{EXPORT}/read/id/{what}")
        if kind == "query":
            return self.facts("GET", f"{EXPORT}/query?{what}")
        if kind == "advance":
            self.account.move_clock(lambda clock, real: clock.advance(what, real))
            return None
        return self._call(what)

    def _call(self, call: Call) -> Facts:
        path = call.target
        if call.caller != "good":
            return None
        return self.facts(call.method, path, data=call.body, content_type=call.content_type)


@contextmanager
def two_worlds() -> Iterator[tuple[Twin, Twin]]:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        first, second = World(Path(one)), World(Path(two))
        try:
            yield Twin(first, "xml"), Twin(second, "json")
        finally:
            first.close()
            second.close()


# XML cannot hold control characters at all, so texts that are echoed are printable.
words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=12)
bodies = st.one_of(
    st.just(activity_export()),
    st.builds(lambda t: activity_export(type=t), st.lists(st.sampled_from([1, 2, 6, 99]))),
    st.builds(lambda word: activity_export(created_before=word), words),
    st.builds(lambda word: {**activity_export(), "object": word}, words),
    st.builds(lambda names: {**activity_export(), "fields": names},
              st.lists(st.sampled_from(["id", "details", "nonsense"]), max_size=3)),
)  # fmt: skip
steps = st.one_of(
    st.tuples(st.just("login"), st.sampled_from([{}, {"password": "x"}, {"email": "<&>"}])),
    st.tuples(st.just("create"), bodies),
    st.tuples(st.just("read"), st.sampled_from([1001, 1002, 1003, 7, "x"])),
    st.tuples(st.just("query"), st.sampled_from(["", "limit=1", "status=Complete", "sort_by=<"])),
    st.tuples(st.just("advance"), st.timedeltas(timedelta(0), timedelta(days=9))),
    st.tuples(st.just("call"), calls("/api/")),
)  # fmt: skip


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(steps, min_size=3, max_size=10))
def test_xml_and_json_of_every_answer_say_the_same(sequence: list[tuple[str, Any]]) -> None:
    """ENV-028, ERR-006."""
    with two_worlds() as (xml, form):
        for step in sequence:
            assert xml.do(step) == form.do(step), step
