"""What may not stand in any committed file: a print in the library, a host, a machine's path."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Written in pieces, so that this file does not accuse itself.
PACKAGE_HOSTS = re.compile(
    "|".join(
        re.escape(left + right)
        for left, right in [
            ("pypi", ".org"),
            ("python", "hosted.org"),
            ("download.py", "torch.org"),
            ("hugging", "face.co/"),
            ("registry.np", "mjs.org"),
            ("conda", ".anaconda.org"),
            ("deb.deb", "ian.org"),
            ("--index", "-url"),
            ("--extra-index", "-url"),
            ("--find", "-links"),
        ]
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w./~$}-])/(work|root|opt|home|srv|mnt|Users)/\w")
BANNED_NAMES = {"utils", "helpers", "common", "misc", "manager"}


def committed_texts() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout: there is no list of committed files")
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and is_text(path)]


def is_text(path: Path) -> bool:
    head = path.read_bytes()[:4096]
    return b"\0" not in head and not re.search(rb"[\x80-\xff]{40}", head)


def matches(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in committed_texts():
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    return found


def test_no_committed_file_names_a_package_host() -> None:
    assert matches(PACKAGE_HOSTS) == []


def test_no_committed_file_names_a_path_of_this_machine() -> None:
    assert matches(MACHINE_PATHS) == []


def test_the_library_does_not_print() -> None:
    prints = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert prints == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {
        path.stem.strip("_") for path in (ROOT / "src").rglob("*") if path.suffix in ("", ".py")
    }
    assert names & BANNED_NAMES == set()
