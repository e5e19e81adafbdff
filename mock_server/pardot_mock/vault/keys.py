"""The keys of sealed files, held apart from the files and only in memory.

Every export has its own random data key. The ring keeps it wrapped under a master key that lives
as long as the process, so a key that is forgotten here exists nowhere else.
"""

from __future__ import annotations

import os
import threading

from pardot_mock.vault.errors import KeyGoneError

KEY_BYTES = 32
_NONCE_BYTES = 12


class KeyRing:
    """Data keys by the name of their export; safe to use from several threads.

    `master` is the wrapping key of 32 bytes; None takes a random one.
    """

    def __init__(self, master: bytes | None = None) -> None:
        if master is not None and len(master) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(master)}")
        self._master = master or os.urandom(KEY_BYTES)
        self._wrapped: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def __contains__(self, export: str) -> bool:
        return export in self._wrapped

    def get_or_create(self, export: str) -> bytes:
        """Give the data key of `export`, a new random one if it has none yet."""
        with self._lock:
            wrapped = self._wrapped.get(export)
            if wrapped is not None:
                return self._unwrap(export, wrapped)
            key = os.urandom(KEY_BYTES)
            self._wrapped[export] = self._wrap(export, key)
            return key

    def get(self, export: str) -> bytes:
        """Give the data key of `export`; raise `KeyGoneError` if there is none (any more)."""
        with self._lock:
            wrapped = self._wrapped.get(export)
            if wrapped is None:
                raise KeyGoneError(f"there is no key for {export!r}")
            return self._unwrap(export, wrapped)

    def holds(self, export: str, key: bytes) -> bool:
        """Whether `key` is still the data key of `export`."""
        with self._lock:
            wrapped = self._wrapped.get(export)
            return wrapped is not None and self._unwrap(export, wrapped) == key

    def destroy(self, export: str) -> None:
        """Forget the data key of `export`, if there is one."""
        with self._lock:
            self._wrapped.pop(export, None)

    def destroy_all(self) -> None:
        """Forget every data key and the master key they were wrapped with."""
        with self._lock:
            self._wrapped.clear()
            self._master = os.urandom(KEY_BYTES)

    def _wrap(self, export: str, key: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._master).encrypt(nonce, key, export.encode())

    def _unwrap(self, export: str, wrapped: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        return AESGCM(self._master).decrypt(nonce, sealed, export.encode())
