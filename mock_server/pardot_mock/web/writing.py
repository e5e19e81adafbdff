"""What every write does alike: one instant, one version of the rows, one answer."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.fieldvalues import Circumstances
from pardot_mock.domain.selections import Condition, RowSelection
from pardot_mock.domain.syncfilters import an_id
from pardot_mock.web.call import Facts
from pardot_mock.web.sync import complete_keys, named_by, object_of, view_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from werkzeug.datastructures import MultiDict

    from pardot_mock.account import Account
    from pardot_mock.changes import Changes, Row
    from pardot_mock.web.call import ApiCall

_MOST_NAMED = 10_000


@dataclass(frozen=True, slots=True)
class Writing:
    """One write under way: the call, what it gives, and the rows it changes."""

    call: ApiCall
    account: Account
    changes: Changes
    around: Circumstances
    given: Mapping[str, Any]

    def answer(self, name: str, row: Row, status: int = 200) -> Facts:
        """Keep what was changed, and show a record as a read of it would."""
        self.account.keep(self.changes)
        view = view_of(self.call, read=True)
        parts = view.parts(name)
        columns = self.account.rows.columns_of(parts)
        found = self.account.rows.lookup(name, [row["id"]], columns)
        records = self.account.rows.gather(name, found.values(), parts)
        return Facts(view.read_answer(records), status)

    def named(self) -> Row:
        """Find the record that the call names by its first complete key; living ones first.

        Raises `Refused` with the code of the key for a bad value and for no record.
        """
        found = object_of(self.call)
        key = complete_keys(self.call, found)[0]
        row = self._first(found.name, named_by(self.call, key))
        if row is None:
            raise Refused(key.code, detail=f"there is no such {found.name}")
        if row["is_deleted"]:
            code = ErrorCode.PROSPECT_ARCHIVED if found.name == "prospect" else key.code
            raise Refused(code, detail=f"{found.name} {row['id']} is deleted")
        return row

    def matching(self, name: str, *conditions: Condition) -> list[Row]:
        """Give the rows that meet every condition, deleted ones too, living ones first."""
        selection = RowSelection(name, conditions, limit=_MOST_NAMED, deleted="all", counted=False)
        ids = [row["id"] for row in self.account.rows.query(selection, ("id",)).rows]
        rows = [row for row_id in ids if (row := self.changes.find(name, row_id)) is not None]
        return sorted(rows, key=lambda row: bool(row["is_deleted"]))

    def ids(self, name: str, *conditions: Condition) -> list[int]:
        """Give the ids of the living rows that meet every condition."""
        selection = RowSelection(name, conditions, limit=_MOST_NAMED, counted=False)
        return [row["id"] for row in self.account.rows.query(selection, ("id",)).rows]

    def _first(self, name: str, conditions: tuple[Condition, ...]) -> Row | None:
        return next(iter(self.matching(name, *conditions)), None)

    def check_references(
        self, references: Mapping[str, tuple[str, ErrorCode]], values: Mapping[str, Any]
    ) -> None:
        """Refuse values that name a record there is not."""
        for field, (name, code) in references.items():
            if values.get(field) is not None:
                self.changes.living(name, values[field], code)

    def id_of(self, name: str, code: ErrorCode) -> int | None:
        """Give a parameter that is an id, None if it is not there; else refuse with `code`."""
        text = self.given.get(name)
        return an_id(name, str(text), code) if text not in (None, "") else None


@contextmanager
def writing(call: ApiCall) -> Iterator[Writing]:
    """Begin a write at the present instant; the account stands still until it is over."""
    account, user = call.caller
    with account.lock:
        now = account.settle()
        yield Writing(
            call, account, account.changes(now), Circumstances(now, user.zone), given_by(call)
        )


def given_by(call: ApiCall) -> Mapping[str, Any]:
    """Give what a call sends, from the path before the form before the query string.

    Several values of `name[]` are a list under `name`, as in the service's own language.
    """
    lists = {**_lists(call.request.args), **_lists(call.request.form)}
    return {**lists, **call.query, **call.form, **call.path.pairs}


def _lists(values: MultiDict[str, str]) -> dict[str, list[str]]:
    return {name.removesuffix("[]"): items for name, items in values.lists() if name.endswith("[]")}
