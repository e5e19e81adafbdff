"""What counts against the disk quota, and for how long."""

from __future__ import annotations

import errno
import os
import stat
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from pardot_mock.vault import FileGoneError, Vault, VaultError, VaultFullError
from pardot_mock.vault.frames import FRAME_BYTES
from pardot_mock.vault.room import DiskFile, Room

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXPORT = "default/12"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = Vault(tmp_path / "vault", quota_bytes=4 * FRAME_BYTES)
    yield vault
    vault.close()


def test_a_removed_file_counts_until_its_last_reader_is_done(vault: Vault) -> None:
    vault.seal(EXPORT, "7", [bytes(2 * FRAME_BYTES)])
    used = vault.used_bytes
    first, second = vault.open(EXPORT, "7"), vault.open(EXPORT, "7")
    vault.shred(EXPORT)
    with pytest.raises(VaultFullError, match=f"other files take {used} of them"):
        vault.seal("default/13", "1", [bytes(2 * FRAME_BYTES)])
    first.close()
    first.close()
    assert vault.used_bytes == used
    assert len(b"".join(second)) == 2 * FRAME_BYTES
    second.close()
    assert vault.used_bytes == 0
    vault.seal("default/13", "1", [bytes(2 * FRAME_BYTES)])


def test_a_reader_that_is_forgotten_counts_no_longer(vault: Vault) -> None:
    vault.seal(EXPORT, "7", [bytes(FRAME_BYTES)])
    opened = vault.open(EXPORT, "7")
    vault.shred(EXPORT)
    assert vault.used_bytes > 0
    del opened
    assert vault.used_bytes == 0


def test_a_shredded_file_that_is_still_sealed_counts_until_who_follows_it_is_done(
    vault: Vault,
) -> None:
    more = threading.Event()

    def chunks() -> Iterator[bytes]:
        yield bytes(FRAME_BYTES + 1)
        assert more.wait(timeout=10)
        yield bytes(FRAME_BYTES)

    sealing = vault.start(EXPORT, "7", chunks)
    followed = sealing.follow()
    next(followed)
    vault.shred(EXPORT)
    more.set()
    with pytest.raises(VaultError):
        sealing.wait()
    assert vault.used_bytes > 2 * FRAME_BYTES
    assert len(b"".join(followed)) == FRAME_BYTES + 1
    assert vault.used_bytes == 0


def test_the_ciphertext_counts_as_long_as_it_is_read(vault: Vault) -> None:
    vault.seal(EXPORT, "7", [b"x"])
    path = vault.stored_path(EXPORT, "7")
    opened = vault.open_ciphertext(path.stem)
    assert opened is not None
    with closing(opened):
        vault.shred(EXPORT)
        assert vault.used_bytes == opened.size > 0
        assert vault.open_ciphertext(path.stem) is None
    assert vault.used_bytes == 0


def test_what_is_promised_to_one_file_no_other_takes(tmp_path: Path) -> None:
    room = Room(1000)
    one, other = DiskFile(tmp_path / "1", room), DiskFile(tmp_path / "2", room)
    assert one.promise(600)
    assert one.promise(600)
    assert not other.promise(500)
    other.append(bytes(400))
    with pytest.raises(VaultFullError, match=r"400 of them|600 are kept for others"):
        other.append(b"x")
    one.append(bytes(600))
    assert (room.used, room.promised) == (1000, 0)
    for file in (one, other):
        file.remove()
        file.finish()
        file.finish()
        file.remove()
    assert (room.used, room.promised) == (0, 0)


def test_what_a_file_was_promised_and_did_not_need_is_free_at_its_end(tmp_path: Path) -> None:
    room = Room(1000)
    file = DiskFile(tmp_path / "1", room)
    assert file.promise(900)
    file.append(bytes(100))
    file.finish()
    assert (room.used, room.promised) == (100, 0)
    assert file.promise(5000)


def test_before_a_quota_refuses_what_nobody_needs_is_shredded_once(tmp_path: Path) -> None:
    freed = []

    def free() -> None:
        freed.append(vault.used_bytes)
        vault.shred("default/old")

    with closing(Vault(tmp_path, quota_bytes=3 * FRAME_BYTES, free=free)) as vault:
        vault.seal("default/old", "1", [bytes(2 * FRAME_BYTES)])
        assert vault.start(EXPORT, "1", lambda: [bytes(2 * FRAME_BYTES)]).wait() == 2 * FRAME_BYTES
        assert len(freed) == 1
        with pytest.raises(VaultFullError):
            vault.start(EXPORT, "2", lambda: [bytes(FRAME_BYTES)] * 9).wait()
        assert len(freed) == 2
        # Whoever seals on a thread of its own may hold a lock, and has to say that it does not.
        with pytest.raises(VaultFullError):
            vault.seal(EXPORT, "2", [bytes(FRAME_BYTES)] * 9)
        assert len(freed) == 2
        with pytest.raises(VaultFullError):
            vault.seal(EXPORT, "2", [bytes(FRAME_BYTES)] * 9, may_make_room=True)
        assert len(freed) == 3


def test_files_that_somebody_removed_make_room(vault: Vault) -> None:
    vault.seal(EXPORT, "1", [bytes(2 * FRAME_BYTES)])
    vault.stored_path(EXPORT, "1").unlink()
    assert vault.start(EXPORT, "2", lambda: [bytes(3 * FRAME_BYTES)]).wait() == 3 * FRAME_BYTES
    assert vault.used_bytes == vault.stored_path(EXPORT, "2").stat().st_size


def test_a_file_that_somebody_removed_is_not_in_the_vault_and_can_be_sealed_again(
    vault: Vault,
) -> None:
    vault.seal(EXPORT, "7", [b"x"])
    vault.seal(EXPORT, "8", [b"x"])
    vault.stored_path(EXPORT, "7").unlink()
    assert list(vault.stored(EXPORT)) == ["8"]
    vault.stored_path(EXPORT, "8").unlink()
    with pytest.raises(FileGoneError):
        vault.open(EXPORT, "8")
    assert vault.sealed(EXPORT, "8") is None
    assert vault.used_bytes == 0
    vault.seal(EXPORT, "8", [b"again"])
    assert b"".join(vault.open(EXPORT, "8")) == b"again"


def remove_all(directory: Path) -> None:
    for path in sorted(directory.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    directory.rmdir()


@pytest.mark.parametrize("whole", [True, False])
def test_a_directory_that_somebody_removed_is_made_again_for_its_owner_alone(
    vault: Vault, tmp_path: Path, *, whole: bool
) -> None:
    vault.seal(EXPORT, "7", [b"x"])
    directory = vault.stored_path(EXPORT, "7").parent
    remove_all(tmp_path / "vault" if whole else directory)
    vault.seal(EXPORT, "7", [b"again"])
    path = vault.stored_path(EXPORT, "7")
    for made in (path.parent, path.parent.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
    # It still belongs to somebody: another vault does not sweep it.
    Vault(tmp_path / "vault").close()
    assert b"".join(vault.open(EXPORT, "7")) == b"again"
    vault.close()
    assert list((tmp_path / "vault").iterdir()) == []


def test_a_directory_that_cannot_be_made_again_is_named(vault: Vault, tmp_path: Path) -> None:
    remove_all(tmp_path / "vault")
    (tmp_path / "vault").write_text("in the way")
    with pytest.raises(VaultError, match=str(tmp_path / "vault")):
        vault.seal(EXPORT, "7", [b"x"])


def test_a_disk_that_fills_up_in_the_middle_of_a_file_is_told_with_its_place(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: DiskFile, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(DiskFile, "append", full)
    with pytest.raises(VaultFullError, match=f"the disk is full: {tmp_path}"):
        vault.seal(EXPORT, "7", [b"x"])
