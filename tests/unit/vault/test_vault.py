"""What a vault promises about files that are sealed, read, shredded and counted."""

from __future__ import annotations

import errno
import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from pardot_mock.vault import (
    FileGoneError,
    KeyGoneError,
    KeyRing,
    TamperedError,
    Vault,
    VaultClosedError,
    VaultFullError,
)
from pardot_mock.vault.frames import FRAME_BYTES, FrameCipher, read_header

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXPORT = "default/12"
SECRET = b"id,email\n1,zoe@example.com\n"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = Vault(tmp_path / "vault")
    yield vault
    vault.close()


def files_below(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_sealed_file_is_read_back_in_frames(vault: Vault) -> None:
    content = os.urandom(2 * FRAME_BYTES + 17)
    sealed = vault.seal(EXPORT, "7", [content[:5], b"", content[5:]])
    pieces = list(vault.open(EXPORT, "7"))
    assert sealed.size == len(content)
    assert vault.sealed(EXPORT, "7") == sealed
    assert [len(piece) for piece in pieces] == [FRAME_BYTES, FRAME_BYTES, 17]
    assert b"".join(pieces) == content


def test_no_plaintext_and_no_name_of_export_or_file_reaches_the_disk(
    vault: Vault, tmp_path: Path
) -> None:
    vault.seal("../../etc/secret-name", "../passwd", [SECRET * 100])
    (path,) = files_below(tmp_path)
    assert b"zoe@example.com" not in path.read_bytes()
    assert "secret" not in str(path)
    assert "passwd" not in path.name
    assert path.resolve().is_relative_to((tmp_path / "vault").resolve())


def test_only_the_owner_may_read_what_is_on_the_disk(vault: Vault, tmp_path: Path) -> None:
    vault.seal(EXPORT, "7", [SECRET])
    (path,) = files_below(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_same_content_never_gives_the_same_ciphertext(vault: Vault) -> None:
    vault.seal(EXPORT, "7", [SECRET])
    vault.seal(EXPORT, "8", [SECRET])
    first = vault.stored_path(EXPORT, "7").read_bytes()
    assert first != vault.stored_path(EXPORT, "8").read_bytes()
    vault.seal(EXPORT, "7", [SECRET])
    assert first != vault.stored_path(EXPORT, "7").read_bytes()


def test_bytes_copied_before_a_shred_do_not_decrypt_afterwards(
    vault: Vault, tmp_path: Path
) -> None:
    vault.seal(EXPORT, "7", [SECRET])
    vault.seal(EXPORT, "8", [SECRET])
    place = vault.stored_path(EXPORT, "7")
    copy = place.read_bytes()
    vault.shred(EXPORT)
    assert files_below(tmp_path) == []
    with pytest.raises(KeyGoneError):
        vault.open(EXPORT, "7")
    # The same names sealed anew get a new key, and the old bytes put back do not open under it.
    vault.seal(EXPORT, "7", [SECRET])
    vault.stored_path(EXPORT, "7").write_bytes(copy)
    with pytest.raises(TamperedError):
        list(vault.open(EXPORT, "7"))


def test_a_shred_can_be_repeated_and_spares_other_exports(vault: Vault) -> None:
    vault.seal(EXPORT, "7", [SECRET])
    vault.seal("default/13", "7", [SECRET])
    vault.shred(EXPORT)
    vault.shred(EXPORT)
    assert vault.sealed(EXPORT, "7") is None
    assert b"".join(vault.open("default/13", "7")) == SECRET


def test_a_missing_key_is_told_from_a_missing_file_before_the_first_byte(vault: Vault) -> None:
    with pytest.raises(KeyGoneError):
        vault.open("default/99", "7")
    vault.seal(EXPORT, "7", [SECRET])
    with pytest.raises(FileGoneError):
        vault.open(EXPORT, "8")
    vault.stored_path(EXPORT, "7").unlink()
    with pytest.raises(FileGoneError):
        vault.open(EXPORT, "7")


def test_a_file_without_its_header_is_refused_at_once(vault: Vault) -> None:
    vault.seal(EXPORT, "7", [SECRET])
    vault.stored_path(EXPORT, "7").write_bytes(b"id,email\n")
    with pytest.raises(TamperedError):
        vault.open(EXPORT, "7")


def test_a_frame_of_another_file_or_export_does_not_open(vault: Vault) -> None:
    vault.seal(EXPORT, "7", [SECRET])
    vault.seal(EXPORT, "8", [SECRET])
    vault.seal("default/13", "7", [SECRET])
    own = vault.stored_path(EXPORT, "7")
    for export, file in ((EXPORT, "8"), ("default/13", "7")):
        own.write_bytes(vault.stored_path(export, file).read_bytes())
        with pytest.raises(TamperedError):
            list(vault.open(EXPORT, "7"))


def test_names_that_run_together_are_still_told_apart() -> None:
    salt = bytes(16)
    sealed = FrameCipher(bytes(32), "ab", "c", salt).seal(0, b"x", last=True)
    with pytest.raises(TamperedError):
        FrameCipher(bytes(32), "a", "bc", salt).open(0, sealed, last=True)


def test_a_download_under_way_ends_with_true_bytes_although_its_export_is_shredded(
    vault: Vault,
) -> None:
    content = os.urandom(3 * FRAME_BYTES)
    vault.seal(EXPORT, "7", [content])
    stream = vault.open(EXPORT, "7")
    first = next(stream)
    vault.shred(EXPORT)
    assert first + b"".join(stream) == content


def test_a_stream_that_is_closed_early_gives_nothing_more(vault: Vault) -> None:
    vault.seal(EXPORT, "7", [os.urandom(2 * FRAME_BYTES)])
    stream = vault.open(EXPORT, "7")
    next(stream)
    stream.close()
    assert list(stream) == []


def test_the_quota_refuses_and_leaves_no_partial_file(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", quota_bytes=3 * FRAME_BYTES)
    vault.seal(EXPORT, "7", [bytes(FRAME_BYTES)])
    used = vault.used_bytes
    with pytest.raises(VaultFullError, match="quota"):
        vault.seal(EXPORT, "8", [bytes(FRAME_BYTES)] * 9)
    assert vault.used_bytes == used == sum(p.stat().st_size for p in files_below(tmp_path))
    assert vault.sealed(EXPORT, "8") is None
    vault.shred(EXPORT)
    assert vault.used_bytes == 0
    vault.seal(EXPORT, "8", [bytes(2 * FRAME_BYTES)])
    vault.close()


def test_the_quota_stops_the_source_and_does_not_drain_it(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", quota_bytes=FRAME_BYTES)
    drawn = []

    def endless() -> Iterator[bytes]:
        while True:
            drawn.append(1)
            yield bytes(FRAME_BYTES)

    with pytest.raises(VaultFullError):
        vault.seal(EXPORT, "7", endless())
    assert len(drawn) <= 3
    vault.close()


def test_a_full_disk_is_told_like_a_used_up_quota(vault: Vault, tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield bytes(FRAME_BYTES * 2)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(VaultFullError, match="disk"):
        vault.seal(EXPORT, "7", chunks())
    assert files_below(tmp_path) == []
    assert vault.used_bytes == 0


def test_a_source_that_fails_leaves_no_file_and_the_old_one_in_place(
    vault: Vault, tmp_path: Path
) -> None:
    vault.seal(EXPORT, "7", [SECRET])

    def chunks() -> Iterator[bytes]:
        yield bytes(FRAME_BYTES * 2)
        raise LookupError("the source broke")

    with pytest.raises(LookupError):
        vault.seal(EXPORT, "7", chunks())
    assert len(files_below(tmp_path)) == 1
    assert b"".join(vault.open(EXPORT, "7")) == SECRET


def test_a_file_sealed_again_replaces_the_old_one(vault: Vault, tmp_path: Path) -> None:
    vault.seal(EXPORT, "7", [SECRET])
    assert vault.seal(EXPORT, "7", [b"new"]).size == 3
    assert len(files_below(tmp_path)) == 1
    assert b"".join(vault.open(EXPORT, "7")) == b"new"
    assert vault.used_bytes == vault.stored_path(EXPORT, "7").stat().st_size


def test_a_shred_during_sealing_wins(vault: Vault, tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield SECRET
        vault.shred(EXPORT)
        yield SECRET

    with pytest.raises(KeyGoneError):
        vault.seal(EXPORT, "7", chunks())
    assert files_below(tmp_path) == []
    assert vault.used_bytes == 0


def test_a_closed_vault_keeps_nothing_and_takes_nothing(vault: Vault, tmp_path: Path) -> None:
    vault.seal(EXPORT, "7", [SECRET])
    vault.close()
    vault.close()
    assert list((tmp_path / "vault").iterdir()) == []
    with pytest.raises(KeyGoneError):
        vault.open(EXPORT, "7")
    with pytest.raises(VaultClosedError):
        vault.seal(EXPORT, "7", [SECRET])


def test_several_threads_seal_read_and_shred_without_mixing_anything(vault: Vault) -> None:
    failures: list[str] = []

    def work(number: int) -> None:
        export = f"default/{number}"
        for file in range(5):
            content = bytes([number]) * (FRAME_BYTES + file)
            vault.seal(export, str(file), [content])
            if b"".join(vault.open(export, str(file))) != content:
                failures.append(export)
        vault.shred(export)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert vault.used_bytes == 0


def test_a_key_ring_gives_a_key_only_until_it_is_destroyed() -> None:
    ring = KeyRing()
    key = ring.get_or_create("a")
    assert ring.get("a") == ring.get_or_create("a") == key != ring.get_or_create("b")
    assert ring.holds("a", key)
    ring.destroy("a")
    assert "a" not in ring
    assert not ring.holds("a", key)
    with pytest.raises(KeyGoneError):
        ring.get("a")


def test_a_master_key_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyRing(b"short")


def test_a_sealed_empty_file_is_still_proof_of_emptiness(vault: Vault) -> None:
    assert vault.seal(EXPORT, "7", []).size == 0
    assert b"".join(vault.open(EXPORT, "7")) == b""
    path = vault.stored_path(EXPORT, "7")
    with path.open("rb") as stream:
        header = len(read_header(stream)) + 8
    path.write_bytes(path.read_bytes()[:header])
    with pytest.raises(TamperedError):
        list(vault.open(EXPORT, "7"))
