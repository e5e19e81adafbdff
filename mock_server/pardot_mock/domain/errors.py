"""Saying no: the one table of error codes and the exception that carries a code.

Rules of this file:
- every refusal in the emulator is `raise Refused(ErrorCode.X, detail=...)`; no handler builds an
  error answer by hand and no other module spells an error text;
- a name says what is wrong with the request; the literal texts stand in `errortable`;
- `detail` explains to the reader of journal and logs and never reaches the wire; `suffix` does.

Source: codes and texts documented; the names are chosen. Code 10000 has a row but no name,
because its text depends on the parameter and the emulator does not produce it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from pardot_mock.domain.errortable import LISTED_2020, LISTED_LATER, NOTES, REWORDED
from pardot_mock.domain.nearest import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ERRORS", "ErrorCode", "ErrorRow", "Refused", "Since"]

Since: TypeAlias = Literal["2020", "newer"]


class ErrorCode(IntEnum):
    """Every code with a text of its own; the value is the number on the wire."""

    INVALID_KEY = 1
    INVALID_ACTION = 2
    INVALID_PROSPECT_ID = 3
    INVALID_PROSPECT_EMAIL = 4
    INVALID_QUERY = 5
    INVALID_TIME_FRAME = 6
    INVALID_TIMESTAMP = 7
    INVALID_TIME_RANGE = 8
    PROSPECT_EMAIL_EXISTS = 9
    INVALID_USER_ID = 10
    INVALID_USER_EMAIL = 11
    INVALID_GROUP_ID = 12
    MISSING_PARAMETER = 13
    NO_SUCH_PROSPECT_AND_NO_EMAIL = 14
    LOGIN_FAILED = 15
    INVALID_ID = 16
    INVALID_ID_RANGE = 17
    INVALID_PROFILE_MATCHING = 18
    INVALID_SORT_BY = 19
    INVALID_SORT_ORDER = 20
    INVALID_OFFSET = 21
    UNSUPPORTED_FEATURE = 22
    INVALID_LIMIT = 23
    INVALID_VISITOR_ID = 24
    INVALID_IS_STARRED = 25
    INVALID_ASSIGNED = 26
    INVALID_DELETED = 27
    INVALID_NEW = 28
    INVALID_SCORE = 29
    INVALID_SCORE_RANGE = 30
    INVALID_SCORE_COMBINATION = 31
    INVALID_GRADE = 32
    INVALID_GRADE_RANGE = 33
    INVALID_GRADE_COMBINATION = 34
    INVALID_OPPORTUNITY_ID = 35
    MISSING_PARAMETER_VALUE = 36
    SALESFORCE_CONNECTOR_DETECTED = 37
    INVALID_CAMPAIGN_ID = 38
    INVALID_PROFILE_ID = 39
    INVALID_PROBABILITY = 40
    INVALID_PROBABILITY_RANGE = 41
    INVALID_OPPORTUNITY_VALUE = 42
    INVALID_OPPORTUNITY_VALUE_RANGE = 43
    PROSPECT_ID_EMAIL_MISMATCH = 44
    USER_ID_EMAIL_MISMATCH = 45
    NO_PERMISSION = 46
    MULTIPLE_ASSIGNMENT_TARGETS = 47
    INVALID_VISIT_ID = 48
    ACCESS_DENIED = 49
    INVALID_BOOLEAN = 50
    INVALID_PARAMETER = 51
    INVALID_PARAMETER_RANGE = 52
    IP_NOT_ACTIVATED = 53
    EMAIL_IN_USE = 54
    INVALID_LIST_ID = 55
    INVALID_NUMBER_FOR_FIELD = 56
    INVALID_DATE_FOR_FIELD = 57
    ALREADY_LIST_MEMBER = 58
    CRM_CONNECTOR_DETECTED = 59
    INVALID_METHOD = 60
    INVALID_PROSPECT_ACCOUNT_ID = 61
    CONFLICTING_UPDATE = 62
    TOO_MANY_IDS = 63
    EMAIL_MISSES_VARIABLES = 64
    INVALID_EMAIL_FORMAT = 65
    CONCURRENT_LIMIT = 66
    OBJECT_LIMIT_REACHED = 67
    TEMPLATE_NOT_FOUND = 68
    BATCH_TOO_LARGE = 70
    BODY_NOT_JSON_OR_XML = 71
    JSON_HASH_MISMATCH = 72
    NO_EMAIL_PLUGIN_CAMPAIGN = 73
    UNSUPPORTED_EMAIL_CLIENT = 74
    VARIABLE_TAGS_ERROR = 75
    API_DISABLED = 76
    INVALID_PROSPECT_FID = 77
    INVALID_CRM_FID = 79
    INVALID_CRM_TYPE = 80
    PROSPECT_ID_FID_MISMATCH = 81
    NO_VALID_CRM_CONNECTOR = 83
    PROSPECT_NOT_SAVED = 85
    INVALID_TEMPLATE_ID = 86
    VERSION_4_REQUIRED = 88
    VERSION_4_UNAVAILABLE = 89
    PROSPECTS_NOT_FLAT = 90
    PROSPECTS_NOT_KEYED_BY_EMAIL = 91
    PROSPECT_NOT_FOUND = 92
    TEMPLATE_MISSES_SEND_OPTIONS = 93
    INVALID_VERSION = 94
    INVALID_FOLDER_NAME = 95
    NO_FOLDER_ACCESS = 96
    FOLDER_NOT_FOUND = 97
    PROSPECT_NOT_MAILABLE = 98
    USER_EMAIL_EXISTS = 99
    INVALID_TIME_ZONE = 100
    INVALID_ROLE = 101
    CRM_USERNAME_TAKEN = 102
    CRM_CONNECTOR_MISSING = 103
    CRM_USERNAME_UNKNOWN = 104
    NO_ACTIVATION_HASH = 105
    USER_ALREADY_ACTIVE = 106
    WEAK_PASSWORD = 107
    ASSET_IN_USE = 108
    NOT_FOUND = 109
    INVALID_ACCOUNT_ID = 110
    INTEGRATION_USERNAME_TAKEN = 111
    TRACKING_RECIPIENT_MISSING = 112
    RECIPIENT_MISSING = 113
    INVALID_RECIPIENT = 114
    TOO_MANY_RECIPIENTS = 115
    REQUEST_OUTDATED = 116
    MICRO_CAMPAIGN_NOT_DELETED = 117
    TEST_ENVIRONMENT_ONLY = 118
    REFRESH_TOKENS_NOT_CREATED = 119
    CONNECTOR_NOT_VERIFIED = 120
    PROSPECT_NOT_SYNCED = 121
    DAILY_LIMIT = 122
    SALESFORCE_USERNAME_NOT_VERIFIED = 123
    SALESFORCE_USERNAME_NOT_SET = 124
    USER_ID_AND_OWNER_FID = 125
    INVALID_AUTH_MECHANISM = 126
    CAMPAIGN_CREATE_FORBIDDEN = 128
    CAMPAIGN_UPDATE_FORBIDDEN = 129
    INVALID_CSV_FIELDS = 130
    LOGIN_LOCKED = 131
    PROSPECT_ARCHIVED = 132
    TOO_MANY_SORT_BY = 133
    TOO_MANY_SORT_ORDER = 134
    SORT_WITHOUT_ID = 135
    INVALID_URL = 137
    NAME_TOO_LONG = 138
    INVALID_NAME = 139
    INVALID_ARCHIVED = 145
    INVALID_ARCHIVED_FILTER = 146
    BODY_NOT_JSON = 150
    UNSUPPORTED_CONTENT_TYPE = 151
    EMPTY_BODY = 152
    MISSING_PROPERTY = 153
    INVALID_PROPERTY = 154
    IMPORT_NOT_OPEN = 155
    IMPORT_WITHOUT_DATA = 156
    IMPORT_ERROR = 157
    UPLOAD_FAILED = 158
    INVALID_CSV_FILE = 159
    IMPORT_BATCH_LIMIT = 160
    IMPORT_STATE = 161
    NO_FILE = 162
    TOO_MANY_FILES = 163
    DAILY_IMPORT_BATCH_LIMIT = 164
    INVALID_COLUMN_OPTIONS = 165
    INVALID_INPUT_FORMAT = 166
    BACKGROUND_QUEUE_STATE = 168
    BACKGROUND_QUEUE_TYPE = 169
    UNKNOWN_PROCEDURE = 174
    UNKNOWN_ARGUMENT = 175
    MISSING_ARGUMENT = 176
    INVALID_ARGUMENT = 177
    EXPORT_STATE = 178
    INVALID_FIELDS = 180
    MISSING_HEADER = 181
    INVALID_HEADER = 182
    INTERNAL_ERROR = 183
    INVALID_TOKEN = 184
    INVALID_IMPORT_ORIGIN = 188
    EMAIL_SENDING_BLOCKED = 190
    OBJECT_NOT_FOUND = 192
    INVALID_MIME_TYPE = 194
    IMPORT_MISSES_FIELD = 197
    ENDPOINT_NOT_FOUND = 198
    API_KEY_RETIRED = 199
    BUSINESS_UNIT_NOT_FOUND = 201
    MINUTE_LIMIT = 202
    NO_ADMIN_USER = 203
    BODY_SIZE = 204
    INVALID_ACTION_NAME = 205
    INVALID_ACTION_ARGUMENT = 206
    MISSING_ACTION_ARGUMENT = 207
    UNKNOWN_ACTION_ARGUMENT = 208
    TOO_MANY_FILTERED_FIELDS = 209
    PAGE_TOKEN_EXPIRED = 210
    INVALID_PAGE_TOKEN = 211
    REQUEST_TIMED_OUT = 214
    EMAIL_FORM_FIELD_REQUIRED = 215
    FOLDER_FULL = 216
    INVALID_VISITOR = 217
    CONNECTED_CAMPAIGNS_OFF = 218
    DELETED_RECORD = 219
    INVALID_AVAILABLE_FOR = 220
    DEFAULT_ENGAGE_TEMPLATE = 221
    DEFAULT_RESUBSCRIBE_TEMPLATE = 222
    RECORD_NOT_DELETED = 223
    INVALID_FIELDS_FOR_REQUEST = 224
    CSV_COLUMN_OPTIONS_MISMATCH = 226
    CSV_FIELD_OPTIONS_MISMATCH = 227
    MIXED_API_VERSIONS = 228
    FILE_SIZE_TOO_SMALL = 231
    FILE_SIZE_TOO_LARGE = 232
    NO_VERIFIED_CONNECTOR = 233
    CONNECTOR_V2_REQUIRED = 234
    CONNECTOR_ALREADY_IN_STATE = 235
    INVALID_LIST_FOR_UNIT = 236
    INVALID_TAG_LANGUAGE = 237
    FILE_ALTERED = 239
    RECORDS_NOT_FOUND = 242
    SENDER_DOMAIN_NOT_VERIFIED = 243
    EMAIL_NOT_SENT = 244
    NAME_IN_USE = 245
    EMAIL_NOT_DELIVERED = 246


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One error code as the service lists it.

    `message` is the text of mid-2020 (of the newest table for codes that came later), `newest`
    the later wording or None where nothing changed, `since` when the code was first listed and
    `note` a remark of this project, possibly empty.
    """

    code: int
    message: str
    newest: str | None
    since: Since
    note: str

    def text(self, *, newest: bool = False) -> str:
        """The literal text: that of mid-2020, or with `newest` the latest wording."""
        return self.newest if newest and self.newest is not None else self.message


def _rows() -> Mapping[int, ErrorRow]:
    listed: tuple[tuple[Since, Mapping[int, str]], ...] = (
        ("2020", LISTED_2020),
        ("newer", LISTED_LATER),
    )
    rows = {
        code: ErrorRow(code, message, REWORDED.get(code), since, NOTES.get(code, ""))
        for since, texts in listed
        for code, message in texts.items()
    }
    return MappingProxyType(dict(sorted(rows.items())))


ERRORS: Final = _rows()


class Refused(Exception):  # noqa: N818 - the field's word: a refusal is an answer, not a fault
    """A request that was understood and turned down with one code of the table.

    Parameters: `code`, the row to answer with; `detail`, what exactly was wrong, for the journal
    and the logs only; `suffix`, text the wire appends to the literal message (version 5 names the
    offending parameter that way, later eras say why a token is not accepted); `asked`, the name
    or value that was not understood, and `known`, those that would have been.
    """

    def __init__(
        self,
        code: ErrorCode,
        detail: str,
        suffix: str = "",
        asked: str = "",
        known: Iterable[str] = (),
    ) -> None:
        super().__init__(code, detail, suffix, asked, known)
        self.code = code
        self.detail = detail
        self.suffix = suffix
        self.asked = asked
        self.known = known

    @property
    def hint(self) -> str:
        """What was probably meant, for people; empty if the refusal is not about a name."""
        return suggestion(self.asked, self.known)

    def __str__(self) -> str:
        return f"{self.code.value} {self.code.name}: {self.detail}"

    def message(self, newest: bool = False) -> str:
        """The text for the wire: the row's literal text followed by the suffix."""
        return ERRORS[self.code].text(newest=newest) + self.suffix
