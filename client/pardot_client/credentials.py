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
    from collections.abc import Iterator, Mapping

API_KEY_LIFE = 3600.0
_INVALID_KEY = 1
_INVALID_TOKEN = 184
# With these codes a new key would be refused as well, whatever the HTTP status says.
_HOPELESS = frozenset({49, 181, 182, 199, 201})
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

    The grant follows from what is given: a refresh token, else user name and password, else
    client id and secret alone. An access token is used first and renewed if there is a way.

    Attributes:
        login_url: the Salesforce login host.
        business_unit_id: 15 or 18 characters, starting with 0Uv.
        client_id: of the connected app.
        client_secret: of the connected app.
        refresh_token: for the refresh_token grant.
        username: for the password grant.
        password: for the password grant, with the security token appended where one is needed.
        access_token: a token bought elsewhere.
    """

    login_url: str
    business_unit_id: str
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not _BUSINESS_UNIT.fullmatch(self.business_unit_id):
            raise InvalidRequest("business_unit_id must have 15 or 18 letters and digits")
        if self.access_token is None and self._grant() is None:
            raise InvalidRequest(
                "OAuth needs an access_token, or client_id with a refresh_token, "
                "with username and password, or with client_secret"
            )

    @property
    def account(self) -> str:
        """See `Login.account`."""
        return self.business_unit_id

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
