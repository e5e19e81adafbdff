"""Where sealed result files can be fetched as they lie on the disk: ciphertext, for anybody.

A URL of the storage needs no credentials, and whoever has one learns nothing: the bytes open only
under the key of the export, which never leaves the process and is gone with the expiry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Blueprint

    from pardot_mock.vault.room import HeldFile
    from pardot_mock.world import World

Json = dict[str, Any]
STORAGE = "/_mock/storage/"
_PIECE = 256 * 1024


def storage_routes(blueprint: Blueprint, world: World) -> None:
    """Register the list of an export's sealed files, and the files."""

    @blueprint.get("/accounts/<account_id>/exports/<int:export_id>/storage")
    def list_stored(account_id: str, export_id: int) -> Json:
        account = world.get(account_id)
        with account.lock:
            account.settle()
            stored = account.results.stored(export_id)
        base = request.host_url.rstrip("/") + STORAGE
        return {"files": [{"id": i, "url": base + s.name, "bytes": s.bytes} for i, s in stored]}

    @blueprint.get("/storage/<name>")
    def show_ciphertext(name: str) -> Response | tuple[Json, int]:
        # What has expired is shredded when its account is looked at.
        world.settle()
        opened = world.vault.open_ciphertext(name)
        if opened is None:
            message = "there is no such file, or not any more"
            return {"error": {"code": "unknown_file", "message": message}}, 404
        answer = Response(_Pieces(opened), content_type="application/octet-stream")
        answer.content_length = opened.size
        return answer


class _Pieces:
    """An open file as the body of an answer, which closes it."""

    def __init__(self, opened: HeldFile) -> None:
        self._opened = opened
        self.close = opened.close

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._opened.read(_PIECE):
            yield piece
