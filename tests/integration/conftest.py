"""A world without sockets for every test, and a small caller that speaks the wire."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pardot_mock.credentials import credentials
from pardot_mock.newaccount import AccountWish, UserWish, account_options
from pardot_mock.web.app import create_app
from pardot_mock.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from pardot_mock.account import Account, AccountOptions

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
EXPORT = "/api/export/version/4/do"


@dataclass
class Caller:
    """Calls the emulator as one user."""

    client: FlaskClient
    credentials: dict[str, str]
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def log_in(self) -> Caller:
        form = {name: self.credentials[name] for name in ("email", "password", "user_key")}
        answer = self.client.post("/api/login/version/4?format=json", data=form)
        self.key = answer.get_json()["api_key"]
        self.headers = {"Authorization": f"Pardot api_key={self.key}, user_key={form['user_key']}"}
        return self

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.headers)

    def create(self, body: Any = None, form: str = "json", **changes: Any) -> TestResponse:
        sent = json.dumps({**activity_export(), **changes} if body is None else body)
        return self.client.post(
            f"{EXPORT}/create?format={form}",
            data=sent,
            content_type="application/json",
            headers=self.headers,
        )

    def new_export(self, **changes: Any) -> int:
        return int(self.create(**changes).get_json()["export"]["id"])

    def read(self, export_id: int) -> dict[str, Any]:
        export: dict[str, Any] = self.get(f"{EXPORT}/read/id/{export_id}?format=json").get_json()[
            "export"
        ]
        return export

    def count(self) -> int:
        return int(self.get(f"{EXPORT}/query?format=json").get_json()["result"]["total_results"])


def activity_export(**arguments: Any) -> dict[str, Any]:
    bounds = {"created_after": "2026-01-01", "created_before": "2026-02-01"}
    return {
        "object": "visitorActivity",
        "fields": ["id", "created_at"],
        "procedure": {"name": "filter_by_created_at", "arguments": {**bounds, **arguments}},
    }


def err_code(answer: TestResponse) -> int:
    found = re.search(rb'err_code":(\d+)|err code="(\d+)"', answer.data)
    assert found is not None, answer.data
    return int(found[1] or found[2])


def serving_threads() -> int:
    """Count the threads that are alive, but for one that still loads rows ahead."""
    return sum(thread.name != "pardot-mock-rows" for thread in threading.enumerate())


@dataclass
class Bench:
    """A world with one account, its WSGI application, and its vault folder."""

    world: World
    account: Account
    client: FlaskClient
    directory: Path
    serial: int = 0

    def advance(self, duration: str) -> dict[str, Any]:
        return self.control("clock", {"advance": duration})

    def control(self, what: str, body: Any) -> dict[str, Any]:
        path = f"/_mock/accounts/{self.account.id}/{what}"
        answer: dict[str, Any] = self.client.post(path, json=body).get_json()
        return answer

    def caller(self, email: str | None = None) -> Caller:
        users = self.account.users.values()
        user = next((u for u in users if u.email == email), self.account.owner)
        return Caller(self.client, credentials(self.account.info, user)).log_in()

    def use(self, options: AccountOptions) -> None:
        """Go on with another account of the same world."""
        self.account = self.world.create(options)

    def fresh(self, *users: UserWish, **settings: Any) -> Bench:
        self.serial += 1
        known = {"now": START, "rate": 0.0, "rows": 3000, **settings}
        wish = AccountWish(f"account-x{self.serial}", users=users, **known)
        self.use(account_options(wish))
        return self


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    world = World(tmp_path)
    wish = AccountWish("default", now=START, rate=0.0, rows=3000)
    account = world.create(account_options(wish))
    yield Bench(world, account, create_app(world).test_client(), tmp_path)
    world.close()


@pytest.fixture
def caller(bench: Bench) -> Caller:
    return bench.caller()


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A caller of an account that no test changes, so that its world is made once."""
    world = World(tmp_path_factory.mktemp("reader"))
    account = world.create(account_options(AccountWish("reader", now=START, rate=0.0, rows=3000)))
    client = create_app(world).test_client()
    yield Caller(client, credentials(account.info, account.owner)).log_in()
    world.close()
