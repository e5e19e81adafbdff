"""XML and JSON of one tree say the same, and collections obey absent, object, array."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.wire.encoding import Keyed, Many, Tree, error_body, ok_body

names = st.from_regex(r"[a-z][A-Za-z_]{0,8}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), texts)


def _layer(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    many = st.lists(children, max_size=3).map(Many)
    return st.dictionaries(names, st.one_of(children, many), max_size=4)


trees = st.dictionaries(names, st.recursive(scalars, _layer, max_leaves=12), max_size=4)


def _kept(text: str) -> str:
    """What of a text XML can hold at all."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))


def _expected(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        found = {}
        for key, value in tree.items():
            items = value.items if isinstance(value, Many) else [value]
            if items:
                found[key] = [_expected(item) for item in items]
        return found or ""
    if isinstance(tree, bool):
        return "true" if tree else "false"
    return "" if tree is None else _kept(str(tree))


def _parsed(element: Any) -> Any:
    if len(element) == 0:
        return element.text or ""
    found: dict[str, list[Any]] = {}
    for child in element:
        found.setdefault(child.tag, []).append(_parsed(child))
    return found


@given(trees)
def test_xml_parses_to_the_facts_of_the_tree(tree: dict[str, Tree]) -> None:
    root = ElementTree.fromstring(ok_body("xml", tree))
    assert root.attrib == {"stat": "ok", "version": "1.0"}
    assert (_parsed(root) if len(root) else "") == _expected(tree)


def _collapsed(tree: Any) -> Any:
    if isinstance(tree, Many):
        items = [_collapsed(item) for item in tree.items]
        return items[0] if len(items) == 1 else items
    if isinstance(tree, Mapping):
        present = {k: v for k, v in tree.items() if not (isinstance(v, Many) and not v.items)}
        return {key: _collapsed(value) for key, value in present.items()}
    return tree


@given(trees)
def test_json_is_compact_ascii_and_parses_to_the_facts_of_the_tree(tree: dict[str, Tree]) -> None:
    body = ok_body("json", tree)
    parsed = json.loads(body)
    assert body.startswith(b'{"@attributes":{"stat":"ok","version":1}')
    assert body.isascii()
    assert b"/" not in body.replace(b"\\/", b"")
    del parsed["@attributes"]
    assert parsed == _collapsed(tree)


def test_the_recorded_bodies_are_written_byte_for_byte() -> None:
    empty = {"result": {"total_results": 0, "export": Many([])}}
    assert ok_body("json", empty) == (
        b'{"@attributes":{"stat":"ok","version":1},"result":{"total_results":0}}'
    )
    assert error_body("json", 4, "Invalid prospect email address") == (
        b'{"@attributes":{"stat":"fail","version":1,"err_code":4},'
        b'"err":"Invalid prospect email address"}'
    )
    assert error_body("xml", 15, "Login failed") == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<rsp stat="fail" version="1.0">\n'
        b'   <err code="15">Login failed</err>\n</rsp>\n'
    )


def test_null_an_empty_string_and_a_carriage_return_are_told_apart_in_xml() -> None:
    body = ok_body("xml", {"a": None, "b": "", "c": "x\r\n<y>"}).decode()
    assert "   <a/>\n" in body
    assert "   <b></b>\n" in body
    assert "   <c>x&#13;\n&lt;y&gt;</c>\n" in body


def test_one_item_stays_an_array_where_the_quirk_says_so() -> None:
    body = ok_body("json", {"refs": Many(["u"], collapse=False)})
    assert json.loads(body)["refs"] == ["u"]


@given(st.dictionaries(texts, texts, max_size=3))
def test_texts_by_key_are_an_object_in_json_and_elements_with_a_key_in_xml(
    found: dict[str, str],
) -> None:
    tree = {"errors": Keyed(found, "error")}
    assert json.loads(ok_body("json", tree, stat="fail")) == {
        "@attributes": {"stat": "fail", "version": 1},
        "errors": found,
    }
    root = ElementTree.fromstring(ok_body("xml", tree, stat="fail"))
    shown = [(each.get("key"), each.text or "") for each in root.iter("error")]
    assert root.get("stat") == "fail"
    assert shown == [(_kept(key), _kept(text)) for key, text in found.items()]
