"""The raw driver: plain HTTP requests and the suite's own reading of the answers.

It logs in (or buys an access token) when it first needs to, and once more when a call says that the
key or token is no longer good. It does nothing else on its own: no redirects, no retries, no
waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pardot_contracts.channel import Outgoing, body_of
from pardot_contracts.facts import API_KEY, Answer
from pardot_contracts.reply import JSON, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_contracts.address import Address
    from pardot_contracts.combinations import Way
    from pardot_contracts.facts import Credentials, ExportFacts

OK = 200
STALE = (1, 184)
UNIT_HEADER = "Pardot-Business-Unit-Id"


class RawDriver:
    """HTTP in one version, format and kind of authentication for one user."""

    def __init__(self, address: Address, credentials: Credentials, way: Way) -> None:
        self.base_url = address.base_url.rstrip("/")
        self.credentials = credentials
        self.version, self.form, self.auth = way.version, way.form, way.auth
        self._address = address
        self._headers: dict[str, str] = {}

    def login(self) -> Answer:
        """Log in, or buy an access token, with the user's own credentials, and keep what came."""
        if self.auth == API_KEY:
            mine = self.credentials
            fields = {"email": mine.email, "password": mine.password, "user_key": mine.user_key}
            answer = self.post_login(fields).answer(self.form)
            keys = f"api_key={answer.api_key}, user_key={mine.user_key}"
            self._headers = {"Authorization": f"Pardot {keys}"}
            return answer
        return self._buy_token()

    def _buy_token(self) -> Answer:
        token = self.credentials.access_token
        if not token:
            self._address.meter.spend(self._address.token_url)
            body, headers = body_of(token_request(self.credentials))
            reply = self._address.channel.send(
                Outgoing("POST", self._address.token_url, headers, body)
            )
            told = reply.json()
            if "access_token" not in told:
                why = f"{told.get('error')}: {told.get('error_description')}"
                return Answer(status=reply.status, message=why)
            token = str(told["access_token"])
        unit = self.credentials.business_unit_id
        self._headers = {"Authorization": f"Bearer {token}", UNIT_HEADER: unit}
        return Answer(status=OK)

    def post_login(self, fields: Mapping[str, str]) -> Reply:
        """Post `fields` to the login of this version as a form."""
        return self.send("POST", f"/api/login/version/{self.version}", data=dict(fields))

    def create(self, request: Mapping[str, Any]) -> Answer:
        """Create an export."""
        return self.create_reply(request).answer(self.form)

    def create_reply(self, request: Mapping[str, Any]) -> Reply:
        """Create an export and give the whole HTTP answer."""
        return self.call("POST", "create", json=request)

    def read(self, export_id: int) -> Answer:
        """Read an export."""
        return self.read_reply(export_id).answer(self.form)

    def read_reply(self, export_id: object) -> Reply:
        """Read an export and give the whole HTTP answer."""
        return self.call("GET", f"read/id/{export_id}")

    def query(self, filters: Mapping[str, str]) -> Answer:
        """List exports."""
        return self.query_reply(filters).answer(self.form)

    def query_reply(self, filters: Mapping[str, str]) -> Reply:
        """List exports and give the whole HTTP answer."""
        return self.call("GET", "query", params=dict(filters))

    def download(self, export: ExportFacts) -> Answer:
        """Fetch every result file; the first refusal is the answer."""
        files = []
        for ref in export.refs:
            reply = self.download_reply(ref)
            if not reply.content_type.startswith("text/csv"):
                return reply.answer(self.form)
            files.append(reply.file())
        return Answer(status=OK, files=tuple(files))

    def download_reply(self, ref: str, **options: Any) -> Reply:  # noqa: ANN401 - see `send`
        """Fetch one result file and give the whole HTTP answer."""
        return self._authorized("GET", ref, **options)

    def call(self, method: str, op: str, **options: Any) -> Reply:  # noqa: ANN401 - see `send`
        """Call `do/<op>` of the Export API as this user."""
        return self.call_object(method, "export", op, **options)

    def call_object(
        self,
        method: str,
        name: str,
        op: str,
        **options: Any,  # noqa: ANN401 - see `send`
    ) -> Reply:
        """Call `do/<op>` of the object `name` as this user."""
        return self._authorized(method, f"/api/{name}/version/{self.version}/do/{op}", **options)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | str | bytes | None = None,
        json: object = None,
    ) -> Reply:
        """Send one call without credentials of its own; `path` may be a whole URL.

        `params` go into the query string, `data` as a form or as it is, `json` as JSON.
        """
        self._address.meter.spend(path)
        body, described = body_of(data, json)
        asked = {"format": "json"} if self.form == JSON else {}
        return self._address.channel.send(
            Outgoing(
                method,
                path if path.startswith("http") else self.base_url + path,
                described | dict(headers or {}),
                body,
                asked | dict(params or {}),
            )
        )

    def authorization(self) -> dict[str, str]:
        """Give the headers that authenticate this user, logging in if need be."""
        if not self._headers:
            self.login()
        return dict(self._headers)

    def _authorized(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        **options: Any,  # noqa: ANN401 - see `send`
    ) -> Reply:
        more = dict(headers or {})
        reply = self.send(method, url, headers=self.authorization() | more, **options)
        if not self._says_stale(reply):
            return reply
        self._headers = {}
        return self.send(method, url, headers=self.authorization() | more, **options)

    def _says_stale(self, reply: Reply) -> bool:
        # Far cheaper than reading every answer as an envelope.
        if b"fail" not in reply.body or self.credentials.access_token:
            return False
        if reply.content_type.startswith("text/csv"):
            return False
        return reply.envelope(self.form).code in STALE


def token_request(mine: Credentials) -> dict[str, str]:
    """Give the form that buys an access token: by what the credentials have, in this order."""
    form = {"client_id": mine.client_id, "client_secret": mine.client_secret}
    if mine.refresh_token:
        return form | {"grant_type": "refresh_token", "refresh_token": mine.refresh_token}
    if mine.username and mine.password:
        user = {"username": mine.username, "password": mine.password}
        return form | {"grant_type": "password"} | user
    return form | {"grant_type": "client_credentials"}
