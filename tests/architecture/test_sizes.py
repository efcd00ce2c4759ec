"""Nothing grows beyond what a reader can hold: sizes by the table in CONTRIBUTING, no exceptions.

A file that needs an exception needs a second file.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("src", "tests", "benchmarks", "scripts")
PAGES = sorted(path for place in PLACES for path in (ROOT / place).rglob("*.py"))

BODY, FORWARD_BODY, CLASS, MODULE, LINE = 60, 80, 300, 400, 100
PARAMETERS, BRANCHES, NESTING, MAIN_PATH = 8, 10, 4, 200

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
FORKS = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.comprehension,
    ast.match_case,
)  # fmt: skip


def complaints(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > MODULE:
        yield f"{path}: {len(lines)} lines"
    yield from (f"{path}:{n}: long line" for n, line in enumerate(lines, 1) if len(line) > LINE)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and span(node) > CLASS:
            yield f"{path}: class {node.name} has {span(node)} lines"
        if isinstance(node, Function):
            yield from (f"{path}: {node.name} {what}" for what in too_much(node))


def too_much(function: Function) -> Iterator[str]:
    limit = FORWARD_BODY if function.name == "forward" else BODY
    if body_lines(function) > limit:
        yield f"has a body of {body_lines(function)} lines"
    if not is_command(function) and parameters(function) > PARAMETERS:
        yield f"has {parameters(function)} parameters"
    if branches(function) > BRANCHES:
        yield f"has {branches(function)} branches"
    if nesting(function) > NESTING:
        yield f"is nested {nesting(function)} deep"


def span(node: ast.ClassDef | Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def body_lines(function: Function) -> int:
    body = function.body
    if ast.get_docstring(function) is not None and len(body) > 1:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def parameters(function: Function) -> int:
    named = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return len([a for a in named if a.arg not in ("self", "cls")])


def is_command(function: Function) -> bool:
    """Say whether click calls it: then its parameters are the command's options, not ours."""
    return any("command" in ast.unparse(decorator) for decorator in function.decorator_list)


def branches(function: Function) -> int:
    return 1 + sum(isinstance(node, FORKS) for node in own_nodes(function))


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.Lambda | ast.ClassDef):
            yield child
            yield from own_nodes(child)


def nesting(node: ast.AST, depth: int = 0) -> int:
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.Lambda | ast.ClassDef):
            continue
        is_elif = isinstance(node, ast.If) and child in node.orelse and isinstance(child, ast.If)
        deeper = isinstance(child, BLOCKS) and not is_elif
        deepest = max(deepest, nesting(child, depth + deeper))
    return deepest


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_reader_can_hold(path: Path) -> None:
    assert list(complaints(path)) == []


def test_the_main_path_is_one_page() -> None:
    text = (ROOT / "src" / "earwitness" / "detector.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAIN_PATH


def test_a_recipe_is_at_most_forty_lines() -> None:
    recipes = sorted((ROOT / "recipes").glob("*.toml"))
    long = [p.name for p in recipes if len(p.read_text(encoding="utf-8").splitlines()) > 40]
    assert long == []


def test_the_measures_see_what_they_should() -> None:
    page = ast.parse(
        "def f(a, b, *, c):\n"
        "    'Doc.'\n"
        "    if a:\n"
        "        pass\n"
        "    elif b:\n"
        "        for x in c:\n"
        "            with x:\n"
        "                pass\n"
    ).body[0]
    assert isinstance(page, ast.FunctionDef)
    assert (body_lines(page), parameters(page), branches(page), nesting(page)) == (6, 3, 4, 3)
