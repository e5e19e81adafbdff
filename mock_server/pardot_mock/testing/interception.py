"""Requests to the service's hosts, answered within the process.

with intercept(seed=7) as account:
    requests.post("https://pi.pardot.com/api/login/version/4", data=...)
    account.clock.advance(days=7)

Every call takes the same way through the emulator as over a socket. Whatever is not the service
is refused, unless it was opened with `allow`. Each use has a world of its own.
"""

from __future__ import annotations

import functools
import inspect
import re
from typing import TYPE_CHECKING, Any, cast, overload
from urllib.parse import urlsplit

import requests
from responses import BaseResponse, RequestsMock

from pardot_mock.dropin.hosts import is_emulated, plain_host
from pardot_mock.dropin.inprocess import answer, read_timeout
from pardot_mock.testing.application import App, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pardot_mock.testing.live import AccountHandle

ARGUMENT = "account"
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@overload
def intercept(test: Callable[..., Any], /) -> Callable[..., Any]: ...
@overload
def intercept(
    test: None = None,
    /,
    *,
    allow: str | Iterable[str] = (),
    **settings: Any,  # noqa: ANN401
) -> Interception: ...
def intercept(
    test: Callable[..., Any] | None = None,
    /,
    *,
    allow: str | Iterable[str] = (),
    **settings: Any,
) -> Interception | Callable[..., Any]:
    """Answer requests to the service's hosts from a world of its own.

    Use it as a context manager that gives the default account, or as a decorator, with or without
    parentheses. A decorated function that has a parameter `account` gets the account there;
    otherwise its first parameter that the caller left out gets it. Settings are those of an
    account, as for `MockPardot`. `allow` names hosts that may really be reached.

    Raises `BadFieldError` for a bad setting, and `ValueError` for a host of the service in
    `allow`, both when the block is entered or the function called.
    """
    interception = Interception(allow, settings)
    return interception if test is None else interception(test)


class Interception:
    """What `intercept` gives; it can be used again, one use after the other."""

    def __init__(self, allow: str | Iterable[str], settings: dict[str, Any]) -> None:
        named = [allow] if isinstance(allow, str) else allow
        self._allowed = frozenset(plain_host(host) for host in named)
        self._settings = settings
        self._app: App | None = None
        self._mock: RequestsMock | None = None

    @property
    def url(self) -> str:
        """The base URL under which the emulator answers."""
        return self._running.url

    @property
    def default(self) -> AccountHandle:
        """The default account with the published demo credentials."""
        return self._running.default

    def account(self, **settings: Any) -> AccountHandle:  # noqa: ANN401
        """Make a fresh account beside the default one."""
        return self._running.account(**settings)

    def __enter__(self) -> AccountHandle:
        """Begin to answer; gives the default account."""
        if self._app is not None:
            raise RuntimeError("this interception is in use; make another one with intercept()")
        for host in self._allowed:
            if is_emulated(host):
                raise ValueError(f"{host} is a host of the service: it cannot be opened")
        self._app = app = create_app(**self._settings)
        self._mock = RequestsMock(assert_all_requests_are_fired=False)
        self._mock.add(_Answers(self._mock, app, self._allowed))
        # Only allowed hosts stay unmatched, so whatever reaches this may pass.
        self._mock.add_passthru(re.compile(""))
        self._mock.start()
        return self.default

    def __exit__(self, *_: object) -> None:
        """Stop answering, and destroy every key and result file."""
        if self._mock is not None:
            self._mock.stop(allow_assert=False)
        self._running.close()
        self._mock = self._app = None

    def __call__(self, test: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a function or a coroutine function: each call has a world of its own."""
        if not inspect.isfunction(test):
            raise TypeError(f"intercept decorates functions, not {test!r}")
        signature = inspect.signature(test)
        allow, settings = self._allowed, self._settings

        if inspect.iscoroutinefunction(test):

            @functools.wraps(test)
            async def waited(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
                with Interception(allow, settings) as account:
                    return await _given(test, signature, account, args, kwargs)

            wrapper: Callable[..., Any] = waited
        else:

            @functools.wraps(test)
            def called(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
                with Interception(allow, settings) as account:
                    return _given(test, signature, account, args, kwargs)

            wrapper = called
        # Test runners read the signature to know what they must hand over.
        shown = [p for name, p in signature.parameters.items() if name != ARGUMENT]
        cast("Any", wrapper).__signature__ = signature.replace(parameters=shown)
        return wrapper

    @property
    def _running(self) -> App:
        if self._app is None:
            raise RuntimeError("nothing is intercepted: use it in a with block")
        return self._app


def _given(
    test: Callable[..., Any],
    signature: inspect.Signature,
    account: AccountHandle,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:  # noqa: ANN401
    """Call `test` with the account where it takes one."""
    name = ARGUMENT
    if ARGUMENT not in signature.parameters:
        name = _left_out(signature, args, kwargs)
    if not name or name in kwargs:
        return test(*args, **kwargs)
    place = list(signature.parameters).index(name)
    if signature.parameters[name].kind in _BY_PLACE and place <= len(args):
        return test(*args[:place], account, *args[place:], **kwargs)
    return test(*args, **{name: account}, **kwargs)


def _left_out(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Give the first parameter that must be given by place and was not; empty if none."""
    for name, parameter in list(signature.parameters.items())[len(args) :]:
        required = parameter.kind in _BY_PLACE and parameter.default is parameter.empty
        if required and name not in kwargs:
            return name
    return ""


class _Answers(BaseResponse):
    """The one answer that `responses` knows: the emulator's, or a refusal."""

    def __init__(self, mock: RequestsMock, app: App, allowed: frozenset[str]) -> None:
        super().__init__("ANY", re.compile(""))
        self._mock = mock
        self._app = app
        self._allowed = allowed

    def matches(self, request: requests.PreparedRequest) -> tuple[bool, str]:
        """Take every request but those to an allowed host."""
        return _host(request) not in self._allowed, "the host is allowed"

    def get_response(self, request: requests.PreparedRequest) -> Any:  # noqa: ANN401
        """Answer, or raise `requests.ConnectionError` for a host that is not the service's."""
        # The journal of the account remembers calls; a second memory would keep their bodies.
        self._mock.calls.reset()
        self.calls.reset()
        host = _host(request)
        if not is_emulated(host):
            message = (
                f"{request.method} {request.url} was not sent: intercept() lets nothing out; "
                f"to reach this host use intercept(allow=[{host!r}])"
            )
            raise requests.ConnectionError(message, request=request)
        # `responses` notes on the request how the adapter was called.
        given = getattr(request, "req_kwargs", {}).get("timeout")
        return answer(self._app, request, read_timeout(given))


def _host(request: requests.PreparedRequest) -> str:
    return plain_host(urlsplit(request.url or "").hostname or "")
