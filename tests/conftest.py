"""What every test may ask for: the places outside the code, and the extras that it needs.

A test marked ``torch``, ``train``, ``hub`` or ``tools`` needs an extra. Where the extra is missing
the test is skipped, with the reason; with ``EARWITNESS_EXPECT_EXTRAS=1`` (``scripts/test`` sets it
for the full environment) it fails instead, so that nothing is left out unseen. A module that
imports such a package at its top counts as marked. ``../shared`` may be absent on a laptop, never
in CI.
"""

from __future__ import annotations

import ast
import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

EXTRAS = {
    "torch": ("torch", "transformers", "safetensors", "onnx"),
    "train": ("torch", "lightning", "peft", "tensorboard"),
    "wandb": ("wandb",),
    "hub": ("huggingface_hub",),
    "serve": ("fastapi", "starlette", "pydantic", "uvicorn", "websockets", "gradio", "httpx"),
    "tools": ("importlinter", "grimp"),
}

# Deadlines would measure the machine and its other guests, not the code.
settings.register_profile(
    "house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def _no_detectors_of_ones_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let no detector of this machine's user be found, here and in processes that tests start."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data_of_nobody"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The corpus, the golden files and the encoders beside the repository."""
    folder = Path(os.environ.get("EARWITNESS_SHARED", ROOT.parent / "shared")).resolve()
    if not folder.is_dir():
        unavailable(
            f"there is no {folder}; put shared/ beside the repository or set EARWITNESS_SHARED",
            must_be_here=bool(os.environ.get("CI")),
        )
    return folder


@pytest.fixture(scope="session")
def examples() -> Path:
    """The clips that the repository carries, with their labels and origins."""
    folder = ROOT / "examples"
    assert folder.is_dir(), f"{folder} is part of the repository, and it is gone"
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


def unavailable(reason: str, *, must_be_here: bool) -> None:
    """Skip with the reason, or fail where the thing has to be there."""
    if must_be_here:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def missing_packages(extra: str) -> list[str]:
    return [package for package in EXTRAS[extra] if find_spec(package) is None]


def extras_expected() -> bool:
    return os.environ.get("EARWITNESS_EXPECT_EXTRAS") == "1"


def lacks(extra: str) -> str | None:
    """Say what is missing for tests of this extra; None if nothing is."""
    missing = missing_packages(extra)
    wanted = "test" if extra == "tools" else extra
    return f"needs earwitness[{wanted}]: {', '.join(missing)} not installed" if missing else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    for extra in EXTRAS:
        reason = lacks(extra) if item.get_closest_marker(extra) else None
        if reason:
            unavailable(reason, must_be_here=extras_expected())


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> object | None:
    """Do not import a module that cannot be imported here: report it as skipped, or as failed."""
    for extra in _extras_of(module_path):
        if lacks(extra):
            return _ModuleWithoutItsExtra.from_parent(parent, path=module_path, extra=extra)
    return None


class _ModuleWithoutItsExtra(pytest.Module):
    """Stands in for a test module whose extra is not installed."""

    def __init__(self, *, extra: str, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.extra = extra

    def collect(self) -> list[pytest.Item]:
        reason = lacks(self.extra) or self.extra
        if extras_expected():
            raise self.CollectError(reason)
        pytest.skip(reason, allow_module_level=True)


def _extras_of(path: Path) -> list[str]:
    tops = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if _is_telling(node)]
    words = " ".join(ast.unparse(node) for node in tops)
    imported = {word.partition(".")[0] for word in words.replace(",", " ").split()}
    return [
        extra
        for extra, packages in EXTRAS.items()
        if f"mark.{extra}" in words or imported & set(packages)
    ]


def _is_telling(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
    return isinstance(node, ast.Import | ast.ImportFrom)
