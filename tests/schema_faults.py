"""As much of JSON Schema as the package's own schemas use; jsonschema is no dependency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "number": (int, float),
    "integer": int,
}
KNOWN = {
    "$schema", "$id", "$defs", "$ref", "title", "description", "type", "const", "enum", "pattern",
    "minimum", "maximum", "minItems", "items", "prefixItems", "required", "properties", "oneOf",
    "not", "additionalProperties",
}  # fmt: skip


def faults(value: Any, schema: Any, root: Any = None, where: str = "$") -> list[str]:
    """List what is wrong with a value; empty for one that fits."""
    root = schema if root is None else root
    assert set(schema) <= KNOWN, f"{where}: this check does not know {set(schema) - KNOWN}"
    if "$ref" in schema:
        return faults(value, _found(schema["$ref"], root), root, where)
    return [f"{where}: {text}" for text in _own(value, schema, root)] + [
        fault
        for inner, inner_schema, name in _inner(value, schema)
        for fault in faults(inner, inner_schema, root, f"{where}.{name}")
    ]


def _found(ref: str, root: Any) -> Any:
    for name in ref.removeprefix("#/").split("/"):
        root = root[name]
    return root


def _own(value: Any, schema: Any, root: Any) -> Iterator[str]:
    if "type" in schema and not any(_is(value, kind) for kind in _listed(schema["type"])):
        yield f"{value!r} is no {schema['type']}"
    if "const" in schema and value != schema["const"]:
        yield f"{value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{value!r} is none of {schema['enum']}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{value!r} does not match {schema['pattern']}"
    yield from _size(value, schema)
    fitting = [s for s in schema.get("oneOf", ()) if not faults(value, s, root)]
    if "oneOf" in schema and len(fitting) != 1:
        yield f"{value!r:.80} fits {len(fitting)} of the choices, not one"
    if "not" in schema and not faults(value, schema["not"], root):
        yield f"{value!r:.80} fits what it must not be"


def _size(value: Any, schema: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"has no '{key}'" for key in schema.get("required", ()) if key not in value)
    if isinstance(value, list) and len(value) < schema.get("minItems", 0):
        yield "has too few items"
    is_number = _is(value, "number")
    if is_number and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{value} is out of range"


def _inner(value: Any, schema: Any) -> Iterator[tuple[Any, Any, str]]:
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        yield from ((inner, known.get(key, others), key) for key, inner in value.items())
    if isinstance(value, list):
        first = schema.get("prefixItems", [])
        for at, item in enumerate(value):
            rest = schema.get("items", {})
            assert at < len(first) or rest is not False, "too many items"
            yield item, first[at] if at < len(first) else rest, str(at)


def _listed(kinds: Any) -> list[str]:
    return kinds if isinstance(kinds, list) else [kinds]


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
