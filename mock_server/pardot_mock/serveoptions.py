"""The options of `serve`, shared by every command that starts an emulator.

An option counts more than `PARDOT_MOCK_<OPTION>`, that more than the settings file, and that more
than the default.
"""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from pardot_mock.domain.quirks import Quirks, UnknownQuirkError
from pardot_mock.domain.worlds import DEFAULT_ROWS, DEFAULT_SEED, MAX_ROWS, MAX_SEED
from pardot_mock.settings import (
    FLAG,
    INSTANT,
    TEXT,
    TEXTS,
    WHOLE_NUMBER,
    SettingsError,
    Wanted,
    read_settings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pardot_mock.dropin.authority import Authority
    from pardot_mock.instance import Config
    from pardot_mock.newaccount import AccountWish
    from pardot_mock.scenarios.scenario import Scenario

ENVIRONMENT = "PARDOT_MOCK"
TLS_PORT = 8443
WORKERS = 32
IN_MEMORY = "memory:"
LEAST_QUOTA = 1_000_000
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*(?:([KMGT])(i?))?B?", re.ASCII | re.IGNORECASE)
_PACE = Wanted("a number, real or frozen", (int, float, str))
_OF_OTHERS: Mapping[str, Wanted] = MappingProxyType({"allow": TEXTS, "couple_sleep": FLAG})
"""Keys of a settings file that some commands know and the others pass over."""


def serve_options(port: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of `serve`; `port` is the default of `--port`."""
    options = (
        click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind."),
        click.option(
            "--port",
            default=port,
            show_default=True,
            type=click.IntRange(0, 65535),
            help="Port to bind; 0 takes a free one.",
        ),
        click.option(
            "--scenario",
            callback=_find_scenario,
            metavar="NAME|FILE",
            help="What the default account starts with; every other option counts more.",
        ),
        click.option(
            "--seed",
            default=DEFAULT_SEED,
            show_default=True,
            type=click.IntRange(0, MAX_SEED),
            help="Seed of the data.",
        ),
        click.option(
            "--rows",
            default=DEFAULT_ROWS,
            show_default=True,
            type=click.IntRange(0, MAX_ROWS),
            help="Visitor activities of the default account.",
        ),
        click.option(
            "--now",
            type=_Read("ISO", "an_instant", INSTANT),
            help="Instant at which the account starts.",
        ),
        click.option(
            "--clock",
            type=_Read("real|frozen|RATE", "a_rate", _PACE, numeric=True),
            default="real",
            show_default=True,
            help="Pace of virtual time.",
        ),
        click.option(
            "--api-version",
            type=click.Choice(["3", "4"]),
            help="Bind the default account to one version; without it both are served.",
        ),
        click.option(
            "--data-dir",
            type=click.Path(path_type=Path, file_okay=False),
            help="Where sealed result files and the authority of --tls are kept; without it, "
            "a temporary directory and the folder of this user's data.",
        ),
        click.option(
            "--database-url",
            callback=_read_database_url,
            expose_value=False,
            metavar="URL",
            help=f"Where accounts are kept: {IN_MEMORY}, the default, which ends with the process.",
        ),
        click.option(
            "--public-url",
            callback=_read_public_url,
            metavar="URL",
            help="Base of the URLs in resultRefs; without it, the host each call was sent to.",
        ),
        click.option(
            "--tls",
            is_flag=True,
            help="Serve the service's hosts over TLS too; `pardot-mock ca` tells how to trust it.",
        ),
        click.option(
            "--tls-port",
            default=TLS_PORT,
            show_default=True,
            type=click.IntRange(0, 65535),
            help="Port for --tls; 0 takes a free one. Hosts written without a port mean 443.",
        ),
        click.option(
            "--workers",
            default=WORKERS,
            show_default=True,
            type=click.IntRange(1, 512),
            help="Threads that answer calls; /_mock/ has a few more. There is one process, for it "
            "holds the state.",
        ),
        click.option(
            "--disk-quota",
            type=_Size(),
            default="10GB",
            show_default=True,
            help="The most that sealed result files may take on the disk, in B, KB to TB or KiB to "
            "TiB; at least 1MB.",
        ),
        click.option("--control-token", help="Bearer token that /_mock/ asks for."),
        click.option(
            "--ready-file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="File that gets the base URL once the emulator answers.",
        ),
        click.option(
            "--quirk",
            multiple=True,
            callback=_read_quirks,
            metavar="NAME=VALUE",
            help="Set a quirk of the default account; may be repeated.",
        ),
        click.option(
            "--settings-dir",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            default=".",
            show_default=True,
            is_eager=True,
            callback=_settings,
            expose_value=False,
            help="Directory whose pardot-mock.toml or pyproject.toml is read.",
        ),
        click.option("--quiet", is_flag=True, help="Print the ready line only."),
    )

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def config_of(options: dict[str, Any]) -> Config:
    """Give how an emulator starts, from the options of the command that is being run."""
    from pardot_mock.instance import Config

    account = _wish(options)
    return Config(
        host=options["host"],
        port=options["port"],
        account=account,
        data_dir=options["data_dir"],
        disk_quota=options["disk_quota"],
        public_url=options["public_url"],
        control_token=options["control_token"],
        authority=_authority(options["data_dir"]) if options["tls"] else None,
        tls_port=options["tls_port"] if options["tls"] else None,
        threads=options["workers"],
    )


def _authority(data_dir: Path | None) -> Authority:
    from pardot_mock.dropin.authorityfile import AuthorityError, default_folder, kept_authority

    try:
        return kept_authority(data_dir or default_folder(os.environ))
    except AuthorityError as error:
        raise click.UsageError(str(error)) from error


def _wish(options: dict[str, Any]) -> AccountWish:
    """Give the default account: its scenario, and over it what the user has set."""
    from dataclasses import replace

    from pardot_mock.credentials import DEFAULT_ID
    from pardot_mock.web.control.bodies import BadFieldError, Body
    from pardot_mock.web.control.wishes import read_account_wish

    try:
        wish = read_account_wish(Body({"scenario": options.get("scenario")}), DEFAULT_ID)
    except BadFieldError as error:
        raise click.UsageError(str(error)) from error
    version = options["api_version"]
    said = {
        "seed": options["seed"],
        "rows": options["rows"],
        "now": options["now"],
        "clock": options["clock"],
        "api_version": int(version) if version else None,
    }
    source = click.get_current_context().get_parameter_source
    chosen = {name: said[name] for name in said if source(name) is not ParameterSource.DEFAULT}
    if "clock" in chosen:
        chosen["rate"] = chosen.pop("clock")
    return replace(wish, **chosen, quirks={**(wish.quirks or {}), **options["quirk"]})


def _settings(context: click.Context, _: click.Parameter, value: Path) -> Path:
    """Take defaults from the settings file of `value`, below options and environment."""
    try:
        found = read_settings(value, _known_keys(context.command))
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    context.default_map = {**found, **(context.default_map or {})}
    return value


def known_settings() -> Mapping[str, Wanted]:
    """Give the keys a settings file may have, with underscores, and what each may hold."""

    @serve_options(port=0)
    def command() -> None:
        pass

    return _known_keys(click.command(command))


def _known_keys(command: click.Command) -> dict[str, Wanted]:
    options = [each for each in command.params if isinstance(each, click.Option)]
    own = {each.name: _wanted(each) for each in options if each.name}
    own.pop("settings_dir")
    return {**_OF_OTHERS, **own}


def _wanted(option: click.Option) -> Wanted:
    """Give what the file may say for an option; on the command line everything is a text."""
    if option.multiple:
        return TEXTS
    if option.is_flag:
        return FLAG
    if isinstance(option.type, _Read | _Size):
        return option.type.wanted
    if isinstance(option.type, click.Choice):
        return Wanted(" or ".join(option.type.choices), WHOLE_NUMBER.types)
    return WHOLE_NUMBER if isinstance(option.type, click.IntRange) else TEXT


def _read_quirks(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for value in values:
        name, equals, setting = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not NAME=VALUE")
        wanted[name] = setting
    try:
        Quirks.of(wanted)
    except UnknownQuirkError as error:
        raise click.BadParameter(str(error)) from error
    return wanted


def _read_public_url(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Give the base without a slash at its end; an empty one is none."""
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise click.BadParameter(
            f"{value!r} is not the base of a URL such as https://pi.pardot.com"
        )
    return value.rstrip("/")


def _read_database_url(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Refuse a place that would not be used, rather than let someone rely on it."""
    if value not in (None, "", IN_MEMORY):
        raise click.BadParameter(
            f"accounts are kept in memory only: {IN_MEMORY} is the one place there is"
        )
    return value


def _find_scenario(_: click.Context, __: click.Parameter, value: str | None) -> Scenario | None:
    if value is None:
        return None
    from pardot_mock.scenarios.catalogue import find
    from pardot_mock.scenarios.scenario import ScenarioError

    try:
        return find(value)
    except ScenarioError as error:
        raise click.BadParameter(str(error)) from error


class _Read(click.ParamType):  # type: ignore[type-arg]
    """A parameter read by one of the readers of the control plane, so both accept the same."""

    def __init__(self, name: str, reader: str, wanted: Wanted, *, numeric: bool = False) -> None:
        self.name = name
        self.wanted = wanted
        self._reader = reader
        self._numeric = numeric

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        from pardot_mock.web.control import bodies

        try:
            return getattr(bodies, self._reader)(self._number(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def _number(self, value: Any) -> Any:  # noqa: ANN401
        if not self._numeric or not isinstance(value, str):
            return value
        try:
            return float(value)
        except ValueError:
            return value


class _Size(click.ParamType):  # type: ignore[type-arg]
    """A number of bytes, with a unit or without: `500MB`, `1.5 GiB`, `20000000`."""

    name = "SIZE"
    wanted = Wanted("a size such as 500MB or 10GB", (int, str))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        found = _SIZE.fullmatch(str(value).strip())
        if found is None:
            known = "B, KB, MB, GB, TB, KiB, MiB, GiB or TiB"
            self.fail(f"{value!r} is no size: give a number and {known}, as in 1.5GB", param, ctx)
        number, prefix, binary = found.groups()
        base = 1024 if binary else 1000
        size: int = round(float(number) * base ** " KMGT".index((prefix or " ").upper()))
        if size < LEAST_QUOTA:
            self.fail(f"{value!r} is too little: the least is 1MB, a million bytes", param, ctx)
        return size


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def cannot_serve(config: Config, error: OSError) -> str:
    """Say that an address cannot be bound, and what may help."""
    ports = " and ".join(str(p) for p in (config.port, config.tls_port) if p is not None)
    reason = error.strerror or str(error)
    advice = {
        errno.EADDRINUSE: "; `pardot-mock doctor` tells who is there, --port 0 takes a free one",
        errno.EACCES: "; ports below 1024 may need rights: --tls-port 8443 needs none",
    }
    known = advice.get(error.errno or 0, "")
    return f"cannot serve on {config.host}, port {ports}: {reason}{known}"
