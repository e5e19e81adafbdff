"""The command line of `pardot-export`: what may be said, and what it means."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pardot_client.arguments import BOUNDS, Wanted
from pardot_client.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("csv", "jsonl", "parquet")
_UNITS = MappingProxyType({"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0})
_USAGE = """\
pardot-export OBJECT --out DIR [options]
       pardot-export --resume ID --out DIR [options]"""
_EPILOG = """\
examples:
  pardot-export visitorActivity --created-after 2026-01-01 --created-before 2026-06-30 --out DIR
  pardot-export prospect --updated-after "-30 days" --out DIR --format parquet --merge
  pardot-export visitor --updated-after 2026-01-01 --since-last --out DIR
  pardot-export --resume 1001 --out DIR

environment:
  PARDOT_EMAIL, PARDOT_PASSWORD, PARDOT_USER_KEY          log in with an api key
  PARDOT_BUSINESS_UNIT_ID with PARDOT_ACCESS_TOKEN, or
  PARDOT_CLIENT_ID, PARDOT_CLIENT_SECRET and, if needed,
  PARDOT_REFRESH_TOKEN or PARDOT_USERNAME, PARDOT_PASSWORD  log in with OAuth
  PARDOT_BASE_URL, PARDOT_LOGIN_URL                        other hosts

exit codes:
  0 done   1 export failed or expired   2 request or usage wrong   4 service not reachable
  6 credentials refused   7 call limit or budget reached   8 timed out   130 interrupted
  141 whoever read the output has gone
"""


def seconds(text: str) -> float:
    """A duration such as `90s`, `15m`, `2h`, `7d` or a number of seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration such as 90s, 15m, 2h or 7d")
    return float(found[1]) * _UNITS[found[2]]


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in text.split(",")) if name)


def _types(text: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, _names(text)))
    except ValueError as error:
        raise argparse.ArgumentTypeError("activity types are numbers, such as 1,2") from error


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above zero")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def parser() -> argparse.ArgumentParser:
    """The command line."""
    command = argparse.ArgumentParser(
        prog="pardot-export",
        usage=_USAGE,
        description="Export rows of a Pardot account into files, each whole or not there at all.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_argument(
        "object", nargs="?", help="visitorActivity, listMembership, prospect, visitor, ..."
    )
    _add_wanted(command.add_argument_group("what to export"))
    _add_output(command.add_argument_group("where to and how"))
    _add_calls(command.add_argument_group("calls"))
    return command


def _add_wanted(group: argparse._ArgumentGroup) -> None:
    for lower, upper in BOUNDS.values():
        for name, which in ((lower, "lower"), (upper, "upper")):
            group.add_argument(
                f"--{name.replace('_', '-')}", metavar="TIME", help=f"exclusive {which} bound"
            )
    group.add_argument("--fields", type=_names, metavar="A,B", help="columns; default all")
    group.add_argument("--type", type=_types, metavar="N,M", help="activity types")
    group.add_argument(
        "--prospect-only", action="store_true", help="only activities of known prospects"
    )
    group.add_argument(
        "--deleted",
        choices=("true", "false", "all"),
        help="deleted rows, where there are any",
    )
    group.add_argument("--procedure", metavar="NAME", help="default follows from the bounds")
    group.add_argument(
        "--argument", type=_pair, action="append", metavar="NAME=VALUE", help="of the procedure"
    )
    group.add_argument("--resume", type=_positive, metavar="ID", help="fetch an existing export")
    group.add_argument(
        "--since-last", action="store_true", help="go on where the last run with it ended"
    )
    group.add_argument(
        "--state", type=Path, metavar="FILE", help="its memory; default OUT/.pardot-export.json"
    )
    group.add_argument(
        "--lag",
        type=seconds,
        default=300.0,
        metavar="DURATION",
        help="how far --since-last stays behind the present, for late rows; default 5m",
    )


def _add_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--out", type=Path, required=True, metavar="DIR", help="made if missing")
    group.add_argument("--format", choices=FORMATS, default="csv", help="default csv")
    group.add_argument("--merge", action="store_true", help="one file instead of several")
    group.add_argument("--timezone", metavar="NAME", help="of the API user, to type timestamps")
    group.add_argument("--json", action="store_true", help="events as JSON lines on stdout")
    group.add_argument("--quiet", action="store_true", help="no progress")


def _add_calls(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--base-url", metavar="URL", help="the API host; default production")
    group.add_argument("--login-url", metavar="URL", help="the OAuth host; default production")
    group.add_argument(
        "--auth", choices=("api-key", "oauth"), help="default api-key if it is complete, else oauth"
    )
    group.add_argument(
        "--api-version",
        choices=("3", "4", "auto"),
        default="4",
        help="auto follows the account; default 4",
    )
    group.add_argument(
        "--api-format", choices=("json", "xml"), default="json", help="of answers; default json"
    )
    group.add_argument("--budget", type=_positive, metavar="CALLS", help="never make more calls")
    group.add_argument(
        "--timeout", type=seconds, metavar="DURATION", help="wait no longer for each export"
    )
    group.add_argument(
        "--poll-unit",
        type=seconds,
        default=60.0,
        metavar="DURATION",
        help="stands for a minute of the documented polling advice; default 60s",
    )


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read a command line; on a wrong one, say why and exit with 2."""
    command = parser()
    options = command.parse_args(arguments)
    if (options.object is None) == (options.resume is None):
        command.error("give an object, or --resume with the id of an export")
    if options.since_last and options.resume is not None:
        command.error("--since-last makes exports of its own, so it cannot --resume one")
    if options.state is not None and not options.since_last:
        command.error("--state belongs to --since-last")
    return options


def wanted(options: argparse.Namespace) -> Wanted:
    """What the command line asks for.

    Raises:
        InvalidRequest: an argument is given twice.
    """
    asked = Wanted(
        created_after=options.created_after,
        created_before=options.created_before,
        updated_after=options.updated_after,
        updated_before=options.updated_before,
        prospect_updated_after=options.prospect_updated_after,
        prospect_updated_before=options.prospect_updated_before,
        fields=options.fields,
        type=options.type,
        prospect_only=options.prospect_only or None,
        deleted={"true": True, "false": False}.get(options.deleted, options.deleted),
        procedure=options.procedure,
    )
    pairs: list[tuple[str, str]] = options.argument or []
    if len(dict(pairs)) < len(pairs):
        raise InvalidRequest("an --argument is given twice")
    if pairs:
        asked["arguments"] = dict(pairs)
    return asked
