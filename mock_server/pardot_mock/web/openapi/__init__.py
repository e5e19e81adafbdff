"""Describes the emulated API as an OpenAPI 3.1 document, made from the tables it runs by."""

from pardot_mock.web.openapi.document import openapi_document

__all__ = ["openapi_document"]
