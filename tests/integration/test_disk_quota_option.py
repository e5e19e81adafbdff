"""How a disk quota is written on the command line."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pardot_mock import serveoptions
from pardot_mock.cli import main

UNITS = {
    **{f"{prefix}B": 1000**power for power, prefix in enumerate(("", "K", "M", "G", "T"))},
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGT", 1)},
}


def read(text: str) -> int:
    size: int = serveoptions._Size().convert(text, None, None)
    return size


@given(st.sampled_from(sorted(UNITS)), st.integers(1, 999_999), st.sampled_from(("", " ")))
def test_a_size_is_a_number_of_its_unit(unit: str, thousandths: int, between: str) -> None:
    size = thousandths * UNITS[unit] / 1000
    text = f"{thousandths // 1000}.{thousandths % 1000:03}{between}{unit}"
    if round(size) < 1_000_000:
        assert "the least is 1MB" in refusal(text)
    else:
        assert abs(read(text) - size) <= 1
        assert read(text) == read(text.lower())


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1.5GB", 1_500_000_000),
        ("1GiB", 1_073_741_824),
        ("1000KB", 1_000_000),
        ("1000kB", 1_000_000),
        ("20M", 20_000_000),
        ("20000000", 20_000_000),
        ("20000000B", 20_000_000),
    ],
)
def test_a_size_may_be_written_in_many_ways(text: str, size: int) -> None:
    assert read(text) == size


@pytest.mark.parametrize("text", ["10", "0", "1KB", "999999", "0.9MB"])
def test_less_than_a_megabyte_is_refused_with_the_least(text: str) -> None:
    assert f"'{text}' is too little: the least is 1MB, a million bytes" in refusal(text)


@pytest.mark.parametrize("text", ["", "GB", "-5MB", "1e9", "1,5GB", "5 PB", "1.GB", "five", "1BB"])
def test_what_is_no_size_is_refused_with_the_units(text: str) -> None:
    said = refusal(text)
    assert f"{text!r} is no size: give a number and" in said
    assert "B, KB, MB, GB, TB, KiB, MiB, GiB or TiB, as in 1.5GB" in said


def refusal(text: str) -> str:
    result = CliRunner().invoke(main, ["serve", "--disk-quota", text])
    assert result.exit_code == 2
    return " ".join(result.output.replace("│", " ").split())
