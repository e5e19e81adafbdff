"""The Import API: create, batch, update, read, query, downloadErrors."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from pardot_mock.domain.accounts import Ability
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.exportquery import select_imports
from pardot_mock.domain.imports import (
    MAX_BATCH_BYTES,
    Batch,
    ImportState,
    check_batch,
    check_header,
    check_submit,
    read_create,
    read_update,
)
from pardot_mock.domain.prospectfields import readers
from pardot_mock.web.call import Answer, ApiCall, CsvFile, Facts, Nothing
from pardot_mock.web.checking import json_object, parsed_object, permission_code, require
from pardot_mock.web.multipart import Parts, read_parts
from pardot_mock.wire.importviews import ImportView, import_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.account import Account
    from pardot_mock.domain.imports import Import, ImportRequest

_MULTIPART = "multipart/form-data"
_INPUT, _FILE = "importInput", "importFile"
_HOSTS = ("www.pardot.com", "pi.pardot.com")


def create(call: ApiCall) -> Answer:
    """Open an import; with a file and told to be Ready, submit it as well."""
    account, user = call.caller
    body, sent = _sent(call)
    with _Files(account, sent) as files:
        request = read_create(body)
        if sent:
            files.check(request)
        with account.lock:
            now = account.settle()
            if request.ready and not sent:
                raise Refused(ErrorCode.IMPORT_WITHOUT_DATA, detail="there is no file to import")
            if sent:
                check_batch(None, account.importing.batches_today(now, account.info.zone))
            one = account.open_import(request, user, files.taken())
            if request.ready:
                one = account.submit_import(one)
    return Facts(_view(call, one).answer(account.quirks))


def batch(call: ApiCall) -> Answer:
    """Add a file to an open import; the answer is empty (documented)."""
    account, _ = call.caller
    _visible_import(call)
    if call.request.mimetype != _MULTIPART:
        raise _wrong_content_type(call)
    _, sent = _sent(call)
    with _Files(account, sent) as files:
        if not sent:
            raise Refused(ErrorCode.NO_FILE, detail=f"there is no file {_FILE}")
        with account.lock:
            now = account.settle()
            one = _visible_import(call)
            check_batch(one, account.importing.batches_today(now, account.info.zone))
        files.check(one.request)
        with account.lock:
            # Others may have been faster while the file was being read.
            now = account.settle()
            one = _visible_import(call)
            check_batch(one, account.importing.batches_today(now, account.info.zone))
            account.add_batch(one, files.taken()[0])
    return Nothing()


def update(call: ApiCall) -> Answer:
    """Submit an open import."""
    account, _ = call.caller
    body = json_object(call)
    with account.lock:
        account.settle()
        one = _visible_import(call)
        read_update(body)
        check_submit(one)
        one = account.submit_import(one)
    return Facts(_view(call, one).answer(account.quirks))


def read(call: ApiCall) -> Answer:
    """Show an import; an expired one only where the quirk says so (documented: it fails)."""
    account, _ = call.caller
    with account.lock:
        account.settle()
        one = _visible_import(call)
        if one.is_expired and account.quirks["expired_import_read"] == "refuse":
            raise Refused(ErrorCode.IMPORT_STATE, detail=f"import {one.id} has expired")
        view = _view(call, one)
    return Facts(view.answer(account.quirks))


def query(call: ApiCall) -> Answer:
    """List the imports of the account."""
    account, user = call.caller
    require(account, user, frozenset({Ability.IMPORTS_VIEW}))
    with account.lock:
        reading = call.reading(account.settle())
        imports = tuple(account.importing.desk.by_id.values())
        page = select_imports(imports, call.param, reading)
        views = [_view(call, one) for one in page.jobs]
    return Facts(import_list(page.total, views))


def download_errors(call: ApiCall) -> Answer:
    """Send the rows of a complete import that were no use."""
    account, _ = call.caller
    with account.lock:
        account.settle()
        one = _visible_import(call)
        if one.state is not ImportState.COMPLETE or one.is_expired:
            state = "expired" if one.is_expired else one.state
            raise Refused(ErrorCode.IMPORT_STATE, detail=f"import {one.id} is {state}")
        errors = account.importing.errors(one)
    if errors is None:
        raise Refused(ErrorCode.NOT_FOUND, detail=f"import {one.id} has no errors")
    return CsvFile(errors.size, errors.chunks)


class _Files:
    """The files of one request; those that were not taken are destroyed at the end."""

    def __init__(self, account: Account, names: list[str]) -> None:
        self._account = account
        self._left = names
        self._batches: list[Batch] = []

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._left:
            self._account.importing.drop(name)

    def check(self, request: ImportRequest) -> None:
        """Refuse files that cannot be imported, and count the rows of the others."""
        self._batches = [self._batch(name, request) for name in self._left]

    def _batch(self, name: str, request: ImportRequest) -> Batch:
        account = self._account
        known = frozenset(readers(account.custom_fields()))
        mismatch = ErrorCode(account.quirks.number("import_columns_code"))
        try:
            with account.importing.table(name) as (header, rows):
                check_header(header, request, known, mismatch)
                return Batch(name, sum(1 for _ in rows))
        except (csv.Error, UnicodeDecodeError) as error:
            raise Refused(ErrorCode.INVALID_CSV_FILE, detail=f"not CSV: {error}") from error

    def taken(self) -> list[Batch]:
        """Give the checked files away."""
        self._left = []
        return self._batches


def _sent(call: ApiCall) -> tuple[dict[str, Any], list[str]]:
    """Give what was asked, and under which names the sent files are kept."""
    if call.request.mimetype != _MULTIPART:
        return json_object(call), []
    account, _ = call.caller
    kept: list[str] = []

    def take(name: str, pieces: Iterator[bytes]) -> None:
        if name != _FILE:
            return
        if kept:
            raise Refused(ErrorCode.TOO_MANY_FILES, detail=f"there are several files {_FILE}")
        kept.append(account.importing.keep(_bounded(pieces))[0])

    try:
        parts = read_parts(call.request, take)
        return _asked(call, parts), kept
    except BaseException:
        for name in kept:
            account.importing.drop(name)
        raise


def _asked(call: ApiCall, parts: Parts) -> dict[str, Any]:
    if call.operation is not None and call.operation.name != "import.create":
        return {}
    if _INPUT not in parts.fields:
        raise Refused(ErrorCode.INVALID_INPUT_FORMAT, detail=f"there is no field {_INPUT}")
    return parsed_object(parts.fields[_INPUT])


def _bounded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_BATCH_BYTES:
            raise Refused(ErrorCode.BODY_SIZE, detail=f"more than {MAX_BATCH_BYTES} bytes")
        yield piece


def _wrong_content_type(call: ApiCall) -> Refused:
    detail = f"the content type is {call.request.content_type!r}, not {_MULTIPART}"
    return Refused(ErrorCode.UNSUPPORTED_CONTENT_TYPE, detail=detail)


def _visible_import(call: ApiCall) -> Import:
    """Find the import of the call: its creator may see it, and who may view all imports."""
    account, user = call.caller
    import_id = call.integer("id")
    one = account.importing.desk.by_id.get(import_id)
    if one is None:
        raise Refused(ErrorCode.NOT_FOUND, detail=f"there is no import {import_id}")
    if one.created_by != user.id and not user.can(Ability.IMPORTS_VIEW):
        detail = f"{user.email} did not create import {import_id}"
        raise Refused(permission_code(account), detail=detail)
    return one


def _view(call: ApiCall, one: Import) -> ImportView:
    account, user = call.caller
    host = account.quirks.text("result_host")
    base_url = f"https://{host}" if host in _HOSTS else call.public_url
    outcome = account.importing.outcomes.get(one.id)
    return ImportView(one, outcome, base_url, call.dialect.version, user.zone)
