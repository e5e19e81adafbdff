"""A call as the server carries it out: what its environment holds, and how its answer begins."""

from __future__ import annotations

import json
from typing import Any, cast

from waitress.task import ErrorTask, WSGITask
from waitress.utilities import RequestEntityTooLarge, build_http_date

from pardot_mock.connections import ChannelConnection
from pardot_mock.faults import CONNECTION
from pardot_mock.web.control.sizes import too_large_view
from pardot_mock.wire.heads import head_bytes

CONTROL = "/_mock/"


class Task(WSGITask):
    """A call whose application can reach the connection."""

    def build_response_header(self) -> bytes:
        """Write status line and headers, these in the order of the service (recorded).

        This takes the place of a method that costs as much as a bare route: it changes the case
        of every name, and sorts by it.
        """
        known = {name.lower() for name, _ in self._headers}
        has_length = self._settle_length(known)
        self._settle_connection(has_length=has_length)
        # Only now: what is settled may have put another list in their place.
        headers = self._headers
        if "server" not in known:
            headers.append(("Server", cast("Any", self.channel).server.adj.ident))
        if "date" not in known:
            headers.append(("Date", build_http_date(self.start_time)))
        return head_bytes(self.version, self.status, headers)

    @property
    def _headers(self) -> list[tuple[str, str]]:
        headers: list[tuple[str, str]] = cast("Any", self).response_headers
        return headers

    def _settle_length(self, known: set[str]) -> bool:
        """Give the answer its length where it has one; say whether it has."""
        if not self.has_body:
            self.remove_content_length_header()
            return False
        if "content-length" in known:
            return True
        if self.content_length is None:
            return False
        self._headers.append(("Content-Length", str(self.content_length)))
        return True

    def _settle_connection(self, *, has_length: bool) -> None:
        """Decide whether the connection goes on, and how a body of unknown length is sent."""
        wanted = cast("Any", self.request).headers.get("CONNECTION", "").lower()
        if self.version == "1.0":
            if wanted == "keep-alive" and has_length:
                self._headers.append(("Connection", "Keep-Alive"))
            else:
                self.set_close_on_finish()
            return
        if not has_length and self.has_body:
            self._headers.append(("Transfer-Encoding", "chunked"))
            self.chunked_response = True
        # An answer without a body ends with its head, so the connection goes on after a 204.
        if wanted == "close" or (not has_length and self.has_body):
            self.set_close_on_finish()

    def get_environment(self) -> dict[str, Any]:
        """Give the WSGI environment with the connection in it."""
        environ: dict[str, Any] = super().get_environment()
        environ.setdefault(CONNECTION, ChannelConnection(self))
        return environ


class Refusal(ErrorTask):
    """The answer to a call that does not reach the application.

    Of a body too large even to be read the control plane says what it says of any other too large.
    """

    def execute(self) -> None:
        """Answer, and close the connection."""
        call = cast("Any", self.request)
        if not (isinstance(call.error, RequestEntityTooLarge) and call.path.startswith(CONTROL)):
            super().execute()
            return
        body = json.dumps(too_large_view(call.path, call.content_length or None)).encode()
        self.status = f"{call.error.code} {call.error.reason}"
        self.response_headers = [("Content-Type", "application/json")]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
