"""What is said of a body that is larger than the server takes: its size, the limit, the way out."""

from __future__ import annotations

import re
from typing import Any

from pardot_mock.data.overlayreading import too_large_load
from pardot_mock.web.api import MAX_BODY

CODE = "request_entity_too_large"
_ACCOUNTS = "/_mock/accounts"
_DATA = re.compile(rf"{_ACCOUNTS}/[^/]+/data/")


def too_large_view(path: str, size: int | None) -> dict[str, Any]:
    """Give the body of the 413 to a call of `path` with `size` bytes; None: nobody knows how many.

    Nothing of such a call takes effect.
    """
    return {"error": {"code": CODE, "message": _message(path, size)}}


def _message(path: str, size: int | None) -> str:
    if _DATA.match(path):
        return too_large_load(size)
    sent = "the body has" if size is None else f"{size} bytes are"
    limit = f"{sent} more than the {MAX_BODY >> 20} MiB of one body"
    if path.rstrip("/") != _ACCOUNTS:
        return limit
    way = f"POST {_ACCOUNTS}/{{a}}/data/{{object}}"
    return f"{limit}; load the rows of a scenario afterwards, in pieces: {way}"
