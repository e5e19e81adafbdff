"""Laws of the vault: what was sealed comes back, and nothing else ever does."""

from __future__ import annotations

import os
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_mock.vault import TamperedError, Vault
from pardot_mock.vault.frames import FRAME_BYTES, HEADER_BYTES, TAG_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEALED_FRAME = FRAME_BYTES + TAG_BYTES
EDGES = st.sampled_from([0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES])
NAMES = st.text(max_size=20)


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    with tempfile.TemporaryDirectory() as directory:
        vault = Vault(Path(directory))
        yield vault
        vault.close()


def cut(content: bytes, places: list[int]) -> Iterator[bytes]:
    bounds = [0, *sorted(place % (len(content) + 1) for place in places), len(content)]
    for start, end in pairwise(bounds):
        yield content[start:end]


def collect(pieces: Iterable[bytes], into: bytearray) -> None:
    for piece in pieces:
        into += piece


@settings(deadline=None, max_examples=60)
@given(
    size=st.one_of(EDGES, st.integers(0, 3 * FRAME_BYTES)),
    places=st.lists(st.integers(0, 3 * FRAME_BYTES), max_size=12),
    export=NAMES,
    file=NAMES,
)
def test_whatever_is_sealed_in_whatever_chunks_comes_back(
    vault: Vault, size: int, places: list[int], export: str, file: str
) -> None:
    content = os.urandom(size)
    assert vault.seal(export, file, cut(content, places)).size == size
    sealed = vault.sealed(export, file)
    assert sealed is not None
    assert sealed.size == size
    assert b"".join(vault.open(export, file)) == content
    sealing = vault.start(export, file, lambda: cut(content, places))
    assert b"".join(sealing.follow()) == content
    assert sealing.wait() == size
    vault.shred(export)


@settings(deadline=None, max_examples=60)
@given(
    size=st.one_of(EDGES, st.integers(0, 2 * FRAME_BYTES)),
    place=st.integers(0),
    bit=st.integers(0, 7),
)
def test_a_flipped_bit_never_opens(vault: Vault, size: int, place: int, bit: int) -> None:
    vault.seal("flip", "1", [bytes(size)])
    path = vault.stored_path("flip", "1")
    raw = bytearray(path.read_bytes())
    raw[place % len(raw)] ^= 1 << bit
    path.write_bytes(raw)
    with pytest.raises(TamperedError):
        list(vault.open("flip", "1"))


@settings(deadline=None, max_examples=60)
@given(
    frames=st.integers(1, 3),
    keep=st.one_of(
        st.integers(0), st.integers(0, 3).map(lambda n: HEADER_BYTES + n * SEALED_FRAME)
    ),
)
def test_a_file_cut_anywhere_never_opens_to_its_end(vault: Vault, frames: int, keep: int) -> None:
    vault.seal("cut", "1", [os.urandom(frames * FRAME_BYTES)])
    path = vault.stored_path("cut", "1")
    raw = path.read_bytes()
    path.write_bytes(raw[: keep % len(raw)])
    with pytest.raises(TamperedError):
        list(vault.open("cut", "1"))


@settings(deadline=None, max_examples=40)
@given(
    order=st.lists(st.integers(0, 3), min_size=1, max_size=5).filter(lambda o: o != [0, 1, 2, 3])
)
def test_frames_in_any_other_order_or_number_never_open(vault: Vault, order: list[int]) -> None:
    content = os.urandom(4 * FRAME_BYTES)
    vault.seal("move", "1", [content])
    path = vault.stored_path("move", "1")
    raw = path.read_bytes()
    header, body = raw[:HEADER_BYTES], raw[HEADER_BYTES:]
    frames = [body[n * SEALED_FRAME : (n + 1) * SEALED_FRAME] for n in range(4)]
    path.write_bytes(header + b"".join(frames[number] for number in order))
    seen = bytearray()
    with pytest.raises(TamperedError):
        collect(vault.open("move", "1"), seen)
    assert content.startswith(seen)
