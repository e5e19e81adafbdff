"""Writes records as trees: the keys of the shape, in its order, for one output.

Timestamps are wall clock in the caller's timezone without an offset (recorded); a flag is 1 or
null, a boolean true or false (recorded).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.dates import local_text
from pardot_mock.domain.rows import FORM_HANDLER
from pardot_mock.domain.shapes import (
    CUSTOM_FIELDS,
    FLAGS,
    Custom,
    Fixed,
    One,
    Output,
    Part,
    Some,
    Value,
    key_of,
    parts_shown,
)
from pardot_mock.domain.syncobjects import SYNC_OBJECTS
from pardot_mock.wire.encoding import Many, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from pardot_mock.domain.records import Record


@dataclass(frozen=True, slots=True)
class View:
    """How a caller looks at records: in which output and timezone, and at which `fields` only.

    `read` marks a record that was read by itself. `fields` None shows all. `custom` are the parts
    that show the fields an account has defined, `hidden` the keys that are left out, and `most`
    bounds the collections by key. `form_handler` is how activities of form handlers are called;
    with `entities` texts carry HTML entities.
    """

    zone: ZoneInfo
    output: Output = "full"
    fields: frozenset[str] | None = None
    read: bool = False
    custom: tuple[Value, ...] = CUSTOM_FIELDS
    hidden: frozenset[str] = frozenset()
    most: Mapping[str, int] = field(default_factory=dict)
    form_handler: str = FORM_HANDLER
    entities: bool = False

    def parts(self, name: str) -> Sequence[Part]:
        """Give the parts of the shape of an object that are shown."""
        shown = parts_shown(name, self.output, read=self.read)
        expanded = (
            each
            for part in shown
            for each in (self.custom if isinstance(part, Custom) else (part,))
        )
        return [part for part in expanded if self._is_wanted(part)]

    def _is_wanted(self, part: Part) -> bool:
        if self.fields is None:
            return key_of(part) not in self.hidden
        bulk = isinstance(part, One) and self.output == "bulk"
        name = part.bulk if isinstance(part, One) and bulk else key_of(part)
        return name == "id" or name in self.fields

    def record(self, record: Record) -> Mapping[str, Tree]:
        """Give the tree of a record."""
        return self.records([record])[0]

    def records(self, records: Sequence[Record]) -> Sequence[Mapping[str, Tree]]:
        """Give the trees of records, all of one object."""
        parts = self.parts(records[0].object) if records else ()
        return [self._tree(record, parts) for record in records]

    def read_answer(self, records: Sequence[Record]) -> Mapping[str, Tree]:
        """Give the answer of a read: the record under its element, several as an array."""
        element = SYNC_OBJECTS[records[0].object].element
        return {element: Many(self.records(records))}

    def query_answer(self, name: str, records: Sequence[Record], total: int) -> Mapping[str, Tree]:
        """Give the answer of a query; bulk has no total, and is null without a record."""
        found = Many(self.records(records))
        if self.output == "bulk":
            return {"result": {SYNC_OBJECTS[name].element: found} if records else None}
        return {"result": {"total_results": total, SYNC_OBJECTS[name].element: found}}

    def _tree(self, record: Record, parts: Iterable[Part]) -> dict[str, Tree]:
        tree: dict[str, Tree] = {}
        for part in parts:
            self._add(tree, part, record)
        return tree

    def _add(self, tree: dict[str, Tree], part: Part, record: Record) -> None:
        if isinstance(part, Value):
            value = record.row.get(part.column)
            if part.column in FLAGS.get(record.object, ()):
                value = 1 if value else None
            if value is not None or not part.absent:
                tree[part.key] = self._wrapped(value) if part.wrapped else self._plain(value)
            if part.key == "type_name" and value == FORM_HANDLER:
                tree[part.key] = self.form_handler
        elif isinstance(part, Fixed):
            tree[part.key] = _fixed(part.tree)
        elif isinstance(part, One):
            self._add_one(tree, part, record)
        elif isinstance(part, Some):
            related = record.some[part.name][: self.most.get(part.name)]
            items = [self._nested(each, part.view, part.shape) for each in related]
            found = Many(items)
            if part.key:
                tree[part.key] = {part.element: found} if items else None
            else:
                tree[part.element] = found

    def _add_one(self, tree: dict[str, Tree], part: One, record: Record) -> None:
        if part.bulk and self.output == "bulk":
            tree[part.bulk] = record.row.get(part.by)
            return
        other = record.one.get(part.key)
        if other is not None:
            shown = self._nested(other, part.view)
            tree[part.key] = {part.inner: shown} if part.inner else shown

    def _nested(
        self, record: Record, view: tuple[str, ...] | Output, shape: str = ""
    ) -> Mapping[str, Tree]:
        return self._tree(record, parts_shown(shape or record.object, view, read=False))

    def _wrapped(self, value: Any) -> Tree:  # noqa: ANN401
        values = value if isinstance(value, tuple) else (value,)
        return {"value": Many([self._plain(each) for each in values])}

    def _plain(self, value: Any) -> Tree:  # noqa: ANN401
        if isinstance(value, datetime):
            return local_text(value, self.zone)
        if isinstance(value, tuple):
            value = ";".join(value)
        if isinstance(value, str) and self.entities:
            return escape(value).replace("&#x27;", "&#39;")
        tree: Tree = value
        return tree


def _fixed(tree: Any) -> Tree:  # noqa: ANN401
    if isinstance(tree, Mapping):
        return {key: _fixed(value) for key, value in tree.items()}
    if isinstance(tree, tuple):
        return Many([_fixed(value) for value in tree])
    plain: Tree = tree
    return plain
