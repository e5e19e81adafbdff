"""What to do about a refusal, where the code alone tells: for people who read the journal.

The first clause says what is wrong, the second what the nearest valid call would be. Where the
right name depends on the call, the refusal itself knows better: see `Refused.hint`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pardot_mock.domain.errors import ErrorCode, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADER = "Authorization: Pardot api_key=..., user_key=..."

ADVICE: Final[Mapping[ErrorCode, str]] = MappingProxyType(
    {
        ErrorCode.INVALID_KEY: "log in again and repeat the call once: a key lives 60 minutes and"
        " belongs to one user_key",
        ErrorCode.INVALID_PROSPECT_ID: "name a prospect that is there: .../do/read/id/101",
        ErrorCode.INVALID_PROSPECT_EMAIL: "name a prospect that is there, percent-encoded:"
        " .../do/read/email/a%40example.com",
        ErrorCode.INVALID_QUERY: "send exactly one of the filters that exclude each other",
        ErrorCode.INVALID_TIME_FRAME: "known words are today, yesterday, last_7_days, this_month"
        " and last_month",
        ErrorCode.INVALID_TIMESTAMP: "write dates like 2026-01-31 10:00:00, or today,"
        " last_7_days, 1 week ago",
        ErrorCode.INVALID_TIME_RANGE: "let the *_after bound be earlier than the *_before bound",
        ErrorCode.MISSING_PARAMETER: "add the parameter, in the form, the query string or the path",
        ErrorCode.NO_SUCH_PROSPECT_AND_NO_EMAIL: "name the prospect by id, email or fid:"
        " .../do/read/id/101",
        ErrorCode.LOGIN_FAILED: "post email, password and user_key of one user as form fields",
        ErrorCode.INVALID_ID: "name the record by digits: .../do/read/id/1001",
        ErrorCode.INVALID_OFFSET: "send a whole number from 0",
        ErrorCode.INVALID_LIMIT: "send a whole number from 1 to 200",
        ErrorCode.NO_PERMISSION: "call as a user with the ability, or as the one who created it",
        ErrorCode.ACCESS_DENIED: f"send {_HEADER}, or a Bearer token; put the credentials of a"
        " login into the body",
        ErrorCode.INVALID_BOOLEAN: "write true or false in lower case",
        ErrorCode.IP_NOT_ACTIVATED: "activate the address of the client: PATCH the account with"
        ' {"access": "open"}',
        ErrorCode.CONCURRENT_LIMIT: "have at most five calls under way, wait, and repeat this one",
        ErrorCode.API_DISABLED: "switch the API on for the account: PATCH it with"
        ' {"access": "open"}',
        ErrorCode.BATCH_TOO_LARGE: "send at most 50 prospects in a batch",
        ErrorCode.VERSION_4_REQUIRED: "use the same URL with version/4",
        ErrorCode.VERSION_4_UNAVAILABLE: "use the same URL with version/3",
        ErrorCode.NOT_FOUND: "ask do/query for what there is",
        ErrorCode.DAILY_LIMIT: "wait for the start of the day in the account's timezone",
        ErrorCode.LOGIN_LOCKED: "reset the account: failed logins lock a user for good",
        ErrorCode.BODY_NOT_JSON: 'send one JSON object: {"object": ..., "procedure": ...}',
        ErrorCode.UNSUPPORTED_CONTENT_TYPE: "send Content-Type: application/json",
        ErrorCode.EMPTY_BODY: 'send one JSON object: {"object": ..., "procedure": ...}',
        ErrorCode.MISSING_PROPERTY: 'send {"object": ..., "procedure": {"name": ..., "arguments":'
        " {...}}}",
        ErrorCode.MISSING_ARGUMENT: "add the *_after bound of the procedure to its arguments",
        ErrorCode.INVALID_ARGUMENT: "send dates as text, at most one year apart, the later one"
        " as *_before",
        ErrorCode.EXPORT_STATE: "poll do/read until the state is Complete, and download within"
        " 7 days",
        ErrorCode.MISSING_HEADER: "send Pardot-Business-Unit-Id with every Bearer call",
        ErrorCode.INVALID_HEADER: "send the 18 characters of a business unit that begin with 0Uv",
        ErrorCode.INVALID_TOKEN: "ask the token endpoint for a new token with the scope"
        " pardot_api, and repeat the call once",
        ErrorCode.API_KEY_RETIRED: "get a Bearer token from /services/oauth2/token",
        ErrorCode.BUSINESS_UNIT_NOT_FOUND: "send the business unit that the token's user belongs"
        " to",
        ErrorCode.IMPORT_NOT_OPEN: "add batches before the import is told to be Ready",
        ErrorCode.IMPORT_WITHOUT_DATA: "add a batch first: POST .../do/batch/id/1 with importFile",
        ErrorCode.IMPORT_STATE: "poll do/read until the state is Complete",
        ErrorCode.BODY_SIZE: "send a smaller body",
    }
)


def hint_for(refused: Refused) -> str:
    """Say what the nearest valid call would be; empty where nobody can tell."""
    return refused.hint or ADVICE.get(refused.code, "")
