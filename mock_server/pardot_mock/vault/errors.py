"""What can go wrong with a sealed file, by what the caller does next."""

from __future__ import annotations


class VaultError(Exception):
    """Something a vault refuses; the base of the errors below."""


class KeyGoneError(VaultError):
    """The key of the export was destroyed, or there never was one: nothing can open its files."""


class FileGoneError(VaultError):
    """The key exists but this file was not sealed, or its bytes were removed from the disk."""


class TamperedError(VaultError):
    """The bytes on disk are not the ones that were sealed: changed, cut short or moved."""


class VaultFullError(VaultError):
    """The quota or the disk has no room for the file; nothing of it was kept."""


class VaultClosedError(VaultError):
    """The vault was closed and takes no more files."""
