"""Calls to make: drawn from the OpenAPI document, right and wrong, and wrong in every part.

Most of a call is valid, so that it gets past the first check; any part of it may be junk.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from pardot_mock.web.openapi import openapi_document

Json = dict[str, Any]
JUNK_TEXT = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1e9",
            "null",
            "true",
            "'",
            "%00",
            "../..",
            "<x>",
            "9" * 40,
            "NaN",
            "é",
            "\0",
        ]
    ),
)
JUNK_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
SELDOM = st.sampled_from([False] * 11 + [True])
"""Whether a part of a call is junk; one in twelve."""
TIMES = st.sampled_from(
    [
        "2026-01-01",
        "2026-02-01 10:00:00",
        "today",
        "last_7_days",
        "1 week ago",
        "2026-03-01T00:00:00Z",
    ]
)


@dataclass(frozen=True)
class Call:
    """One request. `caller` says whose credentials come with it: good, wrong, none, bearer."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    content_type: str = ""
    caller: str = "good"
    headers: tuple[tuple[str, str], ...] = field(default=())

    @property
    def target(self) -> str:
        """The request target as it goes over the wire."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


DOCUMENT: Json = openapi_document()


def operations(prefix: str = "/") -> list[tuple[str, str, Json, Json]]:
    """List path, method, the path's item and the operation, for paths that begin with `prefix`."""
    return [
        (path, method.upper(), item, item[method])
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method != "parameters" and path.startswith(prefix)
    ]


def resolved(schema: Json) -> Json:
    """Follow a reference of the document."""
    while "$ref" in schema:
        found: Any = DOCUMENT
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def texts(schema: Json) -> st.SearchStrategy[str]:
    """Give texts that a parameter of `schema` takes."""
    known = resolved(schema)
    if "JSON" in known.get("description", ""):
        return st.builds(json.dumps, damaged({"prospects": [{"email": "b@example.com", "id": 1}]}))
    if "enum" in known:
        return st.sampled_from([str(value) for value in known["enum"]])
    if "examples" in known:
        return TIMES
    if known.get("type") in ("integer", "number"):
        return st.integers(known.get("minimum", 0), 1500).map(str)
    if "pattern" in known:
        return st.lists(st.integers(0, 40), min_size=1, max_size=3).map(
            lambda numbers: ",".join(map(str, numbers))
        )
    return st.sampled_from(["1", "abc", "a@example.com", "id,name"])


def values(schema: Json) -> st.SearchStrategy[Any]:
    """Give JSON values that fit `schema`."""
    known = resolved(schema)
    if "const" in known:
        return st.just(known["const"])
    if "oneOf" in known:
        return st.sampled_from(known["oneOf"]).flatmap(values)
    if "enum" in known:
        return st.sampled_from(known["enum"])
    kind = known.get("type")
    if kind == "array":
        return st.lists(values(known["items"]), min_size=known.get("minItems", 0), max_size=4)
    if kind == "object":
        properties = known.get("properties", {})
        needed = known.get("required", ())
        return st.fixed_dictionaries(
            {name: values(properties[name]) for name in needed if name in properties},
            optional={n: values(s) for n, s in properties.items() if n not in needed},
        )
    if kind == "integer":
        return st.integers(known.get("minimum", 0), known.get("maximum", 2000))
    if kind == "boolean":
        return st.booleans()
    return TIMES if "examples" in known else st.text(max_size=10)


def damaged(value: Any) -> st.SearchStrategy[Any]:
    """Give `value` with one of its parts, or all of it, replaced by junk."""
    if isinstance(value, dict) and value:
        return st.one_of(
            JUNK_JSON,
            st.builds(lambda key, junk: {**value, key: junk}, st.text(max_size=8), JUNK_JSON),
            st.sampled_from(sorted(value)).flatmap(
                lambda key: damaged(value[key]).map(lambda junk: {**value, key: junk})
            ),
            st.sampled_from(sorted(value)).map(
                lambda key: {k: v for k, v in value.items() if k != key}
            ),
        )
    return JUNK_JSON


@st.composite
def pairs(draw: st.DrawFn, known: dict[str, Json]) -> tuple[tuple[str, str], ...]:
    """Give some of the known parameters, some of them with junk, and at times an unknown one."""
    names = draw(st.lists(st.sampled_from(sorted(known)), unique=True, max_size=4)) if known else []
    if "id" in known and "id" not in names and not draw(SELDOM):
        names.append("id")
    found = []
    for name in names:
        takes = texts(known[name])
        found.append((name, draw(JUNK_TEXT if draw(SELDOM) else takes)))
    if draw(SELDOM):
        found.append((draw(st.text(max_size=8)), draw(JUNK_TEXT)))
    return tuple(found)


def _known(parameters: list[Json]) -> dict[str, Json]:
    described = [resolved(each) for each in parameters]
    return {each["name"]: each["schema"] for each in described if each["in"] == "query"}


@st.composite
def calls(draw: st.DrawFn, prefix: str = "/") -> Call:
    """Give calls of every operation below `prefix`."""
    path, method, item, operation = draw(st.sampled_from(operations(prefix)))
    for parameter in map(resolved, item.get("parameters", [])):
        takes = texts(parameter["schema"])
        text = draw(JUNK_TEXT if draw(SELDOM) else takes)
        path = path.replace(f"{{{parameter['name']}}}", quote(text, safe=""))
    if draw(SELDOM):
        method = draw(st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"]))
    query = draw(pairs(_known(operation.get("parameters", []))))
    content_type, body = draw(bodies(operation.get("requestBody")))
    caller = draw(st.sampled_from(["good"] * 8 + ["bearer", "wrong", "none", "junk"]))
    return Call(method, path, query, body, content_type, caller)


@st.composite
def bodies(draw: st.DrawFn, described: Json | None) -> tuple[str, bytes]:
    """Give a body with its content type: as described, damaged, or junk."""
    if described is None or draw(SELDOM):
        kind = draw(
            st.sampled_from(["", "", "application/json", "text/plain", "multipart/form-data"])
        )
        return kind, draw(st.binary(max_size=30)) if kind else b""
    kind = draw(st.sampled_from(sorted(described["content"])))
    schema = resolved(described["content"][kind].get("schema", {}))
    if schema.get("type") == "object" and not schema.get("properties"):
        schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    if kind == "application/json":
        value = draw(values(schema))
        if draw(st.booleans()):
            value = draw(damaged(value))
        return kind, json.dumps(value).encode()
    found = draw(pairs(schema.get("properties", {})))
    found += draw(st.sampled_from([(), (("importFile", "email\na@example.com\n"),)]))
    if kind.startswith("multipart"):
        return f"{kind}; boundary=b", _multipart(found)
    return kind, urlencode(found).encode()


def _multipart(found: tuple[tuple[str, str], ...]) -> bytes:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{quote(name)}"\r\n\r\n{text}\r\n'
        for name, text in found
    ]
    return ("".join(parts) + "--b--\r\n").encode("utf-8", "replace")
