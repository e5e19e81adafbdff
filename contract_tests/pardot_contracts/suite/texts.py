"""The literal text of each error code that the cases provoke; clients compare some byte for byte.

This is a second, independent copy on purpose: a suite that shared the server's table would find
none of its typing mistakes.
"""

from __future__ import annotations

from types import MappingProxyType

TEXTS = MappingProxyType(
    {
        1: "Invalid API key or user key",
        2: "Invalid action",
        4: "Invalid prospect email address",
        5: "Invalid query parameters",
        7: "Invalid timestamp",
        8: "Invalid time range",
        15: "Login failed",
        16: "Invalid ID",
        19: "Invalid value specified for sort_by",
        20: "Invalid value specified for sort_order",
        21: "Invalid value specified for offset",
        23: "Invalid value specified for limit",
        46: "This API user lacks sufficient permissions for the requested operation",
        49: "Access Denied",
        51: "Invalid parameter",
        53: "Client IP address/location must be activated before accessing API",
        60: "Invalid HTTP request method",
        # The first of the two blanks was dropped in later years.
        66: "You have exceeded your concurrent request limit.  Please wait, before trying again",
        76: "API access was disabled",
        88: "Your account must use version 4 of the API.",
        89: "Your account is unable to use version 4 of the API.",
        94: "The provided version is not a valid number",
        109: "The requested record was not found.",
        122: "Daily API rate limit met",
        131: (
            "Your account is locked due to too many failed login attempts. "
            "Reset your password at https://pi.pardot.com/user/passwordReset"
        ),
        150: "Input needs to be valid JSON",
        151: "Unsupported content-type",
        152: "Request body can't be empty",
        153: "Missing required property in request",
        154: "Invalid property in request",
        174: "Unknown procedure name.",
        175: "Unknown procedure argument.",
        176: "Missing required argument.",
        177: "Invalid procedure argument.",
        178: "The current state of the export does not allow the operation",
        183: "An internal error occurred, please try your request again",
        198: "Endpoint not found",
        181: "A required header is missing",
        182: "Invalid header value",
        180: "One or more of the specified fields are invalid",
        199: (
            "Authentication using an api_key is no longer supported. "
            "Use Salesforce OAuth access token instead. "
            "See https://developer.pardot.com/kb/authentication/ for details."
        ),
    }
)
