"""The OpenAPI document → a page that people read. No script, nothing from outside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: 0.9em ui-monospace, monospace } pre { overflow-x: auto; padding: 0.5rem 1rem }
h2 { margin-top: 2.5rem; border-top: 1px solid; padding-top: 1rem }
table { border-collapse: collapse } td, th { text-align: left; padding: 0.2rem 1rem 0.2rem 0 }
details { margin: 0.5rem 0 }
"""


def manual_page(described: dict[str, Any]) -> str:
    """Write the page."""
    info = described["info"]
    body = "".join(_body(described))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}: the REST API</title><style>{_STYLE}</style>"
        f"<h1>{escape(info['title'])} {escape(info['version'])}: the REST API</h1>"
        f"<p>{escape(info.get('summary', ''))} The same for programs: "
        f'<a href="openapi.json">openapi.json</a>.</p>{body}</html>'
    )


def _body(described: dict[str, Any]) -> Iterator[str]:
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
            yield f"<p>{escape(operation.get('description', ''))}</p>"
            yield from _parameters(operation)
            yield from _request(operation)
            yield from _answers(operation)
    yield "<h2>Bodies</h2>"
    for name, schema in described["components"]["schemas"].items():
        shown = escape(json.dumps(schema, indent=2))
        yield f'<details id="{escape(name)}"><summary>{escape(name)}</summary>'
        yield f"<pre>{shown}</pre></details>"


def _parameters(operation: dict[str, Any]) -> Iterator[str]:
    if operation.get("parameters"):
        yield "<table><tr><th>parameter<th>in<th>what"
        for one in operation["parameters"]:
            told = one.get("description") or one["schema"].get("description", "")
            yield f"<tr><td><code>{escape(one['name'])}</code><td>{escape(one['in'])}"
            yield f"<td>{escape(told)}"
        yield "</table>"


def _request(operation: dict[str, Any]) -> Iterator[str]:
    body = operation.get("requestBody")
    if body:
        kinds = ", ".join(f"<code>{escape(kind)}</code>" for kind in body["content"])
        yield f"<p>Body: {escape(body.get('description', ''))}; as {kinds}.</p>"


def _answers(operation: dict[str, Any]) -> Iterator[str]:
    yield "<p>Answers: "
    yield ", ".join(f"<code>{escape(status)}</code>" for status in operation["responses"])
    yield ".</p>"
