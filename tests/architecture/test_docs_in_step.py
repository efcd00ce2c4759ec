"""README and docs say what the code does: trees, help texts, commands, links and examples."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP_PAGES = sorted(ROOT.glob("*.md"))
DOC_PAGES = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*TOP_PAGES, *DOC_PAGES, *sorted((ROOT / "benchmarks").glob("*.md"))]

FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def fenced(page: Path, language: str) -> list[str]:
    blocks = FENCE.findall(page.read_text(encoding="utf-8"))
    return [text for kind, text in blocks if kind == language]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "script",
    ["readme_tree", "docs_help", "readme_examples", "benchmark_tables", "model_card"],
)
def test_what_a_script_generated_is_still_what_it_generates(script: str) -> None:
    outcome = run(ROOT / "scripts" / script, "--check")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_ci_runs_the_two_commands_of_the_readme_word_for_word() -> None:
    commands = [block.strip() for block in fenced(ROOT / "README.md", "sh")]
    assert len(commands) == 2
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert [command for command in commands if f'bash -c "{command}"' not in ci] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = [t for t, _ in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in t]
    dead = [t for t in targets if not t.startswith("mailto:") and not (page.parent / t).exists()]
    assert dead == []


@pytest.mark.parametrize("page", [p for p in PAGES if fenced(p, "python")], ids=name)
def test_every_python_example_runs(page: Path) -> None:
    for block in fenced(page, "python"):
        outcome = run("-W", "error::DeprecationWarning", "-c", block)
        assert outcome.returncode == 0, f"{block}\n{outcome.stderr}"


def test_every_page_stands_in_the_navigation_and_every_entry_is_a_page() -> None:
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"[\w./-]+\.md", settings.partition("\nnav:")[2])
    assert sorted(listed) == sorted(str(p.relative_to(ROOT / "docs")) for p in DOC_PAGES)


def test_every_command_in_the_docs_is_understood() -> None:
    lines = [line for p in PAGES for block in fenced(p, "sh") for line in block.splitlines()]
    used = {m for line in lines for m in re.findall(r"earwitness ([a-z]+)(.*)", line)}
    for command, rest in used:
        told = help_of(command, rest)
        unknown = [o for o in re.findall(r"(?<!\w)--[a-z-]+", rest) if o not in told]
        assert unknown == [], f"earwitness {command}"


def help_of(command: str, rest: str) -> str:
    """Ask a command for its help; a command inside of it, where one is called."""
    from click import Context, Group
    from click.testing import CliRunner

    from earwitness.apps.cli import main as command_line

    group = next(thing for thing in vars(command_line).values() if isinstance(thing, Group))
    known = group.get_command(Context(group), command)
    assert known is not None, command
    inner = rest.split()[:1] if isinstance(known, Group) else []
    called = [command, *(name for name in inner if name in known.commands)]
    asked = CliRunner().invoke(group, [*called, "--help"])
    assert asked.exit_code == 0, called
    return asked.output
