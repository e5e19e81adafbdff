"""Records show the fields of the catalogue, so that a field needs no second table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pardot_fixtures.catalog import OBJECTS, Field
from pardot_mock.domain.proceduretable import EXPORT_OBJECTS
from pardot_mock.domain.shapes import SHAPES, Custom, One, Part, Shape, Some, Value, whole
from pardot_mock.domain.syncobjects import SYNC_OBJECTS


def columns(parts: tuple[Part, ...]) -> list[str]:
    """Name the columns whose values the parts show, in their order."""
    shown = [p.column if isinstance(p, Value) else getattr(p, "bulk", "") for p in parts]
    return [name for name in shown if name]


NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[list[Field], Shape]:
    """Draw the fields of an object, and a shape that shows some in an order of its own."""
    names = draw(NAMES)
    fields = [
        Field(name, "string", default=draw(st.booleans()), custom=draw(st.booleans()))
        for name in names
    ]
    own = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    parts: list[Part] = []
    for name in own:
        joined = One("x", "campaign", "id", "simple", bulk=name)
        parts.append(draw(st.sampled_from([Value(name), Value("x", source=name), joined])))
    for part in draw(st.lists(st.sampled_from([Custom(), Some("y", "y", "tag", "id", "full")]))):
        parts.insert(draw(st.integers(0, len(parts))), part)
    hidden = tuple(name for name in names if name not in own and draw(st.booleans()))
    return fields, Shape(tuple(parts), hidden=hidden)


@given(case=shapes())
def test_a_shape_is_completed_by_every_field_it_neither_shows_nor_hides(
    case: tuple[list[Field], Shape],
) -> None:
    fields, shape = case
    parts = whole(shape, fields).parts
    assert [part for part in parts if part in shape.parts] == list(shape.parts)
    custom = any(isinstance(part, Custom) for part in shape.parts)
    shown = {
        field.name
        for field in fields
        if field.default and field.name not in shape.hidden and not (field.custom and custom)
    }
    found = columns(parts)
    assert len(found) == len(set(found))
    assert set(found) == shown | set(columns(shape.parts))
    before = ""
    for field in fields:
        if field.name in found and field.name not in columns(shape.parts):
            place = parts.index(Value(field.name))
            assert columns(parts[place - 1 : place]) == ([before] if before else [])
        before = field.name if field.name in found else before


@pytest.mark.parametrize("name", [name for name in SHAPES if name in OBJECTS])
def test_a_record_shows_every_default_field_of_the_catalogue_but_the_hidden_ones(name: str) -> None:
    shape = SHAPES[name]
    fields = {field.name for field in OBJECTS[name].fields if field.default}
    if any(isinstance(part, Custom) for part in shape.parts):
        fields -= {field.name for field in OBJECTS[name].fields if field.custom}
    assert fields - set(columns(shape.parts)) == set(shape.hidden)


def test_every_object_that_can_be_called_has_a_shape() -> None:
    assert set(SYNC_OBJECTS) <= set(SHAPES)


def test_an_object_with_an_export_has_procedures_and_can_be_queried() -> None:
    exportable = [name for name, found in OBJECTS.items() if found.exportable]
    assert sorted(EXPORT_OBJECTS) == sorted(exportable)
    assert [name for name in exportable if "query" not in SYNC_OBJECTS[name].operations] == []
