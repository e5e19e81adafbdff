"""Who is calling: the two ways of logging in, as pure translation.

`UserKeyLogin` buys an api key that lives 60 minutes (documented); `OAuthLogin` buys an
access token whose life is mostly not told. Both say how to ask, how to read the answer,
how to sign a call, and which answers mean that the key has gone stale. Neither sends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from .answers import Answer, as_int, as_text
from .errors import AuthenticationFailed, InvalidRequest
from .transport import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

API_KEY_LIFE = 3600.0
_INVALID_KEY = 1
_INVALID_TOKEN = 184
# With these codes a new key would be refused as well, whatever the HTTP status says.
_HOPELESS = frozenset({49, 181, 182, 199, 201})
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_BUSINESS_UNIT = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


@dataclass(frozen=True)
class Key:
    """What a login bought.

    Attributes:
        secret: the api key or access token, never shown.
        life: seconds from the moment of asking, or None when it is not known.
    """

    secret: str = field(repr=False)
    life: float | None = None


class Login(Protocol):
    """A way of getting and using keys."""

    @property
    def account(self) -> str:
        """What tells this caller from others: an e-mail or a business unit id."""
        ...

    @property
    def renewable(self) -> bool:
        """Whether another key can be bought."""
        ...

    def ask(self) -> Request | None:
        """The request that buys a key, or None if there is no way to get another one."""
        ...

    def read(self, answer: Answer) -> Key:
        """The key inside a successful answer.

        Raises:
            AuthenticationFailed: the answer carries none.
        """
        ...

    def headers(self, key: Key) -> Mapping[str, str]:
        """The headers that sign a call."""
        ...

    def secrets(self) -> Iterator[str]:
        """Every text that must never be shown."""
        ...


def is_stale(answer: Answer) -> bool:
    """Whether the service says that the key is no longer good and a new one may help."""
    if answer.ok or answer.code in _HOPELESS:
        return False
    return answer.code in {_INVALID_KEY, _INVALID_TOKEN} or answer.status == 401


def _without_secrets(answer: Answer) -> Answer:
    return Answer(answer.status, answer.headers, answer.code, answer.message, ok=answer.ok)


@dataclass(frozen=True)
class UserKeyLogin:
    """Login with e-mail, password and user key.

    Attributes:
        base_url: the API host.
        email: of a user of the account.
        password: of that user.
        user_key: the fixed 32-digit key of that user.
        form: `json` or `xml`, the format of the answer.
    """

    base_url: str
    email: str
    password: str = field(repr=False)
    user_key: str = field(repr=False)
    form: str = "json"

    @property
    def account(self) -> str:
        """See `Login.account`."""
        return self.email

    @property
    def renewable(self) -> bool:
        """See `Login.renewable`."""
        return True

    def ask(self) -> Request:
        """See `Login.ask`."""
        return Request(
            "POST",
            # Login does not look at its version segment, so one spelling serves all accounts.
            f"{self.base_url}/api/login/version/4",
            form={
                "email": self.email,
                "password": self.password,
                "user_key": self.user_key,
                "format": self.form,
            },
            counted=False,
        )

    def read(self, answer: Answer) -> Key:
        """See `Login.read`."""
        secret = as_text(answer.payload.get("api_key"))
        if secret is None:
            raise AuthenticationFailed(
                "the login answer carries no api_key", answer=_without_secrets(answer)
            )
        return Key(secret, API_KEY_LIFE)

    def headers(self, key: Key) -> Mapping[str, str]:
        """See `Login.headers`."""
        return {"Authorization": f"Pardot api_key={key.secret}, user_key={self.user_key}"}

    def secrets(self) -> Iterator[str]:
        """See `Login.secrets`."""
        yield from (self.password, self.user_key)


@dataclass(frozen=True)
class OAuthLogin:
    """Login with Salesforce OAuth and a business unit.

    The grant follows from what is given: a signed assertion, else a refresh token, else user
    name and password, else client id and secret alone. An access token is used first and renewed
    if there is a way.

    Attributes:
        login_url: the Salesforce login host.
        business_unit_id: 15 or 18 characters, starting with 0Uv.
        client_id: of the connected app.
        client_secret: of the connected app.
        refresh_token: for the refresh_token grant.
        username: for the password grant.
        password: for the password grant, with the security token appended where one is needed.
        access_token: a token bought elsewhere.
        assertion: makes a signed JWT of a few minutes each time a token is bought.
    """

    login_url: str
    business_unit_id: str
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    assertion: Callable[[], str] | None = field(default=None, repr=False)

    def checked(self) -> OAuthLogin:
        """This login, if it can work.

        Raises:
            InvalidRequest: no business unit, or no way to a token.
        """
        # Not at the making, whose own frame would show every credential in a traceback.
        if not _BUSINESS_UNIT.fullmatch(self.business_unit_id):
            raise InvalidRequest("business_unit_id must have 15 or 18 letters and digits")
        if self.access_token is None and not self.renewable:
            raise InvalidRequest(
                "OAuth needs an access_token, an assertion, or client_id with a refresh_token, "
                "with username and password, or with client_secret"
            )
        return self

    @property
    def account(self) -> str:
        """See `Login.account`."""
        return self.business_unit_id

    @property
    def renewable(self) -> bool:
        """See `Login.renewable`."""
        return self.assertion is not None or self._grant() is not None

    def _grant(self) -> dict[str, str] | None:
        if self.client_id is None:
            return None
        app = {"client_id": self.client_id}
        if self.client_secret is not None:
            app["client_secret"] = self.client_secret
        if self.refresh_token is not None:
            return {"grant_type": "refresh_token", "refresh_token": self.refresh_token, **app}
        if self.username is not None and self.password is not None:
            user = {"username": self.username, "password": self.password}
            return {"grant_type": "password", **user, **app}
        if self.client_secret is not None:
            return {"grant_type": "client_credentials", **app}
        return None

    def ask(self) -> Request | None:
        """See `Login.ask`."""
        grant = self._grant()
        if self.assertion is not None:
            # It names the connected app and the user, so nothing else is sent.
            grant = {"grant_type": _JWT_BEARER, "assertion": self.assertion()}
        if grant is None:
            return None
        return Request("POST", f"{self.login_url}/services/oauth2/token", form=grant, counted=False)

    def read(self, answer: Answer) -> Key:
        """See `Login.read`."""
        secret = as_text(answer.payload.get("access_token"))
        if secret is None:
            raise AuthenticationFailed(
                "the token answer carries no access_token", answer=_without_secrets(answer)
            )
        life = as_int(answer.payload.get("expires_in"))
        return Key(secret, None if life is None else float(life))

    def headers(self, key: Key) -> Mapping[str, str]:
        """See `Login.headers`."""
        return {
            "Authorization": f"Bearer {key.secret}",
            "Pardot-Business-Unit-Id": self.business_unit_id,
        }

    def secrets(self) -> Iterator[str]:
        """See `Login.secrets`."""
        known = (self.client_secret, self.refresh_token, self.password, self.access_token)
        yield from (secret for secret in known if secret)


@dataclass(frozen=True)
class Given:
    """Credentials as they were handed in; see `Pardot`. Its repr shows none of them."""

    email: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    user_key: str | None = field(default=None, repr=False)
    client_id: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    assertion: Callable[[], str] | None = field(default=None, repr=False)
    business_unit_id: str | None = field(default=None, repr=False)

    def login(self, base_url: str, login_url: str, form: str) -> Login:
        """The way of logging in that they allow.

        Args:
            base_url: the API host.
            login_url: the Salesforce login host.
            form: `json` or `xml`, the format of a login's answer.

        Raises:
            InvalidRequest: they are not complete.
        """
        if self.business_unit_id is not None:
            return OAuthLogin(
                login_url,
                self.business_unit_id,
                client_id=self.client_id,
                client_secret=self.client_secret,
                refresh_token=self.refresh_token,
                username=self.username,
                password=self.password,
                access_token=self.access_token,
                assertion=self.assertion,
            ).checked()
        if self.email and self.password and self.user_key:
            return UserKeyLogin(base_url, self.email, self.password, self.user_key, form)
        raise InvalidRequest(
            "give email, password and user_key, or business_unit_id and OAuth credentials"
        )
