"""The authority that stays from run to run, so that it has to be trusted once only.

It lies in a folder `tls`: `authority.pem` holds key and certificate and is its owner's alone,
`ca.pem` is the certificate for everybody. The first is the truth; the second is written from it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pardot_mock.dropin.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET_NAME = "authority.pem"  # noqa: S105 - the name of a file
PUBLIC_NAME = "ca.pem"
_PUBLIC = 0o644
_OPEN_TO_OTHERS = 0o077
_MARK = b"-----BEGIN CERTIFICATE-----"


class AuthorityError(Exception):
    """The kept authority cannot be used; the message says why and what to do."""


def default_folder(base: Mapping[str, str]) -> Path:
    """Give the folder of this user's data: `$XDG_DATA_HOME/pardot-mock`, or its usual place."""
    told = base.get("XDG_DATA_HOME", "")
    if not told and sys.platform == "win32":  # pragma: no cover - Windows
        told = base.get("LOCALAPPDATA", "")
    # The convention has it that a path that is not absolute is none.
    home = Path(told) if told and Path(told).is_absolute() else Path.home() / ".local" / "share"
    return home / "pardot-mock"


def public_file(folder: Path) -> Path:
    """Give where the certificate of the authority kept in `folder` lies."""
    return folder / "tls" / PUBLIC_NAME


def kept_authority(folder: Path) -> Authority:
    """Give the authority kept in `folder`, made there if there is none; raises `AuthorityError`."""
    place = folder / "tls"
    secret = place / SECRET_NAME
    try:
        place.mkdir(parents=True, exist_ok=True)
        authority = _read(secret) if secret.exists() else _keep(Authority(), secret)
        _show(authority, place / PUBLIC_NAME)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AuthorityError(f"no authority can be kept in {place}: {reason}") from error
    return authority


def _read(path: Path) -> Authority:
    remedy = f"remove {path} to get a new one, which must be trusted anew"
    if os.name == "posix" and path.stat().st_mode & _OPEN_TO_OTHERS:
        raise AuthorityError(f"others may read the key in {path}: chmod 600 it, or {remedy}")
    key, mark, certificate = path.read_bytes().partition(_MARK)
    try:
        authority = Authority((mark + certificate, key))
    except (ValueError, TypeError) as error:
        raise AuthorityError(f"{path} does not hold a key and a certificate; {remedy}") from error
    if authority.ends <= datetime.now(UTC):
        raise AuthorityError(f"the authority expired on {authority.ends:%Y-%m-%d}; {remedy}")
    return authority


def _keep(authority: Authority, path: Path) -> Authority:
    """Write a new authority; whoever comes second takes the first one's."""
    written = _beside(path, authority.key + authority.certificate)
    try:
        os.link(written, path)
    except FileExistsError:
        return _read(path)
    except OSError:
        # Not every file system knows links.
        written.replace(path)
        return authority
    finally:
        written.unlink(missing_ok=True)
    return authority


def _show(authority: Authority, path: Path) -> None:
    if path.is_file() and path.read_bytes() == authority.certificate:
        return
    written = _beside(path, authority.certificate)
    written.chmod(_PUBLIC)
    written.replace(path)


def _beside(path: Path, content: bytes) -> Path:
    """Write a file that its owner alone may read, next to where it is wanted."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return Path(name)
