"""Collects what an account knows about its client, and grades it by the rules of conduct.

An account is graded as one client: give every client under test an account of its own. Only calls
that name the account by their credentials are in its journal; token calls are not.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pardot_mock.conduct import Call, Evidence, ExportFacts, Grade, Truth, judge
from pardot_mock.domain.exports import ExportState
from pardot_mock.domain.sessions import KEY_LIFETIME
from pardot_mock.journal import REDACTED, SECRETS
from pardot_mock.truth import ExportTruth, NoTruthError, UnknownExportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_mock.account import Account
    from pardot_mock.domain.exports import Export
    from pardot_mock.journal import Entry
    from pardot_mock.truthcells import Rows


def grade(account: Account, rows: Mapping[int, Rows] | None = None) -> Grade:
    """Grade the client of `account` by everything in its journal.

    `rows` are what the client ended with, by export id; with them the grade also says whether
    they are exactly the true ones. Raises `UnknownExportError` for an id the account does not know.
    """
    evidence, exports = evidence_of(account), account.queue.by_id
    truths = tuple(_truth(account, exports, *each) for each in (rows or {}).items())
    return judge(replace(evidence, truths=truths))


def evidence_of(account: Account) -> Evidence:
    """Collect what the journal of `account` tells, without any rows."""
    with account.lock:
        account.settle()
        entries, dropped = account.journal.entries(), account.journal.dropped
        exports = dict(account.queue.by_id)
        named = {entry.export for entry in entries if entry.export in exports}
        facts = {id_: _facts(account, export) for id_, export in exports.items() if id_ in named}
        places, zone, quirks = account.options.concurrent_calls, account.info.zone, account.quirks
    # A key that lives on with every call may be renewed whenever the client likes.
    life = timedelta(0) if quirks.on("sliding_api_key") else KEY_LIFETIME
    return Evidence(
        calls=tuple(_call(entry) for entry in entries),
        exports=facts,
        dropped=dropped,
        places=places,
        zone=zone,
        key_life=life,
    )


def _truth(account: Account, exports: Mapping[int, Export], export_id: int, rows: Rows) -> Truth:
    if export_id not in exports:
        raise UnknownExportError(export_id)
    try:
        comparison = ExportTruth(account.results, exports[export_id]).check(rows)
    except NoTruthError as error:
        return Truth(export_id, str(error))
    return Truth(export_id, "" if comparison.ok else str(comparison))


def _facts(account: Account, export: Export) -> ExportFacts:
    request = export.request
    asked = [request.query.object, request.fields, request.procedure, dict(request.arguments)]
    return ExportFacts(
        id=export.id,
        request=json.dumps(asked, sort_keys=True, default=str),
        created_at=export.created_at,
        finished_at=export.finished_at,
        expired_at=export.expired_at,
        complete=export.state is ExportState.COMPLETE,
        files=account.results.file_ids(export),
    )


def _call(entry: Entry) -> Call:
    pairs = _pairs(entry.path)
    return Call(
        id=entry.id,
        at=entry.at,
        op=entry.op,
        method=entry.method,
        status=entry.status,
        error_code=entry.error_code,
        detail=entry.detail,
        user=entry.user,
        export=entry.export,
        file=entry.file,
        state=entry.state,
        expired=entry.expired,
        format=entry.format,
        auth=entry.auth,
        unit=entry.unit,
        request=entry.request,
        bytes=entry.bytes,
        length=entry.length,
        faulted=entry.faulted,
        garbled=entry.garbled,
        exposed=_exposed(entry, pairs),
        version=pairs.get("version", ""),
        offset=_number(pairs.get("offset", entry.query.get("offset", ""))),
    )


def _pairs(path: str) -> dict[str, str]:
    names = [segment for segment in path.split("/") if segment][2:]
    return dict(zip(names[0::2], names[1::2], strict=False))


def _exposed(entry: Entry, pairs: Mapping[str, str]) -> tuple[str, ...]:
    """Name the credentials of the URL; a login's e-mail alone is none."""
    in_query = {name for name, value in entry.query.items() if value == REDACTED}
    in_path = {name for name, value in pairs.items() if value == REDACTED}
    return tuple(sorted(n for n in in_query | in_path if n.lower() in SECRETS))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0
