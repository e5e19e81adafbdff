"""The bytes of a sealed file: a short header, then AES-256-GCM frames of 256 KiB of plaintext.

    header = magic (8 bytes) + salt (16 random bytes)
    frame  = ciphertext (up to 256 KiB) + tag (16 bytes)

Every file is sealed under its own key, derived from the export's data key, the salt and the names
of export and file; so the frame counter can be the nonce, and no nonce meets the same key twice.
Each frame authenticates the names, its number and whether it is the last one: a frame that is
changed, dropped, repeated, moved or taken from another file does not open. An empty file is one
empty last frame.
"""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING, Protocol

from pardot_mock.vault.errors import TamperedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FRAME_BYTES = 256 * 1024
TAG_BYTES = 16
MAGIC = b"PMSEAL1\n"
SALT_BYTES = 16
HEADER_BYTES = len(MAGIC) + SALT_BYTES
_SEALED_FRAME_BYTES = FRAME_BYTES + TAG_BYTES


class Readable(Protocol):
    """Something that is read from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes; none at the end."""


class FrameCipher:
    """Seals and opens the frames of one file; `salt` is the one in its header."""

    def __init__(self, data_key: bytes, export: str, file: str, salt: bytes) -> None:
        self._names = _packed(export) + _packed(file)
        self._cipher = _file_cipher(data_key, salt, self._names)

    def seal(self, number: int, plain: bytes | bytearray | memoryview, *, last: bool) -> bytes:
        """Seal frame `number` (from 0)."""
        return self._cipher.encrypt(_nonce(number), plain, self._bound_to(number, last=last))

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """Open frame `number`; raise `TamperedError` unless it is exactly the one sealed so."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(_nonce(number), sealed, self._bound_to(number, last=last))
        except InvalidTag:
            raise TamperedError(f"frame {number} is not what was sealed") from None

    def _bound_to(self, number: int, *, last: bool) -> bytes:
        return self._names + _nonce(number) + bytes([last])


def seal_frames(
    data_key: bytes, export: str, file: str, chunks: Iterable[bytes]
) -> Iterator[tuple[bytes, bool]]:
    """Turn chunks of any size into the header and the sealed frames of a file, each with whether
    it is the last.
    """
    salt = os.urandom(SALT_BYTES)
    cipher = FrameCipher(data_key, export, file, salt)
    yield MAGIC + salt, False
    numbers = count()
    for piece, last in _cut(chunks):
        sealed = cipher.seal(next(numbers), piece, last=last)
        # The next chunk may be long in coming, and a piece holds on to all of its own.
        del piece
        yield sealed, last


def _cut(chunks: Iterable[bytes]) -> Iterator[tuple[bytearray | memoryview, bool]]:
    """Cut chunks into pieces of a frame each, the rest last; give with each whether it is the last.

    Only what is left over of a chunk is copied: at least a byte, so that no piece before it is the
    last one.
    """
    left = bytearray()
    for chunk in chunks:
        view = memoryview(chunk)
        if len(left) + len(view) > FRAME_BYTES:
            if left:
                room = FRAME_BYTES - len(left)
                left += view[:room]
                view = view[room:]
                yield left, False
            whole = (len(view) - 1) // FRAME_BYTES * FRAME_BYTES
            for start in range(0, whole, FRAME_BYTES):
                yield view[start : start + FRAME_BYTES], False
            left = bytearray(view[whole:])
        else:
            left += view
        del chunk, view
    yield left, True


def read_header(stream: Readable) -> bytes:
    """Read the header of a sealed file and give its salt; raise `TamperedError` if it has none."""
    header = stream.read(HEADER_BYTES)
    if len(header) != HEADER_BYTES or not header.startswith(MAGIC):
        raise TamperedError("the file has no header of a sealed file")
    return header[len(MAGIC) :]


def read_frame(stream: Readable) -> bytes:
    """Read the next sealed frame; nothing at the end of the file."""
    return stream.read(_SEALED_FRAME_BYTES)


def open_frames(cipher: FrameCipher, stream: Readable) -> Iterator[bytes]:
    """Open the frames that follow the header, one at a time; raise `TamperedError` at a bad one."""
    number = 0
    sealed = read_frame(stream)
    while True:
        following = read_frame(stream)
        last = not following
        yield cipher.open(number, sealed, last=last)
        if last:
            return
        sealed = following
        number += 1


def plain_size(sealed_size: int) -> int:
    """Give the plaintext bytes of a sealed file of `sealed_size` bytes."""
    body = sealed_size - HEADER_BYTES
    frames = -(-body // _SEALED_FRAME_BYTES)
    return body - frames * TAG_BYTES


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _packed(text: str) -> bytes:
    raw = text.encode("utf-8", "surrogatepass")
    return len(raw).to_bytes(4, "big") + raw


def _file_cipher(data_key: bytes, salt: bytes, names: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"sealed file" + names)
    return AESGCM(derived.derive(data_key))
