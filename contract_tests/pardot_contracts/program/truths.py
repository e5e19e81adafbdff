"""Holds the rows that a program handed over against the truth of its exports.

Exports of the same fields are one body of rows: a program may merge files and exports as it likes.
An export that was created twice with the same request counts once, and a row that lies in two
exports may be handed over once or twice.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pardot_contracts.program.output import Table
    from pardot_mock.account import Account
    from pardot_mock.conduct import Evidence, Truth

Row = tuple[str, ...]
Fields = tuple[str, ...]


def truths(account: Account, evidence: Evidence, tables: Sequence[Table]) -> tuple[Truth, ...]:
    """Give a truth for the exports of each set of fields; none if the client completed no export.

    Rows that fit no export are a difference of their own.
    """
    from pardot_mock.conduct import Truth

    groups = _by_fields(account, evidence)
    if not groups:
        return ()
    fitting = {fields: list[Row]() for fields in groups}
    strange: list[str] = []
    for table in tables:
        fields = _best(table, groups)
        if fields is None:
            strange.append(_lacking(table, groups))
        else:
            fitting[fields] += _projected(table, fields)
    found = [
        Truth(max(ids), _difference(account, ids, fields, fitting[fields]))
        for fields, ids in groups.items()
    ]
    first = next(iter(groups.values()))
    return (*found, *(Truth(max(first), text) for text in strange))


def completed(account: Account, evidence: Evidence) -> list[int]:
    """Give the complete exports that the client created or fetched, one for each request."""
    created = evidence.creates()
    wanted = created or evidence.by_export("download")
    by_request = {
        facts.request: id_
        for id_ in sorted(wanted)
        if (facts := evidence.exports.get(id_)) is not None and facts.complete
    }
    return [id_ for id_ in by_request.values() if id_ in account.queue.by_id]


def _by_fields(account: Account, evidence: Evidence) -> dict[Fields, list[int]]:
    groups: dict[Fields, list[int]] = {}
    for id_ in completed(account, evidence):
        fields = tuple(account.queue.by_id[id_].request.query.fields)
        groups.setdefault(fields, []).append(id_)
    return groups


def _best(table: Table, groups: Mapping[Fields, object]) -> Fields | None:
    fitting = [fields for fields in groups if set(fields) <= set(table.columns)]
    return max(fitting, key=len, default=None)


def _lacking(table: Table, groups: Mapping[Fields, object]) -> str:
    wanted = min((set(fields) - set(table.columns) for fields in groups), key=len)
    return f"{table.name} lacks the columns {', '.join(sorted(wanted))}"


def _projected(table: Table, fields: Fields) -> Iterator[Row]:
    places = [table.columns.index(name) for name in fields]
    for row in table.rows:
        # A row of another length cannot be put in order; it is surplus as it stands.
        yield tuple(row[place] for place in places) if len(row) == len(table.columns) else row


def _difference(account: Account, ids: Sequence[int], fields: Fields, rows: list[Row]) -> str:
    from pardot_mock.truth import ExportTruth, compare

    got = Counter(rows)
    most: Counter[Row] = Counter()
    least: Counter[Row] = Counter()
    for id_ in ids:
        each = Counter(ExportTruth(account.results, account.queue.by_id[id_]).each())
        most += each
        least |= each
    expected = Counter({row: min(most[row], max(least[row], got[row])) for row in most})
    key = fields.index("id") if "id" in fields else None
    comparison = compare(expected.elements(), rows, key)
    return "" if comparison.ok else str(comparison)
