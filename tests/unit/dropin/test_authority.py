"""The authority: what it vouches for, what it cannot, and how it is kept."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from pardot_mock.dropin.authority import OWN_NAMES, Authority
from pardot_mock.dropin.authorityfile import (
    AuthorityError,
    default_folder,
    kept_authority,
    public_file,
)
from pardot_mock.dropin.hosts import HOSTS

if TYPE_CHECKING:
    from pathlib import Path


def handshake(server: ssl.SSLContext, certificate: bytes, name: str) -> None:
    """Let a client that trusts `certificate` meet `server`; raises what the client raises."""
    client = ssl.create_default_context(cadata=certificate.decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        server.wrap_bio(to_server, to_client, server_side=True),
        client.wrap_bio(to_client, to_server, server_hostname=name),
    ]
    done = [False, False]
    while not all(done):
        for number in (1, 0):
            try:
                ends[number].do_handshake()
                done[number] = True
            except ssl.SSLWantReadError:
                continue


@pytest.mark.parametrize("name", [*HOSTS, *OWN_NAMES, "acme.my.salesforce.com", "127.0.0.1", "::1"])
def test_the_hosts_of_the_service_are_vouched_for(name: str) -> None:
    authority = Authority()
    handshake(authority.server_context(), authority.certificate, name)


@pytest.mark.parametrize("name", ["example.com", "www.salesforce.com", "10.0.0.1"])
def test_whoever_gets_the_key_can_pretend_to_be_no_other_site(name: str) -> None:
    authority = Authority()
    thief = trustme.CA.from_pem(authority.certificate, authority.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    thief.issue_cert(name).configure_cert(context)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(context, authority.certificate, name)


def test_the_authority_is_made_once_and_stays(tmp_path: Path) -> None:
    first = kept_authority(tmp_path)
    assert kept_authority(tmp_path).certificate == first.certificate
    handshake(kept_authority(tmp_path).server_context(), first.certificate, HOSTS[0])
    assert public_file(tmp_path).read_bytes() == first.certificate
    names = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()}
    assert names == {"authority.pem": 0o600, "ca.pem": 0o644}
    assert b"PRIVATE" not in public_file(tmp_path).read_bytes()


def test_a_lost_certificate_is_written_again(tmp_path: Path) -> None:
    certificate = kept_authority(tmp_path).certificate
    public_file(tmp_path).unlink()
    kept_authority(tmp_path)
    assert public_file(tmp_path).read_bytes() == certificate


def test_a_second_process_takes_the_authority_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kept_authority(tmp_path)
    # Both looked before either had written.
    monkeypatch.setattr("pathlib.Path.exists", lambda _: False)
    assert kept_authority(tmp_path).certificate == first.certificate


@pytest.mark.parametrize("content", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nx"])
def test_a_broken_authority_is_said_and_nothing_is_overwritten(
    content: bytes, tmp_path: Path
) -> None:
    kept_authority(tmp_path)
    secret = tmp_path / "tls" / "authority.pem"
    secret.write_bytes(content)
    with pytest.raises(AuthorityError, match="does not hold a key and a certificate; remove"):
        kept_authority(tmp_path)
    assert secret.read_bytes() == content


@pytest.mark.skipif(os.name != "posix", reason="there are no such rights here")
def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    kept_authority(tmp_path)
    (tmp_path / "tls" / "authority.pem").chmod(0o640)
    with pytest.raises(AuthorityError, match="others may read the key"):
        kept_authority(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuthorityError, match="no authority can be kept in"):
        kept_authority(tmp_path / "file")


def test_the_folder_is_where_the_convention_has_it(tmp_path: Path) -> None:
    assert default_folder({"XDG_DATA_HOME": str(tmp_path)}) == tmp_path / "pardot-mock"
    for base in ({}, {"XDG_DATA_HOME": ""}, {"XDG_DATA_HOME": "here"}):
        assert default_folder(base).parts[-3:] == (".local", "share", "pardot-mock")
