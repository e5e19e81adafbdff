"""The error table: complete, literal, and the only place that knows a text."""

from __future__ import annotations

import copy
import hashlib
import pickle
from dataclasses import FrozenInstanceError

import pytest

from pardot_mock.domain.errors import ERRORS, ErrorCode, ErrorRow, Refused

# Taken from the protocol reference, not from the product: one changed blank changes it.
REFERENCE_DIGEST = "0fcd3062ac02e5134d58a60ddbcdca35dcffba3d0075e0520e22a90c57739fe9"


def _digest(rows: list[ErrorRow]) -> str:
    lines = [f"{row.code}|{row.since}|{row.message}|{row.text(newest=True)}" for row in rows]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_every_text_is_the_literal_of_the_protocol_reference() -> None:
    assert _digest([ERRORS[code] for code in sorted(ERRORS)]) == REFERENCE_DIGEST


def test_the_texts_clients_compare_byte_for_byte_are_as_they_expect() -> None:
    expected = {
        1: "Invalid API key or user key",
        15: "Login failed",
        46: "This API user lacks sufficient permissions for the requested operation",
        66: "You have exceeded your concurrent request limit.  Please wait, before trying again",
        88: "Your account must use version 4 of the API.",
        89: "Your account is unable to use version 4 of the API.",
        122: "Daily API rate limit met",
        178: "The current state of the export does not allow the operation",
        184: "access_token is invalid, unknown, or malformed",
    }
    assert {code: ERRORS[code].message for code in expected} == expected


def test_rows_are_kept_under_their_own_code_in_ascending_order() -> None:
    assert [row.code for row in ERRORS.values()] == list(ERRORS) == sorted(ERRORS)
    assert len(ERRORS) == 209


def test_every_code_with_a_text_has_exactly_one_name() -> None:
    with_text = {code for code, row in ERRORS.items() if row.message}
    assert {code.value for code in ErrorCode} == with_text == set(ERRORS) - {10000}
    assert len(ErrorCode.__members__) == len(with_text)


def test_a_rewording_differs_from_the_older_text() -> None:
    reworded = {code for code, row in ERRORS.items() if row.newest is not None}
    assert reworded == {37, 58, 65, 66, 73, 108, 138, 157}
    assert all(ERRORS[code].newest != ERRORS[code].message for code in reworded)


def test_codes_up_to_177_were_listed_in_2020_and_the_others_came_later() -> None:
    for code, row in ERRORS.items():
        assert row.since == ("newer" if 177 < code < 10000 else "2020")


def test_the_table_and_its_rows_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        ERRORS[1] = ERRORS[2]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        ERRORS[1].message = "something else"  # type: ignore[misc]


@pytest.mark.parametrize("code", list(ErrorCode))
def test_a_refusal_speaks_the_text_of_its_row(code: ErrorCode) -> None:
    refused = Refused(code, detail="why")
    row = ERRORS[code]
    assert refused.message() == row.message
    assert refused.message(newest=True) == (row.newest or row.message)


def test_a_refusal_appends_its_suffix_on_the_wire_and_keeps_its_detail_to_itself() -> None:
    refused = Refused(ErrorCode.INVALID_TOKEN, detail="session 7 ended", suffix=": Inactive token")
    expected = "access_token is invalid, unknown, or malformed: Inactive token"
    assert refused.message() == refused.message(newest=True) == expected
    assert str(refused) == "184 INVALID_TOKEN: session 7 ended"


def test_a_refusal_survives_copying_and_pickling() -> None:
    refused = Refused(ErrorCode.EXPORT_STATE, detail="export 12 is still Processing", suffix="!")
    for twin in (copy.copy(refused), pickle.loads(pickle.dumps(refused))):  # noqa: S301
        assert (twin.code, twin.detail, twin.suffix) == (
            ErrorCode.EXPORT_STATE,
            "export 12 is still Processing",
            "!",
        )
