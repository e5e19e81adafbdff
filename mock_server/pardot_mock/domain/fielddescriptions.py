"""What `describe` tells of the fields of an object. Which types there are is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_fixtures.catalog import OBJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pardot_fixtures.catalog import Field, Kind

_TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        "integer": "Number",
        "float": "Number",
        "string": "Text",
        "timestamp": "Date",
        "boolean": "Checkbox",
        "flag": "Checkbox",
    }
)


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """A field as `describe` shows it; `id` is its API name."""

    id: str
    label: str
    required: bool
    custom: bool
    type: str
    options: tuple[str, ...]


def described(name: str) -> Sequence[FieldDescription]:
    """Describe every field of an object that its records show."""
    return [_described(field) for field in OBJECTS[name].fields if field.default]


def _described(field: Field) -> FieldDescription:
    return FieldDescription(
        id=field.name,
        label=field.name.replace("_", " ").title(),
        required=field.name == "name",
        custom=field.custom,
        type="Dropdown" if field.options else _TYPES[field.kind],
        options=field.options,
    )
