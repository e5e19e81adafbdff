"""The literal texts of every known error code, as rows of code and text.

Protocol literals: byte-exact, with the service's own spelling mistakes and its double blank in
66. Codes missing from the numbering were never published. `domain.errors` names the codes and
joins these tables into rows; everything else takes them from there.

Source of all texts: documented. The tables say when a text was listed: mid-2020, later, or
reworded later.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


# Listed in mid-2020.
LISTED_2020: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "Invalid API key or user key",
        2: "Invalid action",
        3: "Invalid prospect ID",
        4: "Invalid prospect email address",
        5: "Invalid query parameters",
        6: "Invalid time frame",
        7: "Invalid timestamp",
        8: "Invalid time range",
        9: "A prospect with the specified email address already exists",
        10: "Invalid user ID",
        11: "Invalid user email address",
        12: "Invalid group ID",
        13: "One or more required parameters are missing",
        14: "Non-existent prospect ID; No email address provided",
        15: "Login failed",
        16: "Invalid ID",
        17: "Invalid ID range",
        18: "Invalid value for profile criteria matching status",
        19: "Invalid value specified for sort_by",
        20: "Invalid value specified for sort_order",
        21: "Invalid value specified for offset",
        22: "Unsupported feature in this version of the API",
        23: "Invalid value specified for limit",
        24: "Invalid visitor ID",
        25: "Parameter is_starred must be true or false",
        26: "Parameter assigned must be true or false",
        27: "Parameter deleted must be true or false",
        28: "Parameter new must be true or false",
        29: "Invalid value specified for score",
        30: "Invalid score range specified",
        31: "Invalid combination of parameters for score",
        32: "Invalid value specified for grade",
        33: "Invalid grade range specified",
        34: "Invalid combination of parameters for grade",
        35: "Invalid opportunity ID",
        36: "One or more required parameter values are missing",
        37: "A SalesForce connector was detected",
        38: "Invalid campaign ID",
        39: "Invalid profile ID",
        40: "Invalid opportunity probability",
        41: "Invalid probability range specified",
        42: "Invalid opportunity value",
        43: "Invalid opportunity value range specified",
        44: "The provided prospect_id and prospect_email parameters do not match",
        45: "The provided user_id and user_email parameters do not match",
        46: "This API user lacks sufficient permissions for the requested operation",
        47: "Multiple assignment targets were specified",
        48: "Invalid visit ID",
        49: "Access Denied",
        50: "Invalid boolean",
        51: "Invalid parameter",
        52: "Invalid parameter range",
        53: "Client IP address/location must be activated before accessing API",
        54: "Email address is already in use",
        55: "Invalid list ID",
        56: "Invalid number entered for field",
        57: "Invalid date entered for field",
        58: "That prospect is already a memeber of that list. Update the membership instead.",
        59: "A CRM connector was detected",
        60: "Invalid HTTP request method",
        61: "Invalid prospect account id",
        62: "Conflicting Update",
        63: "Too many IDs specified",
        64: "Email content missing required variables",
        65: "Invalide email format",
        66: "You have exceeded your concurrent request limit.  Please wait, before trying again",
        67: (
            "You have reached or exceeded the limit of how many of this type of object you may "
            "have."
        ),
        68: "Template with this id does not exist.",
        70: "Batch processing is limited to 50 prospects at once.",
        71: "Input needs to be valid JSON or XML",
        72: "JSON has been corrupted, hash does not match",
        73: (
            "Currently there is not an Email Plug-in Campaign associated to successfully track "
            "this email. Please contact your Pardot administrator to ensure there is a proper "
            "campaign associated with the Account Settings in Pardot."
        ),
        74: "The email client is not supported by the plugin API",
        75: "There was an error processing the request for the account variable tags",
        76: "API access was disabled",
        77: "Invalid prospect fid",
        79: "Invalid CRM_FID",
        80: "Invalid CRM_TYPE",
        81: "Prospect ID and FID do not match",
        83: "No valid CRM connectors available",
        85: "Unable to save the prospect",
        86: "Invalid Template id",
        88: "Your account must use version 4 of the API.",
        89: "Your account is unable to use version 4 of the API.",
        90: "Prospect array should be a flat array of attributes",
        91: "Prospect array must be keyed by email address",
        92: "Prospect record could not be found",
        93: "The selected template is missing send options",
        94: "The provided version is not a valid number",
        95: "Folder name is invalid",
        96: "User does not have access to this folder",
        97: "The folder ID provided does not exist",
        98: "Prospect not mailable",
        99: "User with the provided email already exists",
        100: "The provided time zone is invalid",
        101: "The provided role is invalid",
        102: "The CRM Username specified is currently applied to another user",
        103: "A CRM connector was not detected",
        104: "The CRM Username specified was not detected",
        105: "There is no activation hash for the specified user",
        106: "User is already active",
        107: "Password does not meet requirements",
        108: "This Asset cannot be deleted because it is being used in other places.",
        109: "The requested record was not found.",
        110: "Invalid Account Id",
        111: "The Integration Username specified is currently applied to another Account",
        112: "Missing recipient to Track With Engage.",
        113: "Missing CRM ID or Email Address of recipient.",
        114: "Invalid CRM ID or Email Address of recipient.",
        115: "Number of recipients is more than threshold.",
        116: "Request outdated.",
        117: "There was an error deleting the micro campaign.",
        118: "This API can only be called in a test environment.",
        119: "Unable to create refresh tokens for Salesforce connector",
        120: "Unable to verify Salesforce connector",
        121: "Unable to sync Prospect with Salesforce",
        122: "Daily API rate limit met",
        123: (
            "Unable to verify Salesforce username; User may already have a verified Salesforce "
            "username."
        ),
        124: "Unable to set Salesforce username or id",
        125: "Cannot accept both user_id and crm_owner_fid.",
        126: "Invalid authentication mechanism",
        128: "Cannot create campaigns",
        129: "Cannot modify campaign name or cost",
        130: "One or more of the specified fields are invalid",
        131: (
            "Your account is locked due to too many failed login attempts. Reset your password "
            "at https://pi.pardot.com/user/passwordReset"
        ),
        132: "Prospect is archived",
        133: "Up to 2 sort by options are allowed.",
        134: "Up to 2 sort order options are allowed.",
        135: "When passing a comma-separated value, one of the two values must be id.",
        137: "URL is not valid. Please include a protocol (e.g., http:// or https:// )",
        138: "Name must be 50 characters or less.",
        139: "The supplied name is not valid.",
        145: "Invalid archived parameter specified. Allowed values are true or false.",
        146: "Invalid archived parameter specified. Allowed values are true or false.",
        150: "Input needs to be valid JSON",
        151: "Unsupported content-type",
        152: "Request body can't be empty",
        153: "Missing required property in request",
        154: "Invalid property in request",
        155: 'Can\'t update. Import must be in "Open" state.',
        156: "Can't start processing. Import has no associated data.",
        157: "Error processing import request. Please contact your Pardot support representative",
        158: "Uploading a file was unsuccessful",
        159: "The file is not in a valid CSV format",
        160: "The limit of batches per import has been reached",
        161: "The current state of the import does not allow the operation",
        162: "No file was specified or uploaded",
        163: "Too many files were specified or uploaded",
        164: "Daily limit of import batches has been reached",
        165: "column options is invalid",
        166: "The input is not in the required format",
        168: "Background Queue is in an invalid state.",
        169: "Background Queue is an invalid type.",
        174: "Unknown procedure name.",
        175: "Unknown procedure argument.",
        176: "Missing required argument.",
        177: "Invalid procedure argument.",
        10000: "",
    }
)

# Appeared after mid-2020.
LISTED_LATER: Final[Mapping[int, str]] = MappingProxyType(
    {
        178: "The current state of the export does not allow the operation",
        180: "One or more of the specified fields are invalid",
        181: "A required header is missing",
        182: "Invalid header value",
        183: "An internal error occurred, please try your request again",
        184: "access_token is invalid, unknown, or malformed",
        188: "Provided import origin is invalid",
        190: "Email sending is blocked for this account.",
        192: "Object specified does not exist",
        194: "Invalid MIME type.",
        197: "Import missing required field",
        198: "Endpoint not found",
        199: (
            "Authentication using an api_key is no longer supported. Use Salesforce OAuth "
            "access token instead. See https://developer.pardot.com/kb/authentication/ for "
            "details."
        ),
        201: "Business Unit specified in Pardot-Business-Unit-Id header not found or inactive.",
        202: "Minute rate limit met",
        203: (
            "An admin user for the account not found. Ensure a user with the default admin role"
            " exists."
        ),
        204: "File size exceeds the max post size or the body message can't be empty",
        205: "Action name is either missing or incorrect",
        206: "Invalid action argument value",
        207: "Missing required action argument",
        208: "Unknown action argument",
        209: (
            "Too many fields have filters: The max number of 3 distinct fields with filters was"
            " exceeded for this query."
        ),
        210: "Page token has expired.",
        211: "Page token is invalid.",
        214: "API request timed out.",
        215: "Email form field is required.",
        216: "Destination folder is full.",
        217: "Visitor is invalid.",
        218: "Feature state is invalid: Connected Campaigns is not enabled for this business unit.",
        219: "Deleted records can't be updated. Please undelete before updating.",
        220: "Invalid Available For selection",
        221: "Can’t delete the default template for Engage.",  # noqa: RUF001
        222: "Can’t delete the default template for resubscribe emails",  # noqa: RUF001
        223: "Unable to delete record",
        224: "Invalid fields for request type",
        226: "Mismatched CSV headers and column options",
        227: "Mismatched CSV headers and field options",
        228: "The api call doesn't support mixed api versions",
        231: "Maximum file size has to be at least 10,000,000 bytes",
        232: "Maximum file size cannot exceed 200 MB",
        233: "There is not a verified Salesforce connector",
        234: "A v2 Salesforce connector is required for this action",
        235: "The Salesforce connector is already in the desired state",
        236: "Select a list that is valid for this business unit",
        237: "Incorrect tag replacement language detected",
        239: "File has been altered after initial download.",
        242: "One or more requested records not found",
        243: (
            "The sender address uses a domain that doesn’t exist or isn’t verified in your "  # noqa: RUF001
            "business unit. To send this email, add and verify the sending domain."
        ),
        244: "We couldn’t send your email. Review your email and try again.",  # noqa: RUF001
        245: "The supplied name is already in use.",
        246: (
            "We couldn’t send your email. Review your email and try again later. Issues with "  # noqa: RUF001
            "the recipient’s email address or service provider can prevent delivery."  # noqa: RUF001
        ),
    }
)

# The newest text, where it differs from the one of mid-2020.
REWORDED: Final[Mapping[int, str]] = MappingProxyType(
    {
        37: "A Salesforce connector was detected",
        58: "That prospect is already a member of that list. Update the membership instead.",
        65: "Invalid email format",
        66: "You have exceeded your concurrent request limit. Please wait, before trying again",
        73: (
            "Currently there is not an Email Plug-in Campaign associated to successfully track "
            "this email. Please contact your Account Engagement administrator to ensure there "
            "is a proper campaign associated with the Account Settings in Account Engagement."
        ),
        108: "This Asset cannot be deleted because it’s being used in other places.",  # noqa: RUF001
        138: "The supplied name contains too many characters.",
        157: (
            "Error processing import request. Please contact your Account Engagement support "
            "representative"
        ),
    }
)

# What a code is for, in the words of this project.
NOTES: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: (
            "A wrong, expired or mismatched api key and user key. Clients log in again on it: "
            "no other use."
        ),
        2: "The URL names an object or operation that does not exist.",
        3: "The prospect id is malformed or belongs to nobody.",
        4: "Seen on the wire with HTTP 400.",
        5: "None of the criteria that the query needs was given.",
        6: "A time keyword that does not exist (inferred).",
        7: "A date filter of a query does not parse.",
        8: "The range of a query begins after it ends.",
        13: "Version 5 appends ': ' and the name of the parameter.",
        15: "Wrong or absent login fields, or a login body that cannot be read.",
        16: "The id is not a whole number.",
        19: "Synchronous and export queries alike.",
        20: "Synchronous and export queries alike.",
        21: "The offset is negative or no number.",
        23: (
            "The limit is zero, negative or no number; one above the cap is lowered to the cap "
            "instead."
        ),
        46: "The user misses an ability, or did not create the export.",
        49: "No credentials, credentials in the query string, or an OAuth user who is not let in.",
        50: "Only lowercase spellings count as booleans.",
        51: "Version 5 names the parameter or field in the text.",
        53: "The login came from an address nobody has activated.",
        57: "A field value sent to create or update is no date.",
        58: "The mid-2020 text misspells 'member'.",
        59: "The published XML sample does not close its tag properly; the text itself is certain.",
        60: "Mid-2020 sources mention deletes only, later ones every method.",
        65: "The mid-2020 text misspells 'Invalid'.",
        66: (
            "Two blanks follow the full stop in the mid-2020 text. Version 3 and 4 answer it "
            "with HTTP 200."
        ),
        70: "More than 50 prospects in one batch.",
        71: "An unreadable body of the older endpoints; seen with HTTP 400.",
        76: "The API is switched off for the whole account.",
        88: "Version 3 was used on an account that only speaks version 4.",
        89: "Version 4 was used on an account that only speaks version 3.",
        94: "The version segment of the URL is not a number.",
        109: "An export or result file that does not exist in this account.",
        122: (
            "One client expects a full stop at the end; the sources print none. HTTP 200 in "
            "version 3 and 4."
        ),
        126: "One candidate for an authentication scheme nobody knows.",
        130: "The wording for CSV columns; 180 says the same for export fields.",
        131: (
            "Too many failed logins; even the right password is refused while it lasts (inferred)."
        ),
        133: "At most two sort columns.",
        134: "At most two sort directions.",
        135: "Of two sort columns, one has to be the id.",
        145: "Same text as 146.",
        146: "Same text as 145.",
        150: "The body of an asynchronous create is no JSON object.",
        151: "An asynchronous create was not sent as application/json.",
        152: "An asynchronous create came without a body.",
        153: "The body lacks object, procedure or procedure.name.",
        154: "An unknown object, a property of the wrong type, or a property nobody knows.",
        164: "The published sample of 165 carries this number by mistake.",
        165: "Its published sample carries the number 164 by mistake.",
        168: "Left out of the newest table.",
        169: "Left out of the newest table.",
        174: "The object has no procedure of that name.",
        175: "The procedure has no argument of that name.",
        176: "An argument the procedure cannot do without is absent.",
        177: (
            "A date, type, boolean, order of bounds, length of range or value of deleted that "
            "is not allowed."
        ),
        178: "The result of an export is wanted before it is complete or after it has expired.",
        180: "Export fields that are unknown, excluded or too many.",
        181: "Version 5 appends ': Pardot-Business-Unit-Id header not found on request.'",
        182: "A header that is present but malformed.",
        183: "The service failed inside.",
        184: "Later eras append ': Inactive token' or ': Invalid scope'. Goes with HTTP 401.",
        192: "The object never existed or is deleted.",
        198: "A path nobody serves in newer eras, with HTTP 404.",
        199: "An api key used after its retirement.",
        201: "Also what the wrong API host answers.",
        202: "Explained as a query that took too long to run.",
        209: "Version 5 filters on at most three different fields.",
        210: "Version 5: the token is older than four hours.",
        211: "Version 5: the token cannot be read.",
        214: "The request took too long.",
        228: "A job of one API generation was addressed through another.",
        231: "Version 5 exports: maxFileSizeBytes is too small.",
        232: "Version 5 exports: maxFileSizeBytes is too large.",
        10000: (
            "One err element per bad parameter with its name; the text varies. Never produced here."
        ),
    }
)
