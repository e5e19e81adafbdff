"""One account's export, driven over plain HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from pardot_mock.testing import AccountHandle


class Story:
    """Logs in to an account and walks an export."""

    def __init__(self, account: AccountHandle) -> None:
        self.account = account
        self.http = requests.Session()
        self.http.trust_env = False
        known = account.credentials
        form = {name: known[name] for name in ("email", "password", "user_key")}
        answer = self.http.post(f"{account.url}/api/login/version/4?format=json", data=form)
        key = answer.json()["api_key"]
        self.headers = {"Authorization": f"Pardot api_key={key}, user_key={known['user_key']}"}
        self.id = 0

    @property
    def read_path(self) -> str:
        """The path of the export's read."""
        return f"/api/export/version/4/do/read/id/{self.id}?format=json"

    def create(self, days: int = 364) -> Story:
        """Create an export of the activities of the last days."""
        now = self.account.clock.now()
        arguments = {"created_after": f"{now - timedelta(days=days):%F}", "created_before": "now"}
        procedure = {"name": "filter_by_created_at", "arguments": arguments}
        url = f"{self.account.url}/api/export/version/4/do/create?format=json"
        body = {"object": "visitorActivity", "procedure": procedure}
        answer = self.http.post(url, json=body, headers=self.headers)
        self.id = answer.json()["export"]["id"]
        return self

    def urls(self) -> list[str]:
        """The result files of the export."""
        answer = self.http.get(self.account.url + self.read_path, headers=self.headers)
        export: dict[str, Any] = answer.json()["export"]
        refs = export.get("resultRefs", [])
        return [refs] if isinstance(refs, str) else refs

    def download(self) -> int:
        """Fetch every file and throw it away; give the bytes."""
        total = 0
        for url in self.urls():
            with self.http.get(url, headers=self.headers, stream=True) as answer:
                for chunk in answer.iter_content(1024 * 1024):
                    total += len(chunk)
        return total
