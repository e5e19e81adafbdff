"""Pages and records of synchronous objects, as the suite reads them from XML and JSON alike.

JSON keeps its types; XML has text alone, so a case compares ids and counts through `number`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pardot_contracts.problems import MalformedAnswerError
from pardot_contracts.reply import several

if TYPE_CHECKING:
    from pardot_contracts.raw import RawDriver
    from pardot_contracts.reply import Reply

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """What a query answered: `total` is None where it is not told; `raw` is what stood there."""

    total: int | None
    records: tuple[Record, ...]
    raw: object

    @property
    def ids(self) -> list[int]:
        """The ids, in the order of the page."""
        return [number(record["id"]) for record in self.records]


def number(value: object) -> int:
    """Read an integer of JSON, or the text of one in XML."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise MalformedAnswerError(f"not a number: {value!r}")
    return int(value)


def element_of(name: str) -> str:
    """Give the key under `result` for an object: most are spelled as in the URL."""
    spelled = {
        "visitorActivity": "visitor_activity",
        "listMembership": "list_membership",
    }
    return spelled.get(name, name)


def page(reply: Reply, form: str, name: str) -> Page:
    """Read a page of the object `name`; a refusal is malformed here."""
    envelope = reply.envelope(form)
    if envelope.stat != "ok":
        raise MalformedAnswerError(f"refused: {envelope.code} {envelope.message}")
    found = envelope.payload.get("result")
    result = found if isinstance(found, Mapping) else {}
    held = result.get(element_of(name))
    total = number(result["total_results"]) if "total_results" in result else None
    return Page(total, tuple(several(held)), held)


def query(raw: RawDriver, name: str, **filters: object) -> Page:
    """Query an object, and read the page."""
    return page(query_reply(raw, name, **filters), raw.form, name)


def query_reply(raw: RawDriver, name: str, **filters: object) -> Reply:
    """Query an object, and give the whole answer."""
    params = {key: str(value) for key, value in filters.items()}
    return raw.call_object("GET", name, "query", params=params)


def read_reply(raw: RawDriver, name: str, field: str, value: object) -> Reply:
    """Read one record by a field that identifies it, and give the whole answer."""
    return raw.call_object("GET", name, "read", params={field: str(value)})


def read(raw: RawDriver, name: str, field: str, value: object) -> Any:  # noqa: ANN401 - as it came
    """Read one record, and give it as it stood there."""
    envelope = read_reply(raw, name, field, value).envelope(raw.form)
    if envelope.stat != "ok":
        raise MalformedAnswerError(f"refused: {envelope.code} {envelope.message}")
    return envelope.payload[element_of(name)]
