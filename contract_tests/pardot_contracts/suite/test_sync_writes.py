"""Writing to synchronous objects: what was written is found, and what was deleted is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pardot_contracts.records import element_of, number, query, read, read_reply

if TYPE_CHECKING:
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.records import Record

EMAIL = "written-by-the-contract@example.net"
NO_CONTENT = 204


def created(raw: RawDriver, name: str, /, **fields: str) -> Record:
    """Create a record, and give what the answer shows of it."""
    reply = raw.call_object("POST", name, "create", data=fields)
    envelope = reply.envelope(raw.form)
    assert envelope.stat == "ok", reply.text
    shown: Any = envelope.payload[element_of(name)]
    assert {field: shown[field] for field in fields} == fields
    return dict(shown)


def assert_deletes(raw: RawDriver, name: str, record: Record) -> None:
    """Delete a record, and expect no content and no record."""
    reply = raw.call_object("POST", name, f"delete/id/{record['id']}")
    assert (reply.status, reply.body) == (NO_CONTENT, b"")
    assert number(record["id"]) not in query(raw, name, id_greater_than=int(record["id"]) - 1).ids


@pytest.mark.requirement("ENV-025")
def test_a_deleted_list_is_gone(raw: RawDriver) -> None:
    record = created(raw, "list", name="Nuts & Bolts")
    assert read(raw, "list", "id", record["id"])["name"] == "Nuts & Bolts"
    assert_deletes(raw, "list", record)
    assert not read_reply(raw, "list", "id", record["id"]).answer(raw.form).ok


@pytest.mark.requirement("ENV-025", "SYNC-019", "SYNC-021")
@pytest.mark.needs("writes")
def test_a_prospect_is_found_by_what_was_written_until_it_is_deleted(raw: RawDriver) -> None:
    record = created(raw, "prospect", email=EMAIL, first_name="Ann")
    assert number(read(raw, "prospect", "email", EMAIL)["id"]) == number(record["id"])
    assert_deletes(raw, "prospect", record)
    archived = query(raw, "prospect", deleted="true", id_greater_than=int(record["id"]) - 1)
    assert number(record["id"]) in archived.ids
