"""Quirks: undocumented or era-dependent behaviour, each behind a named switch of the account.

A default is what the evidence supports best; every alternative is what somebody may meet. Code
asks the account's `Quirks`, never the era or the version by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = str | int


@dataclass(frozen=True, slots=True)
class Quirk:
    """One switch: its default, the other values it takes, and what the default rests on.

    With `number`, any whole number from 0 is accepted besides `others`; with `free_text` any text.
    """

    name: str
    default: Value
    others: tuple[Value, ...]
    evidence: str
    meaning: str
    number: bool = False
    free_text: bool = False

    def read(self, value: object) -> Value:
        """Give `value` as this quirk understands it; raise `UnknownQuirkError` if it does not."""
        if isinstance(value, bool):
            value = "on" if value else "off"
        for known in (self.default, *self.others):
            if str(known) == str(value):
                return known
        if self.number and str(value).isdecimal():
            return int(str(value))
        if self.free_text and isinstance(value, str) and value.isprintable() and value:
            return value
        raise UnknownQuirkError(f"quirk {self.name} takes {self.accepted}, not {value!r}")

    @property
    def accepted(self) -> str:
        """Say which values are accepted."""
        values = [str(known) for known in (self.default, *self.others)]
        values += ["any number"] * self.number + ["any text"] * self.free_text
        return " | ".join(values)


class UnknownQuirkError(ValueError):
    """A quirk that does not exist, or a value that it does not take."""


_ON = ("off",)
_OFF = ("on",)

_TABLE = (
    Quirk("auth_era", "dual", ("legacy", "oauth"), "chosen",
          "Which authentication is current: api_key only, both, or OAuth only."),
    Quirk("version_tag", "requested", ("always", "never"), "chosen",
          "Login tag of an account bound to no version: 4 if the login URL does not say 3."),
    Quirk("missing_version", "account", ("refuse",), "chosen",
          "A call without a version: served as the account's version, or code 94."),
    Quirk("export_read_post", "accept", ("reject",), "client",
          "Read and query of exports by POST: served like GET, or code 60."),
    Quirk("export_wrapper", "wrapped", ("bare", "both"), "documented",
          "Whether export facts stand below the key export."),
    Quirk("echo_request", "on", _ON, "documented",
          "Create and read give back object, fields and procedure."),
    Quirk("export_attributes", "on", _ON, "recorded",
          "JSON answers of export calls begin with @attributes."),
    Quirk("single_result_ref", "string", ("always_array",), "documented",
          "How resultRefs shows a single file."),
    Quirk("query_result_refs", "off", _OFF, "documented",
          "Whether items of an export query carry resultRefs."),
    Quirk("result_host", "public_base", ("www.pardot.com", "pi.pardot.com"), "client",
          "Host in resultRefs."),
    Quirk("default_export_format", "xml", ("json",), "inferred",
          "Format of export answers when none is asked for."),
    Quirk("date_bounds", "exclusive", ("inclusive",), "documented",
          "Whether rows exactly on a bound belong to the result."),
    Quirk("year_tolerance_seconds", 86400, (), "inferred",
          "Seconds that a range may exceed one calendar year.", number=True),
    Quirk("prospect_deleted", "optional", ("required", "any"), "client",
          "The argument deleted of prospect exports: only all, required, or any value."),
    Quirk("cancelled_state", "Failed", ("Canceled",), "chosen",
          "State shown for an export that was cancelled after 7 days."),
    Quirk("expiry_starts", "completion", ("creation",), "documented",
          "From when the 7 days of the results count."),
    Quirk("expired_download_code", 178, (109,), "documented",
          "Code for downloading from an expired export."),
    Quirk("permission_code", 46, (49,), "inferred",
          "Code for a lacking ability on export calls."),
    Quirk("bad_field_code", 180, (130, 154), "documented",
          "Code for a bad name in fields."),
    Quirk("missing_credentials_code", "era", (49, 1, 15, 182), "observed",
          "Code for a call without credentials: by era 182 (HTTP 401) in oauth, else 49."),
    Quirk("import_wrapper", "bare", ("wrapped",), "documented",
          "Whether import facts stand below the key import."),
    Quirk("import_columns_code", 226, (165,), "chosen",
          "Code for a file whose columns are not those of the import; 165 is the older one."),
    Quirk("expired_import_read", "refuse", ("show",), "documented",
          "Reading an expired import: code 161, or isExpired true."),
    Quirk("legacy_error_status", 200, (400,), "client",
          "HTTP status of codes 1, 15, 46, 49, 53, 66, 76, 88, 89, 122, 131 before the oauth era."),
    Quirk("limit_status", 200, (429,), "inferred",
          "HTTP status of codes 122 and 66."),
    Quirk("limit_message_full_stop", "off", _OFF, "documented",
          "Whether the text of code 122 ends in a full stop."),
    Quirk("count_login", "off", _OFF, "chosen",
          "Whether a login counts against the daily allowance."),
    Quirk("count_downloads", "on", _ON, "inferred",
          "Whether a download counts against the daily allowance."),
    Quirk("count_failed_calls", "authenticated", ("all", "none"), "inferred",
          "Which refused calls count against the daily allowance."),
    Quirk("business_unit_error", 201, (49,), "observed",
          "Code for an unknown business unit; 49 before March 2021."),
    Quirk("token_error_status", 401, (400,), "observed",
          "HTTP status of code 184."),
    Quirk("token_error_suffix", "era", ("bare", "inactive", "scope"), "client",
          "Suffix of code 184: by era bare in dual and the reason in oauth."),
    Quirk("token_expires_in", "off", _OFF, "client",
          "Whether a token answer says when the token expires."),
    Quirk("access_token_minutes", 120, (), "inferred",
          "Minutes that an access token lives.", number=True),
    Quirk("query_credentials", "reject", ("accept",), "documented",
          "Credentials in the query string."),
    Quirk("login_get", "reject", ("accept",), "inferred",
          "Login by GET: code 60, or served."),
    Quirk("unknown_path", "era", (2, 198), "observed",
          "Code for an unknown object or operation: by era 198 (HTTP 404) in oauth, else 2."),
    Quirk("long_uri", "refuse", ("serve",), "client",
          "A GET with a URI of more than 6,200 characters: HTTP 414, or served."),
    Quirk("long_call", "close", ("reset", 504, 214, 202, "serve"), "client",
          "A call of more than 120 s: closed or reset unanswered, HTTP 504, a code, or served."),
    Quirk("gzip", "answers", ("all", "off"), "inferred",
          "What is sent by gzip to a caller that accepts it; all includes result files."),
    Quirk("sliding_api_key", "off", _OFF, "inferred",
          "Whether using an api_key prolongs its life."),
    Quirk("lock_after_failed_logins", 10, ("off",), "chosen",
          "Failed logins in a row after which a user is locked.", number=True),
    Quirk("xml_null", "short", ("null_attribute", "open_close"), "client",
          "How XML writes null: <x/>, <x null=\"true\" />, or <x></x>."),
    Quirk("html_entities", "off", _OFF, "inferred",
          "Whether texts of records carry HTML entities, such as &amp; for &."),
    Quirk("form_handler_name", "Form Handler", ("FormHandler",), "inferred",
          "The type_name of activities of form handlers, in exports too."),
    Quirk("archived_prospect_read", "accept", ("refuse",), "chosen",
          "Read of an archived prospect by its id: shown, or code 132."),
    Quirk("malformed_date", "reject", ("accept",), "inferred",
          "Dates such as 2020-01-31:10:00:00."),
    Quirk("csv_content_type", "text/csv; charset=utf-8", (), "inferred",
          "Content type of a result file.", free_text=True),
    Quirk("csv_bom", "off", _OFF, "documented",
          "Whether result files begin with a byte order mark."),
    Quirk("csv_quoting", "minimal", ("php", "all"), "inferred",
          "Which cells are quoted; php also quotes cells with blanks."),
    Quirk("csv_line_end", "lf", ("crlf",), "inferred",
          "Line ends of result files."),
    Quirk("csv_boolean", "json", ("1_0", "true_false"), "inferred",
          "How booleans are written; json follows the object's JSON."),
    Quirk("csv_multi_separator", ";", (",", "|"), "inferred",
          "What stands between several values in one cell."),
    Quirk("id_step", 1, (), "chosen",
          "Distance between the ids of consecutive exports.", number=True),
)  # fmt: skip

QUIRKS: Mapping[str, Quirk] = MappingProxyType({quirk.name: quirk for quirk in _TABLE})


@dataclass(frozen=True, slots=True)
class Quirks:
    """The switches of one account: the defaults, with what was set."""

    changed: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, wanted: Mapping[str, object]) -> Quirks:
        """Read settings by name; raise `UnknownQuirkError` for a bad name or value."""
        return cls().with_(wanted)

    def with_(self, wanted: Mapping[str, object]) -> Quirks:
        """Give these quirks with some set anew; raise `UnknownQuirkError` for a bad one."""
        unknown = [name for name in wanted if name not in QUIRKS]
        if unknown:
            raise UnknownQuirkError(f"there is no quirk {unknown[0]!r}")
        read = {name: QUIRKS[name].read(value) for name, value in wanted.items()}
        return Quirks({**self.changed, **read})

    def __getitem__(self, name: str) -> Value:
        """Give the value in force."""
        return self.changed.get(name, QUIRKS[name].default)

    def on(self, name: str) -> bool:
        """Whether an on/off quirk is on."""
        return self[name] == "on"

    def number(self, name: str) -> int:
        """Give a quirk that holds a number; 0 for one that is off."""
        value = self[name]
        return value if isinstance(value, int) else 0

    def text(self, name: str) -> str:
        """Give a quirk that holds a text."""
        return str(self[name])
