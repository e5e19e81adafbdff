"""Encrypted result files: seal, open, shred. Light to import; cryptography comes with first use."""

from __future__ import annotations

from pardot_mock.vault.errors import (
    FileGoneError,
    KeyGoneError,
    TamperedError,
    VaultClosedError,
    VaultError,
    VaultFullError,
)
from pardot_mock.vault.keys import KeyRing
from pardot_mock.vault.sealing import Sealing
from pardot_mock.vault.vault import OpenedFile, SealedFile, StoredFile, Vault

__all__ = [
    "FileGoneError",
    "KeyGoneError",
    "KeyRing",
    "OpenedFile",
    "SealedFile",
    "Sealing",
    "StoredFile",
    "TamperedError",
    "Vault",
    "VaultClosedError",
    "VaultError",
    "VaultFullError",
]
