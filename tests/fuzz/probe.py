"""Makes calls and holds their answers to what must be true of every answer."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from defusedxml import ElementTree

from pardot_mock.credentials import credentials
from pardot_mock.newaccount import AccountWish, account_options
from pardot_mock.web.app import create_app
from pardot_mock.world import World
from tests.integration.conftest import START, Caller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from pardot_mock.account import Account
    from tests.fuzz.calls import Call

QUIRKS = {"lock_after_failed_logins": "off"}


@dataclass
class Probe:
    """A frozen world with one account, and how many calls were served and refused so far."""

    account: Account
    client: FlaskClient
    good: dict[str, str]
    bearer: dict[str, str]
    served: int = 0
    refused: int = 0
    seen: set[str] = field(default_factory=set)

    def send(self, call: Call) -> TestResponse:
        """Make a call without any check."""
        headers = {**self.headers(call.caller), **dict(call.headers)}
        return self.client.open(
            call.path,
            method=call.method,
            query_string=call.target.partition("?")[2],
            data=call.body or None,
            content_type=call.content_type or None,
            headers=headers,
        )

    def headers(self, caller: str) -> dict[str, str]:
        """Give the credentials of a caller."""
        wrong = {"Authorization": "Pardot api_key=0, user_key=00000000000000000000000000000001"}
        known = {"good": self.good, "bearer": self.bearer, "wrong": wrong}
        return known.get(caller, {"Authorization": "\x7f,="} if caller == "junk" else {})

    def check(self, call: Call) -> TestResponse:
        """Make a call, and fail if its answer or what it left behind is not as it must be."""
        before = fingerprint(self.account)
        answer = self.send(call)
        assert answer.status_code < 500, (call, answer.text)
        if not call.path.startswith("/api/"):
            return answer
        code = error_code(answer)
        assert code != 183, (call, answer.text)
        if code is None and answer.status_code < 400:
            self.served += 1
        else:
            self.refused += 1
            assert fingerprint(self.account) == before, (call, answer.text)
        assert self.account.calls_under_way == 0, call
        self.seen.add(call.method + call.path.partition("?")[0])
        return answer


def error_code(answer: TestResponse) -> int | None:
    """Give the code of a refusal; also proves that an answer is well formed."""
    if answer.status_code == 204 or not answer.data:
        return None
    if answer.mimetype == "application/json":
        found: Any = json.loads(answer.data)["@attributes"]
        return found.get("err_code") if isinstance(found, dict) else None
    if answer.mimetype == "text/xml":
        error = ElementTree.fromstring(answer.data).find("err")
        return None if error is None else int(error.get("code", "0"))
    assert answer.mimetype in ("text/csv", "text/plain"), answer.content_type
    return None


def fingerprint(account: Account) -> tuple[object, ...]:
    """Tell what an account holds that a refused call must not change."""
    exports = tuple((e.id, e.state, e.is_expired) for e in account.queue)
    keys = tuple(sorted((user, key.key) for user, key in account.sessions.keys.items()))
    imports = tuple((i.id, i.state, len(i.batches)) for i in account.importing.desk.by_id.values())
    version = account.results.dataset.version
    return exports, account.next_export_id, imports, keys, tuple(account.users), version


@contextmanager
def probing(rows: int = 300) -> Iterator[Probe]:
    """Give a probe of a fresh world."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        wish = AccountWish("default", now=START, rate=0.0, rows=rows, quirks=QUIRKS)
        account = world.create(account_options(wish))
        client = create_app(world).test_client()
        known = credentials(account.info, account.owner)
        good = Caller(client, known).log_in().headers
        form = {n: known[n] for n in ("client_id", "client_secret", "username", "password")}
        token = client.post(
            "/services/oauth2/token", data={**form, "grant_type": "password"}
        ).get_json()["access_token"]
        bearer = {
            "Authorization": f"Bearer {token}",
            "Pardot-Business-Unit-Id": known["business_unit_id"],
        }
        try:
            yield Probe(account, client, good, bearer)
        finally:
            world.close()
