"""Every block of the client's README runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pardot_client.pardot

if TYPE_CHECKING:
    import pytest

    from tests.unit.client.fake import FakeService

README = Path(__file__).parents[3] / "client" / "README.md"


def test_every_block_of_the_readme_runs(
    service: FakeService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pardot_client.pardot, "RequestsTransport", lambda: service)
    monkeypatch.setattr("time.sleep", service.time.sleep)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)  # noqa: S102 - the README is ours
    assert len(list((tmp_path / "out").iterdir())) == 4
    assert len(names["rows"]) == 2  # type: ignore[arg-type]
