"""A channel that sends nothing: it answers from a script and remembers what it was given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pardot_contracts.channel import Channel
from pardot_contracts.reply import Reply

if TYPE_CHECKING:
    from pardot_contracts.channel import Outgoing


class RecordedChannel(Channel):
    """Answers each path with what was put there, in turn; the last answer stays."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Outgoing] = []
        self._answers: dict[str, list[Reply]] = {}

    def answer(self, path: str, *replies: Reply) -> None:
        """Answer calls to `path` with these, one after the other."""
        self._answers.setdefault(path, []).extend(replies)

    def send(self, call: Outgoing) -> Reply:
        """Give the next answer for the path of the call."""
        self.calls.append(call)
        answers = self._answers[urlsplit(call.url).path]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @property
    def paths(self) -> list[str]:
        """The paths called so far."""
        return [urlsplit(call.url).path for call in self.calls]


def says(body: Any, status: int = 200) -> Reply:
    """Give a JSON answer."""
    return Reply(status, {"content-type": "application/json"}, json.dumps(body).encode())


def holds(rows: str) -> Reply:
    """Give a result file."""
    return Reply(200, {"content-type": "text/csv; charset=utf-8"}, rows.encode())
