"""The Export API: create, read, query, downloadResults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pardot_mock.domain.accounts import Ability
from pardot_mock.domain.errors import ErrorCode, Refused
from pardot_mock.domain.exportquery import select
from pardot_mock.domain.procedures import read_request
from pardot_mock.domain.proceduretable import EXPORT_OBJECTS
from pardot_mock.vault import VaultError
from pardot_mock.web.call import Answer, ApiCall, CsvFile, Facts
from pardot_mock.web.checking import json_object, permission_code, require
from pardot_mock.wire.dialects.v3 import ExportView

if TYPE_CHECKING:
    from pardot_mock.account import Account
    from pardot_mock.domain.exports import Export
    from pardot_mock.results import Results

_HOSTS = ("www.pardot.com", "pi.pardot.com")


def create(call: ApiCall) -> Answer:
    """Queue a new export; nothing is created unless every check has passed."""
    account, user = call.caller
    body = json_object(call)
    with account.lock:
        now = account.settle()
        custom = account.custom_fields()
        request = read_request(body, now=now, user=user, quirks=account.quirks, custom=custom)
        require(account, user, EXPORT_OBJECTS[request.query.object].abilities)
        export = call.export = account.create_export(request, user, now)
    return Facts(call.dialect.export(_view(call, export, ()), account.quirks))


def read(call: ApiCall) -> Answer:
    """Show an export at any time of its life."""
    account, _ = call.caller
    with account.lock:
        account.settle()
        account.count_read(_visible_export(call).id)
        export = call.export = _visible_export(call)
        files = tuple(file.id for file in account.results.files(export))
    return Facts(call.dialect.export(_view(call, export, files), account.quirks))


def query(call: ApiCall) -> Answer:
    """List the exports of the account."""
    account, user = call.caller
    require(account, user, frozenset({Ability.EXPORTS_VIEW}))
    with account.lock:
        reading = call.reading(account.settle())
        exports = tuple(account.queue.by_id.values())
        page = select(exports, call.param, reading)
        views = [_view(call, e, _files_in_query(account, e)) for e in page.jobs]
    return Facts(call.dialect.export_list(page.total, views, account.quirks))


def download(call: ApiCall) -> Answer:
    """Stream one result file, decrypting it on the way."""
    account, _ = call.caller
    with account.lock:
        account.settle()
        export = call.export = _visible_export(call)
        if not export.has_results:
            raise _no_results(account, export)
        file_id = call.integer("file")
        results = account.results
        file = next((f for f in results.files(export) if f.id == file_id), None)
    if file is None:
        detail = f"export {export.id} has no result file {file_id}"
        raise Refused(ErrorCode.NOT_FOUND, detail=detail)
    try:
        sent = results.open(export, file, whole=_must_be_whole(call))
    except VaultError as error:
        raise _lost_results(call, results, export, error) from error
    return CsvFile(sent.size, sent.chunks)


def _visible_export(call: ApiCall) -> Export:
    """Find the export of the call: its creator may see it, and who may view all exports."""
    account, user = call.caller
    export_id = call.integer("id")
    export = account.queue.by_id.get(export_id)
    if export is None:
        raise Refused(ErrorCode.NOT_FOUND, detail=f"there is no export {export_id}")
    if user.can(Ability.EXPORTS_VIEW):
        return export
    if export.created_by != user.id:
        detail = f"{user.email} did not create export {export_id}"
        raise Refused(permission_code(account), detail=detail)
    require(account, user, EXPORT_OBJECTS[export.request.query.object].abilities)
    return export


def _no_results(account: Account, export: Export) -> Refused:
    if export.is_expired:
        code = ErrorCode(account.quirks.number("expired_download_code"))
        return Refused(code, detail=f"the results of export {export.id} have expired")
    return Refused(ErrorCode.EXPORT_STATE, detail=f"export {export.id} is {export.state}")


def _must_be_whole(call: ApiCall) -> bool:
    """Whether a body needs its length: faults count its bytes, and who speaks HTTP/1.0 could not
    tell one that breaks off from one that ends.
    """
    old = call.request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
    return old or call.treatment is not None


def _lost_results(call: ApiCall, results: Results, export: Export, error: VaultError) -> Refused:
    """Say why a file could not be opened: it has gone since, or the vault is in trouble."""
    account, _ = call.caller
    with account.lock:
        if results.closed:
            return _lost_caller(call, is_reset=account.results is not results)
        account.settle()
        current = account.queue.by_id.get(export.id)
        if current is None or not current.has_results:
            return _no_results(account, current or export)
    return Refused(ErrorCode.INTERNAL_ERROR, detail=f"the vault refused: {error}")


def _lost_caller(call: ApiCall, *, is_reset: bool) -> Refused:
    """Refuse a call as every later one with its credentials: the account was reset or deleted."""
    detail = f"the account was {'reset' if is_reset else 'deleted'} meanwhile"
    if not call.request.headers.get("Authorization", "").strip().lower().startswith("bearer"):
        return Refused(ErrorCode.INVALID_KEY, detail=detail)
    if is_reset:
        return Refused(ErrorCode.INVALID_TOKEN, detail=detail)
    return Refused(ErrorCode(call.quirks.number("business_unit_error")), detail=detail)


def _files_in_query(account: Account, export: Export) -> tuple[int, ...]:
    if not account.quirks.on("query_result_refs"):
        return ()
    return tuple(file.id for file in account.results.files(export))


def _view(call: ApiCall, export: Export, files: tuple[int, ...]) -> ExportView:
    account, user = call.caller
    host = account.quirks.text("result_host")
    base_url = ""
    if files:
        base_url = f"https://{host}" if host in _HOSTS else call.public_url
    return ExportView(export, files, base_url, user.zone)
