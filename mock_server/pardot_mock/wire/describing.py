"""Writes the answers that are no records: descriptions of fields, statistics, templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pardot_mock.domain.errors import ERRORS, ErrorCode
from pardot_mock.domain.fielddescriptions import described
from pardot_mock.wire.encoding import ATTRIBUTES, Many, Tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pardot_mock.domain.fielddescriptions import FieldDescription


def description_answer(name: str) -> Mapping[str, Tree]:
    """Give the answer of a describe: one entry per field, its facts as attributes (client)."""
    return {"result": {"field": Many([_field(each) for each in described(name)])}}


def _field(field: FieldDescription) -> Mapping[str, Tree]:
    tree: dict[str, Tree] = {
        ATTRIBUTES: {
            "id": field.id,
            "label": field.label,
            "required": field.required,
            "custom": field.custom,
            "type": field.type,
            "has_options": bool(field.options),
        }
    }
    if field.options:
        tree["options"] = {"option": Many(field.options)}
    return tree


def missing_template_answer(code: ErrorCode) -> Mapping[str, Tree]:
    """Give the failed read of a template: an error told in a successful envelope (documented).

    The value of `error` is chosen.
    """
    message = ERRORS[code].text()
    return {"emailTemplate": {"error": True, "errorCode": int(code), "errorMessage": message}}


def templates_answer(templates: Sequence[Mapping[str, Tree]]) -> Mapping[str, Tree]:
    """Give the list of templates for e-mails to single prospects."""
    return {"emailTemplates": {"templates": Many(templates)} if templates else None}
