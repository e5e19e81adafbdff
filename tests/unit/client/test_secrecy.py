"""No credential shows: not in a message, a log, a repr, nor in the local names of any frame.

Tools that report errors show the local names of every frame, so they are rendered here as well.
"""

from __future__ import annotations

import io
import json
import logging
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pardot_client import (
    Export,
    GarbledAnswer,
    MemoryReply,
    Pardot,
    PardotError,
    RequestsTransport,
    Retrying,
    TransferBroken,
    TransportFailed,
)
from tests.unit.client.fake import CSV, BreakingReply, FakeService, FakeTime, fail, ok

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

UNIT = "0Uv000000000001AAA"
PASSWORD, USER_KEY, API_KEY = "pass-" + "w" * 9, "u" * 32, "k" * 32
SECRETS = {
    "password": PASSWORD,
    "user_key": USER_KEY,
    "client_secret": "c" * 20,
    "refresh_token": "r" * 20,
    "access_token": "t" * 20,
}
ALL = (*SECRETS.values(), API_KEY)


def inner(trace: TracebackType | None) -> TracebackType | None:
    """The frames of the client and below; what the caller itself holds is its own affair."""
    while trace is not None and "pardot_client" not in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    return trace


def shown(error: BaseException, cut: Callable[[Any], Any] = inner) -> str:
    """What a person or a program may get to see of an error."""
    from rich.console import Console
    from rich.traceback import Traceback

    out = io.StringIO()
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = cut(link.__traceback__)
        link = link.__cause__ or link.__context__
    picture = Traceback.from_exception(
        type(error),
        error,
        error.__traceback__,
        show_locals=True,
        locals_max_length=10_000,
        locals_max_string=100_000,
        locals_hide_dunder=False,
        locals_hide_sunder=False,
    )
    Console(file=out, width=400, no_color=True).print(picture)
    answer = getattr(error, "answer", None)
    return "\n".join([out.getvalue(), str(error), repr(error), repr(answer), str(answer)])


def by_key(service: FakeService, **options: Any) -> Pardot:
    return service.client(password=PASSWORD, user_key=USER_KEY, **options)


def by_oauth(service: FakeService, **options: Any) -> Pardot:
    secrets = {name: SECRETS[name] for name in ("client_secret", "refresh_token", "access_token")}
    wish = {"business_unit_id": UNIT, "client_id": "app", "transport": service, **secrets}
    return Pardot(**{**wish, "sleep": service.time.sleep, **options})


def refused_login(service: FakeService) -> None:
    service.script["login"].append(fail(15, f"Login failed for {PASSWORD} and {USER_KEY}"))
    by_key(service).exports.query()


def a_login_cut_in_its_key(service: FakeService) -> None:
    cut = MemoryReply(200, b'{"@attributes":{"stat":"ok"},"api_key":"' + API_KEY.encode())
    service.script["login"].extend([cut] * 5)
    by_key(service).exports.query()


def a_login_broken_in_its_key(service: FakeService) -> None:
    body = b'{"api_key":"' + API_KEY.encode()
    broken = [BreakingReply(body, TransportFailed("broke off")) for _ in range(5)]
    service.script["login"].extend(broken)
    by_key(service).exports.query()


def a_server_that_repeats_what_it_got(service: FakeService) -> None:
    echo = fail(183, f"failed on api_key={API_KEY}, user_key={USER_KEY}", status=500)
    service.script["login"].append(ok({"api_key": API_KEY}))
    service.script["query"].extend([echo] * 5)
    by_key(service).exports.query()


def a_refused_call(service: FakeService) -> None:
    service.script["login"].append(ok({"api_key": API_KEY}))
    service.script["create"].append(fail(177, f"not with {API_KEY}", status=400))
    by_key(service).exports.create("visitor", updated_after="today")


def a_lost_create(service: FakeService) -> None:
    service.script["login"].append(ok({"api_key": API_KEY}))
    service.script["create"].append(TransportFailed("reset"))
    service.script["query"].append(fail(46, "no", status=403))
    by_key(service).exports.create("visitor", updated_after="today")


def a_refused_grant(service: FakeService) -> None:
    told = {"error": "invalid_grant", "error_description": f"no {SECRETS['refresh_token']}"}
    service.script["query"].append(fail(184, f"no {SECRETS['access_token']}", status=401))
    service.script["token"].append(MemoryReply(400, json.dumps(told).encode()))
    by_oauth(service).exports.query()


def a_token_answer_without_a_token(service: FakeService) -> None:
    wrong = {"refresh_token": SECRETS["refresh_token"]}
    service.script["token"].append(MemoryReply(200, json.dumps(wrong).encode()))
    by_oauth(service, access_token=None).exports.query()


def a_business_unit_that_is_none(service: FakeService) -> None:
    by_oauth(service, business_unit_id="x")


def a_version_that_is_none(service: FakeService) -> None:
    by_key(service, version=9)


def a_host_that_is_none(service: FakeService) -> None:
    by_key(service, base_url="ftp://x")


def half_of_the_credentials(service: FakeService) -> None:
    by_key(service, email=None)


def a_key_no_header_may_hold(service: FakeService) -> None:
    odd = SECRETS["access_token"] + "\u20ac"
    with answering(b"") as url:
        by_oauth(
            service, transport=RequestsTransport(), access_token=odd, base_url=url
        ).exports.query()


@contextmanager
def answering(body: bytes) -> Iterator[str]:
    """A server that begins the same answer on every connection and hangs up."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\nContent-Type: application/json\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(head + body)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def a_connection_that_breaks_in_the_key(service: FakeService) -> None:
    with answering(b'{"api_key":"' + API_KEY.encode()) as url:
        by_key(
            service, transport=RequestsTransport(), base_url=url, retrying=Retrying(attempts=1)
        ).exports.query()


def nobody_listening(service: FakeService) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    by_key(service, transport=RequestsTransport(), base_url=url).exports.query()


def nobody_listening_for_tokens(service: FakeService) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    by_oauth(
        service, transport=RequestsTransport(), login_url=url, access_token=None
    ).exports.query()


def a_file_that_breaks_off(service: FakeService) -> None:
    service.script["login"].append(ok({"api_key": API_KEY}))
    export = {"id": 1, "state": "Complete", "isExpired": False, "resultRefs": "https://x/file/1"}
    service.script["create"].append(ok({"export": export}))
    broken = [BreakingReply(CSV[:9], TransportFailed("reset")) for _ in range(5)]
    service.script["?"].extend(broken)
    rows(by_key(service).exports.create("visitor", updated_after="today"))


def rows(job: Export) -> None:
    list(job.rows())


MISHAPS = [
    refused_login,
    a_login_cut_in_its_key,
    a_login_broken_in_its_key,
    a_server_that_repeats_what_it_got,
    a_refused_call,
    a_lost_create,
    a_refused_grant,
    a_token_answer_without_a_token,
    a_business_unit_that_is_none,
    a_version_that_is_none,
    a_host_that_is_none,
    half_of_the_credentials,
    a_key_no_header_may_hold,
    a_connection_that_breaks_in_the_key,
    nobody_listening,
    nobody_listening_for_tokens,
    a_file_that_breaks_off,
]


@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: mishap.__name__)
def test_whatever_goes_wrong_shows_no_credential_anywhere(
    mishap: Callable[[FakeService], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(PardotError) as caught:
        mishap(FakeService(FakeTime()))
    seen = shown(caught.value) + caplog.text
    assert "pardot_client" in seen
    for secret in ALL:
        assert secret not in seen


def test_the_rendering_would_show_a_credential() -> None:
    """The law above can fail: a local name of that kind is found."""

    def careless() -> None:
        header = f"Pardot api_key={API_KEY}"
        raise GarbledAnswer(str(len(header)))

    with pytest.raises(GarbledAnswer) as caught:
        careless()
    assert API_KEY in shown(caught.value, cut=lambda trace: trace)


def test_what_a_client_holds_is_not_shown_by_its_parts(service: FakeService) -> None:
    pardot = by_oauth(service)
    parts = [pardot, pardot.exports, pardot._caller, pardot._caller.shared]
    text = " ".join(map(repr, [*parts, *(vars(part) for part in parts)]))
    for secret in ALL:
        assert secret not in text


def test_a_broken_file_still_says_what_broke(service: FakeService) -> None:
    with pytest.raises(TransferBroken, match="reset") as caught:
        a_file_that_breaks_off(service)
    assert isinstance(caught.value.__cause__, TransportFailed)
