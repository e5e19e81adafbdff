"""What those get who read a file while it is still being sealed."""

from __future__ import annotations

import io
import os
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pardot_mock.vault import KeyGoneError, Sealing, Vault, VaultClosedError, VaultFullError
from pardot_mock.vault.frames import (
    FRAME_BYTES,
    FrameCipher,
    open_frames,
    read_header,
    seal_frames,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXPORT = "default/12"
PATIENCE = 10


class Source:
    """Chunks that are handed out one by one, each when it is allowed."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks
        self.allowed = threading.Semaphore(0)
        self.begun = threading.Event()
        self.made = 0

    def __call__(self) -> Iterator[bytes]:
        self.made += 1
        self.begun.set()
        for chunk in self._chunks:
            assert self.allowed.acquire(timeout=PATIENCE)
            yield chunk

    def allow(self, chunks: int) -> None:
        self.allowed.release(chunks)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = Vault(tmp_path / "vault")
    yield vault
    vault.close()


def left_on_disk(directory: Path) -> list[Path]:
    return list(directory.rglob("*.sealed"))


def test_the_first_bytes_of_a_file_do_not_wait_for_its_last(vault: Vault) -> None:
    content = os.urandom(4 * FRAME_BYTES + 5)
    source = Source(content[: 2 * FRAME_BYTES + 1], content[2 * FRAME_BYTES + 1 :])
    sealing = vault.start(EXPORT, "7", source)
    source.allow(1)
    pieces = sealing.follow()
    first = next(pieces)
    assert vault.sealed(EXPORT, "7") is None
    source.allow(1)
    assert first + b"".join(pieces) == content
    assert sealing.wait() == len(content)
    assert b"".join(vault.open(EXPORT, "7")) == content


def test_whoever_comes_while_a_file_is_sealed_joins_in_and_nothing_is_made_twice(
    vault: Vault,
) -> None:
    content = os.urandom(2 * FRAME_BYTES)
    source = Source(content)
    first, second = vault.start(EXPORT, "7", source), vault.start(EXPORT, "7", source)
    source.allow(9)
    assert b"".join(first.follow()) == b"".join(second.follow()) == content
    assert source.made == 1


def test_only_ciphertext_is_on_the_disk_while_a_file_is_followed(
    vault: Vault, tmp_path: Path
) -> None:
    source = Source(b"zoe@example.com\n" * FRAME_BYTES, b"last")
    sealing = vault.start(EXPORT, "7", source)
    source.allow(1)
    next(sealing.follow())
    (path,) = left_on_disk(tmp_path)
    assert path.stat().st_size > FRAME_BYTES
    assert b"zoe@example.com" not in path.read_bytes()
    source.allow(1)


def test_who_follows_a_file_gets_all_of_it_although_its_export_is_shredded(
    vault: Vault, tmp_path: Path
) -> None:
    content = os.urandom(3 * FRAME_BYTES)
    source = Source(content[: 2 * FRAME_BYTES + 1], content[2 * FRAME_BYTES + 1 :])
    sealing = vault.start(EXPORT, "7", source)
    source.allow(1)
    pieces = sealing.follow()
    first = next(pieces)
    vault.shred(EXPORT)
    source.allow(1)
    assert first + b"".join(pieces) == content
    with pytest.raises(KeyGoneError):
        sealing.wait()
    assert left_on_disk(tmp_path) == []
    assert vault.used_bytes == 0


@pytest.mark.parametrize("order", ["hung up before", "hung up after"])
def test_what_nobody_wants_any_more_ends_at_its_next_frame(
    vault: Vault, tmp_path: Path, order: str
) -> None:
    source = Source(*[bytes(FRAME_BYTES + 1)] * 9)
    sealing = vault.start(EXPORT, "7", source)
    source.allow(1)
    pieces = sealing.follow()
    next(pieces)
    if order == "hung up before":
        pieces.close()
        vault.shred(EXPORT)
    else:
        vault.shred(EXPORT)
        pieces.close()
    source.allow(1)
    with sealing._news:
        assert sealing._news.wait_for(lambda: sealing._ended, timeout=PATIENCE)
    with pytest.raises(KeyGoneError):
        sealing.wait()
    assert left_on_disk(tmp_path) == []
    assert vault.used_bytes == 0


def test_who_waits_for_a_file_keeps_its_sealing_going_although_its_export_is_shredded(
    vault: Vault,
) -> None:
    source = Source(*[bytes(FRAME_BYTES + 1)] * 3)
    sealing = vault.start(EXPORT, "7", source)
    with sealing._wanted():
        vault.shred(EXPORT)
        source.allow(3)
        with sealing._news:
            assert sealing._news.wait_for(lambda: sealing._ended, timeout=PATIENCE)
    assert sealing._whole


def test_who_hangs_up_on_a_file_that_nobody_shreds_does_not_end_its_sealing(vault: Vault) -> None:
    source = Source(*[bytes(FRAME_BYTES + 1)] * 3)
    sealing = vault.start(EXPORT, "7", source)
    source.allow(1)
    pieces = sealing.follow()
    next(pieces)
    pieces.close()
    assert list(pieces) == []
    source.allow(2)
    assert sealing.wait() == 3 * (FRAME_BYTES + 1)


def test_who_comes_just_when_a_sealing_gives_up_is_told_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source(bytes(FRAME_BYTES + 1), bytes(9 * FRAME_BYTES))
    with closing(Vault(tmp_path, quota_bytes=3 * FRAME_BYTES)) as vault:
        sealing = vault.start(EXPORT, "7", source)
        real = sealing._await

        def late(number: int) -> bool:
            found = real(number)
            source.allow(1)
            with sealing._news:
                sealing._news.wait_for(lambda: sealing._ended, timeout=PATIENCE)
            return found

        monkeypatch.setattr(sealing, "_await", late)
        source.allow(1)
        with pytest.raises(VaultFullError, match="quota"):
            sealing.follow()


def test_whoever_hears_of_a_failure_can_ask_again_at_once(vault: Vault) -> None:
    def broken() -> list[bytes]:
        raise LookupError

    # The thread that failed may be slow to end; nobody may depend on that.
    for number in range(200):
        with pytest.raises(LookupError):
            vault.start(EXPORT, str(number), broken).wait()
        assert vault.start(EXPORT, str(number), lambda: [b"x"]).wait() == 1


def test_after_a_shred_nobody_joins_what_was_under_way(vault: Vault) -> None:
    old, new = Source(b"old"), Source(b"new")
    vault.start(EXPORT, "7", old)
    vault.shred(EXPORT)
    sealing = vault.start(EXPORT, "7", new)
    old.allow(1)
    new.allow(1)
    assert b"".join(sealing.follow()) == b"new"
    assert sealing.wait() == 3
    assert b"".join(vault.open(EXPORT, "7")) == b"new"


def test_what_breaks_a_sealing_is_raised_to_those_who_follow(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", quota_bytes=3 * FRAME_BYTES)
    source = Source(bytes(2 * FRAME_BYTES + 1), bytes(FRAME_BYTES))
    sealing = vault.start(EXPORT, "7", source)
    source.allow(1)
    pieces = sealing.follow()
    next(pieces)
    source.allow(1)
    with pytest.raises(VaultFullError, match="quota"):
        list(pieces)
    with pytest.raises(VaultFullError):
        sealing.wait()
    assert left_on_disk(tmp_path) == []
    again = vault.start(EXPORT, "7", lambda: [b"small"])
    assert again.wait() == 5
    vault.close()


def test_closing_ends_what_is_under_way_and_what_waits_for_its_turn(
    vault: Vault, tmp_path: Path
) -> None:
    sources = [Source(bytes(2 * FRAME_BYTES), bytes(FRAME_BYTES)) for _ in range(4)]
    sealings = [vault.start(EXPORT, str(n), source) for n, source in enumerate(sources)]
    closing = threading.Thread(target=vault.close)
    closing.start()
    while not vault._closed:
        closing.join(0.001)
    for source in sources:
        source.allow(2)
    closing.join(PATIENCE)
    for sealing in sealings:
        with pytest.raises(VaultClosedError):
            sealing.wait()
    assert left_on_disk(tmp_path) == []


def test_no_two_files_have_a_chunk_made_at_the_same_time(vault: Vault) -> None:
    second = Source(b"second")
    second.allow(1)
    meanwhile: list[bool] = []
    sealings: list[Sealing] = []

    def first() -> Iterator[bytes]:
        sealings.append(vault.start(EXPORT, "2", second))
        # Long enough for a thread that nothing holds up.
        meanwhile.append(began(second))
        yield b"first"

    assert vault.start(EXPORT, "1", first).wait() == len(b"first")
    assert sealings[0].wait() == len(b"second")
    assert meanwhile == [False]


def began(source: Source) -> bool:
    """Wait a moment for the making of a source to begin."""
    return source.begun.wait(timeout=0.05)


def test_what_makes_the_chunks_is_closed_when_the_disk_quota_ends_the_sealing(
    tmp_path: Path,
) -> None:
    closed = threading.Event()

    def chunks() -> Iterator[bytes]:
        try:
            while True:
                yield bytes(FRAME_BYTES)
        finally:
            closed.set()

    with closing(Vault(tmp_path / "vault", quota_bytes=3 * FRAME_BYTES)) as vault:
        sealing = vault.start(EXPORT, "1", chunks)
        with pytest.raises(VaultFullError):
            sealing.wait()
        # Although the error, and with it the frames it passed through, is still held.
        assert sealing._error is not None
        assert closed.wait(timeout=PATIENCE)


EDGES = st.sampled_from((0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES))


@example([1, FRAME_BYTES - 1])
@given(st.lists(EDGES | st.integers(0, 3 * FRAME_BYTES), max_size=6))
@settings(max_examples=50)
def test_what_is_opened_is_what_was_sealed_however_it_is_cut(sizes: list[int]) -> None:
    chunks = [os.urandom(size) for size in sizes]
    frames = list(seal_frames(b"k" * 32, EXPORT, "1", chunks))
    assert [last for _, last in frames] == [False] * (len(frames) - 1) + [True]
    sealed = io.BytesIO(b"".join(frame for frame, _ in frames))
    cipher = FrameCipher(b"k" * 32, EXPORT, "1", read_header(sealed))
    opened = list(open_frames(cipher, sealed))
    assert b"".join(opened) == b"".join(chunks)
    assert {len(piece) for piece in opened[:-1]} <= {FRAME_BYTES}
    assert len(opened[-1]) > 0 or not any(sizes)
