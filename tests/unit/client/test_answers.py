"""The envelope, in every shape it is known to have."""

from __future__ import annotations

import pytest

from pardot_client.answers import NotAnEnvelope, as_bool, as_int, as_list, as_text, read_answer
from pardot_client.dialect import Dialect
from pardot_client.xmltree import XmlRefused, parse_xml

DIALECT = Dialect("https://pi.pardot.com", 4, "json")
EXPORT = b'"id":7,"state":"Complete","isExpired":false,"resultRefs":"https:\\/\\/x\\/file\\/1"'

XML_EXPORT = (
    b'<rsp stat="ok" version="1.0"><export><id>7</id><state>Complete</state>'
    b"<isExpired>false</isExpired><resultRefs>https://x/file/1</resultRefs></export></rsp>"
)
TWO_FAULTS = (
    b'<rsp stat="fail" version="1.0"><err code="10000" param="name">is bad</err>'
    b'<err code="10000" param="city">is worse</err></rsp>'
)


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [
        (
            200,
            b'{"@attributes":{"stat":"fail","version":1,"err_code":15},"err":"Login failed"}',
            15,
            "Login failed",
        ),
        (
            200,
            b'<rsp stat="fail" version="1.0">\n   <err code="15">Login failed</err>\n</rsp>\n',
            15,
            "Login failed",
        ),
        (400, b'{"code":176,"message":"Missing argument."}', 176, "Missing argument."),
        (400, TWO_FAULTS, 10000, "name: is bad; city: is worse"),
        (400, b'<rsp stat="fail"><err code="10000" param="x" msg="no"/></rsp>', 10000, "x: no"),
        (400, b'{"error":"invalid_grant"}', None, None),
        (500, b'{"@attributes":{"stat":"fail"}}', None, None),
    ],
)
def test_every_known_error_shape_is_read(
    status: int, body: bytes, code: int | None, message: str | None
) -> None:
    answer = read_answer(status, {}, body)
    assert (answer.ok, answer.code, answer.message) == (False, code, message)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"surprise",
        b"[1]",
        b"{",
        b"<html><body>busy</body></html>",
        b"<rsp stat='ok'>",
        b"<!DOCTYPE rsp><rsp stat='ok'/>",
        b"<!DOCTYPE rsp [<!ENTITY a 'b'>]><rsp stat='ok'>&a;</rsp>",
        b"<!DOCTYPE rsp SYSTEM 'file:///etc/passwd'><rsp stat='ok'/>",
        b"<rsp>&undefined;</rsp>",
        b'<?xml version="1.0" encoding="no-such"?><rsp/>',
        b"<rsp>" + b"<a>" * 100 + b"</a>" * 100 + b"</rsp>",
        b"{" + b'"a":{' * 100_000,
    ],
)
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(NotAnEnvelope):
        read_answer(200, {}, body)


def test_a_document_type_alone_is_refused() -> None:
    with pytest.raises(XmlRefused, match="document type"):
        parse_xml(b"<!DOCTYPE rsp><rsp/>")


def test_no_content_is_a_success() -> None:
    assert read_answer(204, {}, b"").ok


@pytest.mark.parametrize(
    "body",
    [
        b'{"@attributes":{"stat":"ok","version":1},"export":{%b}}' % EXPORT,
        b'{"export":{%b}}' % EXPORT,
        b"{%b}" % EXPORT,
        b'{"@attributes":{"stat":"ok","version":1},%b,"export":{%b}}' % (EXPORT, EXPORT),
        XML_EXPORT,
    ],
    ids=["wrapped", "without attributes", "bare", "both", "xml"],
)
def test_an_export_is_found_with_and_without_its_wrapper(body: bytes) -> None:
    facts = DIALECT.export_of(read_answer(200, {}, body).payload)
    assert facts is not None
    assert (facts.id, facts.state, facts.is_expired) == (7, "Complete", False)
    assert facts.refs == ("https://x/file/1",)


@pytest.mark.parametrize("body", [b'{"export":{"state":"Complete"}}', b'{"export":null}', b"{}"])
def test_an_answer_without_id_or_state_describes_no_export(body: bytes) -> None:
    assert DIALECT.export_of(read_answer(200, {}, body).payload) is None


def test_an_empty_bulk_result_has_no_exports() -> None:
    for body in (b'{"result":null}', b'<rsp stat="ok"><result/></rsp>'):
        assert DIALECT.exports_of(read_answer(200, {}, body).payload) == (0, [])


def test_nulls_of_xml_are_nulls_however_they_are_written() -> None:
    body = b'<rsp stat="ok"><a/><b></b><c null="true"/><d>x</d></rsp>'
    payload = read_answer(200, {}, body).payload
    assert payload == {"a": None, "b": None, "c": None, "d": "x"}


def test_scalars_are_read_carefully() -> None:
    assert [as_int(text) for text in ("7", "x", None)] == [7, None, None]
    assert as_int(["7"]) is None
    assert [as_bool(text) for text in ("true", "1", "TRUE", "false", "0", None)] == [
        *[True] * 3,
        *[False] * 3,
    ]
    assert as_list({"a": "b"}) == [{"a": "b"}]
    assert as_text({"a": "b"}) is None
