"""What those get who read a file while it is still being sealed."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from pardot_mock.vault import KeyGoneError, Vault, VaultClosedError, VaultFullError
from pardot_mock.vault.frames import FRAME_BYTES

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
        self.made = 0

    def __call__(self) -> Iterator[bytes]:
        self.made += 1
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
