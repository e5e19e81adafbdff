"""The raw driver: plain HTTP requests and the suite's own reading of the answers.

It logs in when it first needs a key and once more when a call gives code 1, and does nothing else
on its own: no redirects, no retries, no waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from pardot_contracts.facts import Answer
from pardot_contracts.reply import JSON, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_contracts.facts import Credentials, ExportFacts
    from pardot_contracts.meter import Meter

TIMEOUT_SECONDS = 30
INVALID_KEY = 1


class RawDriver:
    """HTTP in one `version` (3 or 4) and one `form` (xml or json) for one user."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        version: str,
        form: str,
        meter: Meter,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.credentials = credentials
        self.version = version
        self.form = form
        self._meter = meter
        self._session = requests.Session()
        self._session.trust_env = False
        self._key: str | None = None

    def login(self) -> Answer:
        """Log in with the user's own credentials and keep the key."""
        mine = self.credentials
        fields = {"email": mine.email, "password": mine.password, "user_key": mine.user_key}
        answer = self.post_login(fields).answer(self.form)
        self._key = answer.api_key
        return answer

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
        return Answer(status=requests.codes.ok, files=tuple(files))

    def download_reply(self, ref: str, **options: Any) -> Reply:  # noqa: ANN401 - as requests
        """Fetch one result file and give the whole HTTP answer."""
        return self._authorized("GET", ref, **options)

    def call(self, method: str, op: str, **options: Any) -> Reply:  # noqa: ANN401 - as requests
        """Call `do/<op>` of the Export API with this user's key."""
        url = f"{self.base_url}/api/export/version/{self.version}/do/{op}"
        return self._authorized(method, url, **options)

    def send(self, method: str, path: str, **options: Any) -> Reply:  # noqa: ANN401 - as requests
        """Send one call without credentials of its own; `path` may be a whole URL."""
        self._meter.spend()
        url = path if path.startswith("http") else self.base_url + path
        params = dict(options.pop("params", {}))
        if self.form == JSON:
            params.setdefault("format", "json")
        answer = self._session.request(
            method, url, params=params, timeout=TIMEOUT_SECONDS, allow_redirects=False, **options
        )
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, headers, answer.content)

    def authorization(self) -> dict[str, str]:
        """Give the header that authenticates this user, logging in if there is no key yet."""
        if self._key is None:
            self.login()
        return {
            "Authorization": f"Pardot api_key={self._key}, user_key={self.credentials.user_key}"
        }

    def _authorized(self, method: str, url: str, **options: Any) -> Reply:  # noqa: ANN401
        extra = options.pop("headers", {})
        reply = self.send(method, url, headers={**self.authorization(), **extra}, **options)
        if not self._says_invalid_key(reply):
            return reply
        self._key = None
        return self.send(method, url, headers={**self.authorization(), **extra}, **options)

    def _says_invalid_key(self, reply: Reply) -> bool:
        # Far cheaper than reading every result file as an envelope.
        if reply.content_type.startswith("text/csv"):
            return False
        envelope = reply.envelope(self.form)
        return envelope.code == INVALID_KEY
