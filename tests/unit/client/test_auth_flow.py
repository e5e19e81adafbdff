"""The authentication flow, driven by hand: no transport, no thread unless one is the point."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pardot_client import Answer, AuthenticationFailed, Request
from pardot_client.auth import Keyring, run
from pardot_client.credentials import Key, OAuthLogin, UserKeyLogin

if TYPE_CHECKING:
    from tests.unit.client.fake import FakeTime

CALL = Request("GET", "https://pi.pardot.com/api/export/version/4/do/read/id/1")
STALE = Answer(200, code=1, message="Invalid API key or user key", ok=False)
FINE = Answer(200, payload={"export": {"id": "1"}})


def login() -> UserKeyLogin:
    return UserKeyLogin("https://pi.pardot.com", "a@example.com", "secret", "u" * 32)


def key_answer(key: str) -> Answer:
    return Answer(200, payload={"api_key": key})


def test_the_first_call_logs_in_and_signs_the_request(time: FakeTime) -> None:
    flow = Keyring(login(), time).authenticated(CALL)
    asked = next(flow)
    assert (asked.method, asked.url) == ("POST", "https://pi.pardot.com/api/login/version/4")
    assert dict(asked.form or {}) == {
        "email": "a@example.com",
        "password": "secret",
        "user_key": "u" * 32,
        "format": "json",
    }
    signed = flow.send(key_answer("k" * 32))
    assert signed.headers["Authorization"] == f"Pardot api_key={'k' * 32}, user_key={'u' * 32}"
    with pytest.raises(StopIteration) as end:
        flow.send(FINE)
    assert end.value.value is FINE


def test_a_held_key_is_used_until_sixty_minutes_are_over(time: FakeTime) -> None:
    keyring = Keyring(login(), time)
    run(keyring.authenticated(CALL), lambda r: key_answer("k") if r.form else FINE)
    time.seconds = 3599.9
    assert next(keyring.authenticated(CALL)).form is None
    time.seconds = 3600.0
    assert next(keyring.authenticated(CALL)).form is not None


@pytest.mark.parametrize(
    "stale",
    [
        STALE,
        Answer(401, code=184, ok=False),
        Answer(401, ok=False),
        Answer(200, code=184, ok=False),
    ],
)
def test_a_stale_key_is_renewed_once_and_the_call_repeated(time: FakeTime, stale: Answer) -> None:
    keyring = Keyring(login(), time, Key("old"))
    flow = keyring.authenticated(CALL)
    assert "old" in next(flow).headers["Authorization"]
    assert flow.send(stale).form is not None
    assert "new" in flow.send(key_answer("new")).headers["Authorization"]
    with pytest.raises(StopIteration) as end:
        flow.send(stale)
    assert end.value.value is stale


@pytest.mark.parametrize("code", [199, 181, 182, 201, 49])
def test_codes_that_a_new_key_cannot_mend_are_handed_on_at_once(time: FakeTime, code: int) -> None:
    refusal = Answer(401, code=code, ok=False)
    flow = Keyring(login(), time, Key("old")).authenticated(CALL)
    next(flow)
    with pytest.raises(StopIteration) as end:
        flow.send(refusal)
    assert end.value.value is refusal


def test_a_refused_login_is_an_authentication_error_and_frees_the_lock(time: FakeTime) -> None:
    keyring = Keyring(login(), time)
    refusal = Answer(200, code=15, message="Login failed", ok=False)
    with pytest.raises(AuthenticationFailed, match="Login failed"):
        run(keyring.authenticated(CALL), lambda _: refusal)
    assert run(keyring.authenticated(CALL), lambda r: key_answer("k") if r.form else FINE) is FINE


def test_a_login_broken_off_by_the_network_frees_the_lock(time: FakeTime) -> None:
    keyring = Keyring(login(), time)

    def broken(_: Request) -> Answer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(keyring.authenticated(CALL), broken)
    assert run(keyring.authenticated(CALL), lambda r: key_answer("k") if r.form else FINE) is FINE


def test_a_login_answer_without_a_key_is_refused_and_not_shown(time: FakeTime) -> None:
    odd = Answer(200, payload={"api_keys": "k"})
    with pytest.raises(AuthenticationFailed, match="no api_key") as caught:
        run(Keyring(login(), time).authenticated(CALL), lambda _: odd)
    assert caught.value.answer is not None
    assert not caught.value.answer.payload


def test_threads_that_find_the_same_key_stale_share_one_renewal(time: FakeTime) -> None:
    keyring = Keyring(login(), time, Key("old"))
    logins: list[str] = []
    everybody_refused = threading.Barrier(5)

    def send(request: Request) -> Answer:
        if request.form is not None:
            logins.append("login")
            return key_answer("new")
        if "old" in request.headers["Authorization"]:
            everybody_refused.wait(timeout=10)
            return STALE
        return FINE

    results: list[Answer] = []
    threads = [
        threading.Thread(target=lambda: results.append(run(keyring.authenticated(CALL), send)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert results == [FINE] * 5
    assert logins == ["login"]


def test_threads_that_wait_for_a_login_share_its_failure(time: FakeTime) -> None:
    keyring = Keyring(login(), time, Key("old"))
    logins: list[str] = []
    everybody_refused, all_but_one_wait = threading.Barrier(5), threading.Event()

    class Lock:
        """Tells when the other four stand before it."""

        def __init__(self) -> None:
            self.inner, self.count = threading.Lock(), 0

        def __enter__(self) -> None:
            self.count += 1
            if self.count == 5:
                all_but_one_wait.set()
            self.inner.acquire()

        def __exit__(self, *_: object) -> None:
            self.inner.release()

    keyring._renewing = Lock()  # type: ignore[assignment]

    def send(request: Request) -> Answer:
        if request.form is not None:
            assert all_but_one_wait.wait(10)
            logins.append("login")
            return Answer(200, code=15, message="Login failed", ok=False)
        everybody_refused.wait(timeout=10)
        return STALE

    errors: list[AuthenticationFailed] = []

    def call() -> None:
        with pytest.raises(AuthenticationFailed, match="Login failed") as caught:
            run(keyring.authenticated(CALL), send)
        errors.append(caught.value)

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert logins == ["login"]
    assert [error.code for error in errors] == [15] * 5
    assert len(set(map(id, errors))) == 5
    # Whoever asks afterwards is not bound by that: the password may have been mended.
    assert run(keyring.authenticated(CALL), lambda r: key_answer("k") if r.form else FINE) is FINE


def oauth() -> OAuthLogin:
    return OAuthLogin(
        "https://login.salesforce.com",
        "0Uv000000000001AAA",
        client_id="app",
        client_secret="app-secret",
        refresh_token="refresh-me",
    )


def test_oauth_signs_with_bearer_and_business_unit(time: FakeTime) -> None:
    flow = Keyring(oauth(), time).authenticated(CALL)
    asked = next(flow)
    assert asked.url == "https://login.salesforce.com/services/oauth2/token"
    assert dict(asked.form or {}) == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-me",
        "client_id": "app",
        "client_secret": "app-secret",
    }
    signed = flow.send(Answer(200, payload={"access_token": "token-1"}))
    assert signed.headers["Authorization"] == "Bearer token-1"
    assert signed.headers["Pardot-Business-Unit-Id"] == "0Uv000000000001AAA"


@pytest.mark.parametrize(
    ("change", "grant"),
    [
        ({"refresh_token": None}, "client_credentials"),
        ({"refresh_token": None, "username": "u", "password": "p"}, "password"),
        ({"username": "u", "password": "p"}, "refresh_token"),
    ],
)
def test_the_grant_follows_from_what_is_given(change: dict[str, str | None], grant: str) -> None:
    asked = replace(oauth(), **change).ask()  # type: ignore[arg-type]
    assert asked is not None
    assert (asked.form or {})["grant_type"] == grant


def test_every_token_is_bought_with_an_assertion_of_its_own(time: FakeTime) -> None:
    serial = iter(range(9))
    signing = replace(oauth(), assertion=lambda: f"jwt-{next(serial)}", access_token="bought")
    flow = Keyring(signing, time, Key("bought")).authenticated(CALL)
    next(flow)
    asked = flow.send(Answer(401, code=184, ok=False))
    assert dict(asked.form or {}) == {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": "jwt-0",
    }


def test_a_token_without_a_told_life_is_used_until_it_is_refused(time: FakeTime) -> None:
    keyring = Keyring(oauth(), time)
    token = Answer(200, payload={"access_token": "t"})
    run(keyring.authenticated(CALL), lambda r: token if r.form else FINE)
    time.seconds = 1e9
    assert next(keyring.authenticated(CALL)).form is None


def test_a_told_life_is_respected(time: FakeTime) -> None:
    keyring = Keyring(oauth(), time)
    token = Answer(200, payload={"access_token": "t", "expires_in": "100"})
    run(keyring.authenticated(CALL), lambda r: token if r.form else FINE)
    time.seconds = 100
    assert next(keyring.authenticated(CALL)).form is not None


def test_a_foreign_token_that_cannot_be_renewed_is_not_asked_for_again(time: FakeTime) -> None:
    foreign = OAuthLogin(
        "https://login.salesforce.com", "0Uv000000000001AAA", access_token="bought"
    )
    refusal = Answer(401, code=184, ok=False)
    flow = Keyring(foreign, time, Key("bought")).authenticated(CALL)
    assert next(flow).headers["Authorization"] == "Bearer bought"
    with pytest.raises(StopIteration) as end:
        flow.send(refusal)
    assert end.value.value is refusal


def test_a_refused_token_request_says_why_and_shows_no_secret(time: FakeTime) -> None:
    refusal = Answer(
        400,
        payload={"error": "invalid_grant", "error_description": "bad token refresh-me"},
        ok=False,
    )
    with pytest.raises(AuthenticationFailed, match="invalid_grant") as caught:
        run(Keyring(oauth(), time).authenticated(CALL), lambda _: refusal)
    assert "refresh-me" not in str(caught.value)


def test_nothing_that_holds_a_credential_shows_it(time: FakeTime) -> None:
    keyring = Keyring(login(), time, Key("held-key"))
    signed = next(keyring.authenticated(CALL))
    shown = " ".join(map(repr, (login(), oauth(), Key("held-key"), keyring, signed, login().ask())))
    for secret in ("secret", "u" * 32, "held-key", "refresh-me", "app-secret"):
        assert f"'{secret}'" not in shown
        assert secret not in shown.replace("client_secret", "")
