"""The abbreviations of zones mean what the zone database says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pardot_mock.domain.dates import parse_instant
from pardot_mock.domain.datewords import ABBREVIATIONS

PLACES = """
UTC Europe/Lisbon Europe/London Europe/Berlin Europe/Athens Europe/Moscow Asia/Tokyo Asia/Seoul
Australia/Adelaide Australia/Sydney Pacific/Auckland America/St_Johns America/Halifax
America/New_York America/Chicago America/Denver America/Los_Angeles America/Anchorage
Pacific/Honolulu
"""
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def offsets_by_abbreviation() -> dict[str, timedelta]:
    """Look up what the clocks of the places show in January and in July."""
    seasons = (NOON, NOON.replace(month=7))
    clocks = [now.astimezone(ZoneInfo(place)) for place in PLACES.split() for now in seasons]
    return {str(clock.tzname()).lower(): clock.utcoffset() or timedelta(0) for clock in clocks}


def test_an_abbreviation_stands_for_the_offset_its_places_have() -> None:
    offsets = {**offsets_by_abbreviation(), "z": timedelta(0)}
    read = {
        name: NOON - parse_instant(f"2026-01-15 12:00 {name}", now=NOON, zone=ZoneInfo("UTC"))
        for name in ABBREVIATIONS
    }
    assert read == {name: offsets[name] for name in ABBREVIATIONS}
