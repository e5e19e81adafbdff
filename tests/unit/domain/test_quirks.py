"""Quirks are known by name, hold known values, and are data of the account."""

from __future__ import annotations

import pytest

from pardot_mock.domain.procedures import csv_format
from pardot_mock.domain.quirks import QUIRKS, Quirks, UnknownQuirkError

EVIDENCE = {"recorded", "documented", "client", "observed", "inferred", "chosen"}


def test_every_quirk_says_what_its_default_rests_on_and_can_be_set_to_something_else() -> None:
    for quirk in QUIRKS.values():
        assert quirk.evidence in EVIDENCE
        assert quirk.meaning.endswith(".")
        assert quirk.others or quirk.number or quirk.free_text
        assert quirk.default not in quirk.others


def test_values_are_read_from_text_numbers_and_booleans() -> None:
    quirks = Quirks.of(
        {"echo_request": False, "year_tolerance_seconds": "0", "expired_download_code": "109",
         "csv_content_type": "text/plain"}
    )  # fmt: skip
    assert not quirks.on("echo_request")
    assert quirks.number("year_tolerance_seconds") == 0
    assert quirks.number("expired_download_code") == 109
    assert quirks.text("csv_content_type") == "text/plain"
    assert quirks["export_wrapper"] == "wrapped"


def test_setting_one_more_keeps_the_others() -> None:
    quirks = Quirks.of({"echo_request": "off"}).with_({"id_step": 2})
    assert (quirks["echo_request"], quirks["id_step"]) == ("off", 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unheard_of", "on"),
        ("auth_era", "stone"),
        ("id_step", -1),
        ("id_step", "many"),
        ("csv_content_type", "a\r\nb"),
        ("csv_content_type", ""),
        ("permission_code", 47),
    ],
)
def test_an_unknown_name_or_value_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(UnknownQuirkError, match=name):
        Quirks.of({name: value})


def test_the_csv_quirks_become_the_format_of_the_files() -> None:
    wanted = {"csv_bom": "on", "csv_line_end": "crlf", "csv_quoting": "all",
              "csv_boolean": "1_0", "csv_multi_separator": "|"}  # fmt: skip
    form = csv_format(Quirks.of(wanted))
    assert (form.bom, form.line_end, form.quoting) == (True, "\r\n", "all")
    assert (form.boolean, form.multi_separator) == ("1_0", "|")
