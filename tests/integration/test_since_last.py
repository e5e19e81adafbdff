"""`pardot-export --since-last`: over many runs every row once, wherever a run is cut off."""

from __future__ import annotations

import csv
import itertools
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pardot_client import Pardot, RequestsTransport
from pardot_client.cli import main
from pardot_mock.testing import intercept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pardot_client import Reply, Request
    from pardot_mock.testing import AccountHandle
    from pardot_mock.testing.interception import Interception

BEGIN = datetime(2026, 3, 8, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 10, 12, 5, tzinfo=UTC)
SINCE = BEGIN.isoformat()
WORDS = ("visitorActivity", "--created-after", SINCE, "--since-last", "--fields", "id,created_at")
LAG = timedelta(minutes=5)


@dataclass
class Fuse:
    """Cuts the run off at a step; with `kill` nothing that happens afterwards counts."""

    out: Path
    at: int | None = None
    kill: bool = False
    steps: int = 0
    blown: bool = False

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            self.blown = True
            if self.kill:
                shutil.copytree(self.out, self.out.with_name("dead"), dirs_exist_ok=True)
            raise KeyboardInterrupt

    def bury(self) -> None:
        """What a killed process left behind is what was there when it was killed."""
        if self.blown and self.kill:
            shutil.rmtree(self.out)
            self.out.with_name("dead").rename(self.out)


@dataclass
class CuttingTransport:
    fuse: Fuse
    inner: RequestsTransport = field(default_factory=RequestsTransport)

    def send(self, request: Request) -> Reply:
        self.fuse.step()
        reply = self.inner.send(request)
        try:
            self.fuse.step()
        except KeyboardInterrupt:
            reply.close()
            raise
        return reply

    def close(self) -> None:
        self.inner.close()


@dataclass
class Runs:
    account: AccountHandle
    out: Path
    words: tuple[str, ...] = ()

    def run(
        self, cut: int | None = None, *, kill: bool = False, extra: tuple[str, ...] = ()
    ) -> int:
        fuse = Fuse(self.out, cut, kill)
        original = Path.replace

        def replace(path: Path, target: Any) -> Path:
            fuse.step()
            moved = original(path, target)
            fuse.step()
            return moved

        known = self.account.credentials
        environment = {f"PARDOT_{name.upper()}": text for name, text in known.items()}

        def connect(**options: Any) -> Pardot:
            given = {**options, "base_url": self.account.url}
            return Pardot(**given, transport=CuttingTransport(fuse), sleep=self.sleep)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "replace", replace)
            code = main(
                [*WORDS, *self.words, *extra, "--out", str(self.out)],
                environment=environment,
                connect=connect,
            )
        fuse.bury()
        return code

    def sleep(self, seconds: float) -> None:
        self.account.clock.advance(seconds=seconds)

    def ids(self) -> list[str]:
        return sorted(str(row["id"]) for row in self.rows())

    def litter(self) -> list[str]:
        known = {".pardot-export.json", ".pardot-export.json.lock"}
        return sorted(path.name for path in self.out.glob(".*") if path.name not in known)

    def rows(self) -> Iterator[dict[str, Any]]:
        for path in sorted(self.out.glob("[!.]*")):
            with path.open(encoding="utf-8", newline="") as file:
                if path.suffix == ".csv":
                    yield from csv.DictReader(file)
                else:
                    yield from map(json.loads, file)

    def mark(self) -> str:
        (mark,) = json.loads((self.out / ".pardot-export.json").read_text())["marks"].values()
        return str(mark)

    def truth(self) -> list[str]:
        """The ids of all rows up to the mark, by an export of their own."""
        known = {name: self.account.credentials[name] for name in ("email", "password", "user_key")}
        pardot = Pardot(**known, sleep=self.sleep)
        run = pardot.export(
            "visitorActivity", created_after=SINCE, created_before=self.mark(), fields=["id"]
        )
        return sorted(str(row["id"]) for row in run)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Interception]:
    made = intercept(now=NOW, rate=0, rows=0)
    with made:
        yield made


# A row in each second around every full hour, where the bounds of runs fall.
MOMENTS = [
    BEGIN + timedelta(hours=hour, seconds=second) for hour in range(120) for second in range(-2, 3)
]
ROWS = [{"id": number, "created_at": str(at)} for number, at in enumerate(MOMENTS, 1)]


def account_with_rows(emulator: Interception) -> AccountHandle:
    account = emulator.account()
    account.load("visitorActivity", ROWS)
    account.plan("instant", rows_per_file=100)
    return account


@pytest.fixture
def made(emulator: Interception, tmp_path: Path) -> Iterator[Runs]:
    account = account_with_rows(emulator)
    yield Runs(account, tmp_path / "out")
    account.delete()


# An interruption tidies up after itself, so every fourth step of one will do.
@pytest.mark.parametrize(("kill", "stride"), [(True, 1), (False, 4)], ids=["killed", "interrupted"])
def test_a_run_may_be_cut_off_at_any_step(made: Runs, kill: bool, stride: int) -> None:
    cuts = 0
    for step in itertools.count(1, stride):
        made.account.clock.advance(minutes=58)
        if made.run(step, kill=kill) == 0:
            break
        cuts += 1
        # What the cut off run left is mended by the next one, whatever it was.
        assert made.run() == 0
        assert made.ids() == made.truth()
    assert cuts * stride > 12
    assert made.litter() == []


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    runs=st.lists(
        st.tuples(st.integers(1, 9), st.none() | st.integers(1, 40), st.booleans()),
        min_size=2,
        max_size=6,
    ),
    words=st.sampled_from([("--merge",), ("--format", "jsonl"), ("--format", "jsonl", "--merge")]),
)
def test_runs_of_every_form_leave_every_row_once(
    emulator: Interception, runs: list[tuple[int, int | None, bool]], words: tuple[str, ...]
) -> None:
    account = account_with_rows(emulator)
    with tempfile.TemporaryDirectory() as folder:
        made = Runs(account, Path(folder) / "out", words)
        for hours, cut, kill in runs:
            account.clock.advance(hours=hours)
            assert made.run(cut, kill=kill) in {0, 130}
        assert made.run() == 0
        assert made.ids() == made.truth()
        assert made.litter() == []
    account.delete()


def test_a_second_run_beside_the_first_is_turned_away(
    made: Runs, capsys: pytest.CaptureFixture[str]
) -> None:
    def meanwhile(seconds: float) -> None:
        made.account.clock.advance(seconds=seconds)
        codes.append(Runs(made.account, made.out).run())

    codes: list[int] = []
    made.account.plan("timed", work="40s")
    made.sleep = meanwhile  # type: ignore[method-assign]
    assert made.run() == 0
    assert codes == [2]
    assert "another run is using" in capsys.readouterr().err
    assert made.ids() == made.truth()


def test_an_upper_bound_in_the_future_is_no_mark(made: Runs) -> None:
    future = ("--created-before", "2026-03-11T00:00:00+00:00")
    assert made.run(extra=future) == 0
    assert datetime.fromisoformat(made.mark()) == NOW - LAG
    made.account.clock.advance(days=5)
    assert made.run(extra=future) == 0
    assert made.mark() == "2026-03-11T00:00:00+00:00"
    assert made.ids() == made.truth()


def test_files_from_elsewhere_are_not_overwritten(
    made: Runs, capsys: pytest.CaptureFixture[str]
) -> None:
    made.out.mkdir()
    (made.out / "visitorActivity-1001-1.csv").write_text("mine")
    assert made.run(extra=("--merge",)) == 0
    (made.out / "visitorActivity-1002.csv").write_text("mine")
    made.account.clock.advance(days=1)
    before = made.mark()
    assert made.run(extra=("--merge",)) == 2
    assert "is there already" in capsys.readouterr().err
    assert made.mark() == before
    assert (made.out / "visitorActivity-1002.csv").read_text() == "mine"
    assert made.litter() == []
