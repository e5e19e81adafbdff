"""What `pardot-mock serve` says to a person: credentials, and one curl line per step."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

from pardot_mock.credentials import credentials

if TYPE_CHECKING:
    from pardot_mock.instance import Instance


def greeting(instance: Instance) -> str:
    """Give the text printed below the ready line."""
    account, url = instance.default, instance.url
    known = credentials(account.info, account.owner)
    now = account.now()
    version = account.info.api_version or 4
    api = f"{url}/api/export/version/{version}/do"
    auth = f'-H "Authorization: Pardot api_key=$KEY, user_key={known["user_key"]}"'
    control = f"{url}/_mock/accounts/{account.id}"
    token = instance.control_token
    guard = f' -H "Authorization: Bearer {token}"' if token else ""
    body = (
        '{"object":"visitorActivity","procedure":{"name":"filter_by_created_at","arguments":'
        f'{{"created_after":"{now - timedelta(days=90):%Y-%m-%d}",'
        f'"created_before":"{now:%Y-%m-%d}"}}}}}}'
    )
    login = (
        f"KEY=$(curl -s {url}/api/login/version/{version} -d email={known['email']}"
        f" -d password={known['password']} -d user_key={known['user_key']}"
        " | sed -n 's:.*<api_key>\\(.*\\)</api_key>.*:\\1:p')"
    )
    create = (
        f"curl -s '{api}/create?format=json' {auth} -H 'Content-Type: application/json'"
        f" -d {shlex.quote(body)}"
    )
    fetch = (
        f"curl -s {auth} $(curl -s {api}/read/id/1001 {auth}"
        " | sed -n 's:.*<resultRefs>\\(.*\\)</resultRefs>.*:\\1:p' | head -n 1) | head"
    )
    steps = (
        ("log in (the key is valid for 60 minutes)", login),
        ("create an export", create),
        ("poll until its state is Complete", f"curl -s '{api}/read/id/1001?format=json' {auth}"),
        ("fetch each URL of resultRefs", fetch),
        (
            "seven days later it has expired",
            f'curl -s {control}/clock{guard} -d \'{{"advance":"7d"}}\'',
        ),
    )
    lines = ["", "  credentials"]
    lines += [f"    {name:<16} {known[name]}" for name in ("email", "password", "user_key")]
    if token:
        lines.append(f"    {'control token':<16} {token}")
    if instance.tls_url:
        lines += ["", *_tls_lines(instance.tls_url)]
    for number, (what, command) in enumerate(steps, start=1):
        lines += ["", f"  {number}. {what}", f"    {command}"]
    return "\n".join([*lines, ""])


def _tls_lines(url: str) -> list[str]:
    port = url.rpartition(":")[2]
    return [
        f"  hosts of the service over TLS, at {url}",
        "    pardot-mock ca --hints                       # how programs are told to trust it",
        '    curl --cacert "$(pardot-mock ca --path)" \\',
        f"      --connect-to ::127.0.0.1:{port} https://pi.pardot.com/_mock/health",
    ]
