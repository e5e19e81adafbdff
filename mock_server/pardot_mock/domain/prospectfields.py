"""The fields of a prospect that a write or an import may set (documented as editable)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pardot_mock.domain import fieldvalues as take
from pardot_mock.domain.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pardot_mock.domain.customfields import CustomFields

_TEXTS = (
    "salutation first_name last_name password company website job_title department country"
    " address_one address_two city state territory zip phone fax source annual_revenue employees"
    " industry years_in_business comments notes"
)
_FLAGS = "is_do_not_email is_do_not_call is_reviewed is_starred"


def _editable() -> Mapping[str, take.Reader]:
    return {
        "email": take.an_email,
        "campaign_id": take.an_id(ErrorCode.INVALID_CAMPAIGN_ID),
        "prospect_account_id": take.an_id(ErrorCode.INVALID_PROSPECT_ACCOUNT_ID),
        "score": take.whole(ErrorCode.INVALID_SCORE, -1_000_000, 1_000_000),
        **dict.fromkeys(_TEXTS.split(), take.a_text),
        **dict.fromkeys(_FLAGS.split(), take.a_truth),
    }


EDITABLE: Mapping[str, take.Reader] = MappingProxyType(dict(_editable()))
"""How each field is read, by its name."""

REFERENCES: Mapping[str, tuple[str, ErrorCode]] = MappingProxyType(
    {
        "campaign_id": ("campaign", ErrorCode.INVALID_CAMPAIGN_ID),
        "prospect_account_id": ("prospectAccount", ErrorCode.INVALID_PROSPECT_ACCOUNT_ID),
    }
)
"""Fields that must name a record: its object, and the code where there is none."""


def new_prospect(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of a new prospect: nobody knows anything of it but what was sent.

    `recent_interaction` is recorded, the others follow from the field reference.
    """
    flags = dict.fromkeys([*_FLAGS.split(), "opted_out"], False)
    return {"score": 0, "recent_interaction": "Never active.", **flags, **values}


def readers(custom: CustomFields) -> Mapping[str, take.Reader]:
    """Give how every field is read that a prospect of an account with these fields has."""
    return {**EDITABLE, **{name: field.read for name, field in custom.items()}}
