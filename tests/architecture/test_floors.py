"""The house keeps its floors and doors, and the contracts that say so can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.tools

BREAK_INS = {
    "a stray top-level module": ("utils.py", ""),
    "a room that looks up the stairs": ("audio/peek.py", "import earwitness.decision\n"),
    "torch through a window": ("decision.py", "def late():\n    import torch\n"),
    "a second door for soundfile": ("segmentation/peek.py", "import soundfile\n"),
    "a front end that knows a back end": (
        "models/frontends/peek.py",
        "import earwitness.models.backends\n",
    ),
}


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the contracts of ``house`` on the package in ``house``/src."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_is_kept(root: Path) -> None:
    outcome = lint_imports(root)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.slow
@pytest.mark.parametrize("break_in", BREAK_INS.values(), ids=BREAK_INS)
def test_a_break_in_is_caught(root: Path, tmp_path: Path, break_in: tuple[str, str]) -> None:
    shutil.copytree(root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.onnx"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    where, text = break_in
    with (tmp_path / "src" / "earwitness" / where).open("a", encoding="utf-8") as module:
        module.write(text)
    outcome = lint_imports(tmp_path)
    assert outcome.returncode != 0, outcome.stdout
    assert "BROKEN" in outcome.stdout or Path(where).stem in outcome.stdout + outcome.stderr
