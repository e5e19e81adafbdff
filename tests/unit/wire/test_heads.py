"""The head of an answer: the recorded order, whatever the order in which headers were made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pardot_mock.wire.heads import head_bytes

RECORDED = (
    *("Date", "Set-Cookie", "Expires", "Cache-Control", "Pragma", "X-Pardot-Rsp", "P3p", "Vary"),
    *("Content-Length", "Content-Type", "X-Pardot-Route", "Server", "X-Pardot-LB"),
)


@given(st.permutations([*RECORDED, "X-Else"]))
def test_headers_are_written_in_the_recorded_order_and_others_after_them(names: list[str]) -> None:
    lines = head_bytes("1.1", "200 OK", [(name, "v") for name in names]).decode().split("\r\n")
    assert lines == ["HTTP/1.1 200 OK", *(f"{name}: v" for name in (*RECORDED, "X-Else")), "", ""]


def test_headers_of_one_name_keep_their_order() -> None:
    head = head_bytes("1.0", "200 OK", [("X-A", "1"), ("Set-Cookie", "b"), ("set-cookie", "a")])
    assert head == b"HTTP/1.0 200 OK\r\nSet-Cookie: b\r\nset-cookie: a\r\nX-A: 1\r\n\r\n"
