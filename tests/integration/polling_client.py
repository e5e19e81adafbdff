"""A client as people write them: it knows nothing of the emulator, and it sleeps for real."""

from __future__ import annotations

import asyncio
import time
from time import monotonic as ticks
from time import sleep as nap
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Callable

WEEK = 7 * 86_400
EXPORT = "/api/export/version/4/do"
ACTIVITIES = {
    "object": "visitorActivity",
    "fields": ["id", "created_at"],
    "procedure": {
        "name": "filter_by_created_at",
        "arguments": {"created_after": "2026-01-01", "created_before": "2026-02-01"},
    },
}


class PollingClient:
    """Logs in, again whenever its key has become old, and polls every minute."""

    wait = time.sleep

    def __init__(self, url: str, credentials: dict[str, str]) -> None:
        self.url = url
        self.login = {name: credentials[name] for name in ("email", "password", "user_key")}
        self.session = requests.Session()
        self.session.trust_env = False
        self.log_in()

    def log_in(self) -> None:
        answer = self.session.post(f"{self.url}/api/login/version/4?format=json", data=self.login)
        key = answer.json()["api_key"]
        user_key = self.login["user_key"]
        self.session.headers["Authorization"] = f"Pardot api_key={key}, user_key={user_key}"

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        url = f"{self.url}{EXPORT}/{path}?format=json"
        answer: dict[str, Any] = self.session.request(method, url, json=body).json()
        if answer["@attributes"].get("err_code") == 1:
            self.log_in()
            answer = self.session.request(method, url, json=body).json()
        return answer

    def create(self) -> int:
        return int(self.call("POST", "create", ACTIVITIES)["export"]["id"])

    def read(self, export_id: int) -> dict[str, Any]:
        export: dict[str, Any] = self.call("GET", f"read/id/{export_id}")["export"]
        return export

    def poll(self, export_id: int, give_up: float = 7200) -> float:
        """Wait for an export; gives how long that took by the client's own watch."""
        began = ticks()
        while self.read(export_id)["state"] != "Complete":
            if ticks() - began > give_up:
                raise TimeoutError(f"export {export_id} takes too long")
            time.sleep(60)
        return ticks() - began

    def close(self) -> None:
        self.session.close()


def whole_story(client: PollingClient) -> list[bool]:
    """Create, poll until complete, wait seven days; gives what `isExpired` said at the ends."""
    export_id = client.create()
    client.poll(export_id)
    before = client.read(export_id)["isExpired"]
    nap(WEEK)
    return [before, client.read(export_id)["isExpired"]]


def nap_by_default(seconds: float, how: Callable[[float], None] = time.sleep) -> None:
    how(seconds)


def nap_by_keyword(seconds: float, *, how: Callable[[float], None] = nap) -> None:
    how(seconds)


async def side_by_side(lengths: list[float]) -> list[float]:
    """Sleep in several tasks at once; gives when each woke up."""
    began = time.monotonic()

    async def one(length: float) -> float:
        await asyncio.sleep(length)
        return time.monotonic() - began

    return list(await asyncio.gather(*(one(length) for length in lengths)))
