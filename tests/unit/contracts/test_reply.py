"""Reading answers: both formats say the same, and what is malformed gives no facts."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_contracts.problems import MalformedAnswerError
from pardot_contracts.reply import JSON, XML, Reply, several

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda text: text.strip() == text and "\ufffe" not in text and "\uffff" not in text
)
EXPORTS = st.fixed_dictionaries(
    {
        "id": st.integers(1, 10**9),
        "state": st.sampled_from(["Waiting", "Processing", "Complete", "Failed"]),
        "isExpired": st.booleans(),
        "resultRefs": st.lists(TEXT, max_size=4),
        "createdAt": TEXT,
    }
)


def reply(body: str | bytes, status: int = 200) -> Reply:
    return Reply(status, {}, body.encode() if isinstance(body, str) else body)


def collapsed(values: list[Any]) -> dict[str, Any]:
    """Apply the rule absent, value, array."""
    if not values:
        return {}
    return {"v": values[0] if len(values) == 1 else values}


def in_json(exports: list[dict[str, Any]]) -> str:
    def shown(export: dict[str, Any]) -> dict[str, Any]:
        refs = collapsed(export["resultRefs"])
        rest = {key: value for key, value in export.items() if key != "resultRefs"}
        return {**rest, **({"resultRefs": refs["v"]} if refs else {})}

    listed = collapsed([shown(export) for export in exports])
    result = {"total_results": len(exports), **({"export": listed["v"]} if listed else {})}
    return json.dumps({"@attributes": {"stat": "ok", "version": 1}, "result": result})


def in_xml(exports: list[dict[str, Any]]) -> str:
    def shown(export: dict[str, Any]) -> str:
        refs = "".join(f"<resultRefs>{escape(ref)}</resultRefs>" for ref in export["resultRefs"])
        return (
            f"<export><id>{export['id']}</id><state>{export['state']}</state>"
            f"<isExpired>{str(export['isExpired']).lower()}</isExpired>{refs}"
            f"<createdAt>{escape(export['createdAt'])}</createdAt></export>"
        )

    listed = "".join(shown(export) for export in exports)
    count = f"<total_results>{len(exports)}</total_results>"
    return f'<rsp stat="ok" version="1.0"><result>{count}{listed}</result></rsp>'


@given(st.lists(EXPORTS, max_size=4))
def test_both_formats_of_a_list_give_the_same_facts(exports: list[dict[str, Any]]) -> None:
    from_json = reply(in_json(exports)).answer(JSON)
    from_xml = reply(in_xml(exports)).answer(XML)
    assert from_json == from_xml
    assert from_json.total == len(exports)
    assert [list(item.refs) for item in from_json.exports] == [e["resultRefs"] for e in exports]


@given(st.lists(st.integers()))
def test_several_undoes_absent_value_and_array(values: list[int]) -> None:
    assert several(collapsed(values).get("v")) == values


@given(st.integers(1, 999), TEXT)
def test_both_formats_of_a_refusal_give_the_same_facts(code: int, text: str) -> None:
    attributes = {"stat": "fail", "version": 1, "err_code": code}
    from_json = reply(json.dumps({"@attributes": attributes, "err": text})).answer(JSON)
    error = f'<err code="{code}">{escape(text)}</err>'
    from_xml = reply(f'<rsp stat="fail" version="1.0">{error}</rsp>').answer(XML)
    assert from_json == from_xml
    assert (from_json.ok, from_json.code, from_json.message) == (False, code, text)


CELLS = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"])), min_size=2)


@given(st.lists(CELLS.map(lambda cells: cells[:2]), max_size=5))
def test_a_result_file_is_read_as_any_csv_writer_wrote_it(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([["id", "details"], *rows])
    file = reply(text.getvalue()).file()
    assert file.columns == ("id", "details")
    assert [list(row.values()) for row in file.rows] == rows


@pytest.mark.parametrize("body", ["", "id,name\n1\n", "id,name\n1,a,b\n"])
def test_a_file_without_a_header_or_with_a_ragged_row_is_malformed(body: str) -> None:
    with pytest.raises(MalformedAnswerError):
        reply(body).file()


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (JSON, "<rsp/>"),
        (JSON, "[1]"),
        (JSON, "{}"),
        (JSON, '{"@attributes":{"stat":"perhaps"}}'),
        (JSON, '{"@attributes":{"stat":"fail"},"err":"no code"}'),
        (JSON, '{"@attributes":{"stat":"ok"},"export":{"id":1,"state":"Waiting"}}'),
        (JSON, '{"@attributes":{"stat":"ok"},"export":{"id":1,"state":"W","isExpired":"no"}}'),
        (JSON, '{"@attributes":{"stat":"ok"},"export":"Waiting"}'),
        (XML, '{"@attributes":{"stat":"ok"}}'),
        (XML, "<html><body>Oops</body></html>"),
        (XML, '<rsp version="1.0"/>'),
        (XML, '<rsp stat="ok"><export><id>1</id></export></rsp>'),
        (XML, b"\xff\xfe"),
    ],
)
def test_a_malformed_body_gives_no_facts(form: str, body: str | bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        reply(body).answer(form)


def test_an_entity_bomb_is_not_expanded() -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaa">]><rsp stat="ok"><api_key>&a;</api_key></rsp>'
    with pytest.raises(MalformedAnswerError):
        reply(bomb).answer(XML)


def test_the_echo_of_a_request_is_kept_as_it_was_sent() -> None:
    echo = {"object": "prospect", "fields": ["id"], "procedure": {"name": "x", "arguments": {}}}
    export = {"id": 1, "state": "Waiting", "isExpired": False, **echo}
    body = json.dumps({"@attributes": {"stat": "ok", "version": 1}, "export": export})
    facts = reply(body).answer(JSON).export
    assert facts is not None
    assert facts.echo == echo
