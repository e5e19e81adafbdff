"""`create_app()`: the emulator for whatever calls a WSGI application."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from pardot_mock.testing import create_app
from pardot_mock.web.control.bodies import BadFieldError
from tests.readers import by_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_mock.testing import AccountHandle
    from pardot_mock.testing.application import App

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
EXPORT = "https://pi.pardot.com/api/export/version/4/do"
BODY = {
    "object": "visitorActivity",
    "procedure": {"name": "filter_by_created_at", "arguments": {"created_after": "-90 days"}},
}


@pytest.fixture
def app() -> Iterator[App]:
    with create_app(now=NOW, rate=0, rows=3000) as made:
        yield made


@pytest.fixture
def client(app: App) -> Iterator[httpx.Client]:
    params = {"format": "json"}
    with httpx.Client(transport=httpx.WSGITransport(app=app), params=params) as made:
        yield made


def log_in(client: httpx.Client, account: AccountHandle) -> None:
    known = account.credentials
    form = {name: known[name] for name in ("email", "password", "user_key")}
    key = client.post(f"{account.url}/api/login/version/4", data=form).json()["api_key"]
    client.headers["Authorization"] = f"Pardot api_key={key}, user_key={known['user_key']}"


@pytest.mark.usefixtures("socket_disabled")
def test_httpx_completes_an_export_and_streams_every_row(app: App, client: httpx.Client) -> None:
    account = app.default
    log_in(client, account)
    made: dict[str, Any] = client.post(f"{EXPORT}/create", json=BODY).json()["export"]
    account.clock.advance(minutes=10)
    refs = client.get(f"{EXPORT}/read/id/{made['id']}").json()["export"]["resultRefs"]
    assert refs.startswith("https://pi.pardot.com/")
    with client.stream("GET", refs) as download:
        _, *rows = by_csv(b"".join(download.iter_bytes()))
    assert len(rows) == account.truth(made["id"]).rows > 0
    assert [entry.op for entry in account.journal()] == ["login", "create", "read", "download"]


def test_fresh_accounts_are_beside_the_default_one(app: App, client: httpx.Client) -> None:
    account = app.account()
    log_in(client, account)
    assert [entry.op for entry in account.journal()] == ["login"]
    assert app.default.journal() == []
    app.forget(account)
    with pytest.raises(KeyError, match="api_key"):
        log_in(client, account)


def test_a_bad_setting_is_said() -> None:
    with pytest.raises(BadFieldError, match="rate"):
        create_app(rate="fast")
