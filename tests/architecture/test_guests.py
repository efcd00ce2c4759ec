"""Every package from outside is on the list: import-linter alone lets an unlisted guest pass."""

import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.tools

CORE = {
    "numpy", "onnxruntime", "soundfile", "soxr", "av", "click", "rich", "matplotlib", "jinja2",
}  # fmt: skip
TORCH = {"torch", "transformers", "safetensors", "onnx"}
TRAIN = {"lightning", "peft"}
WANDB = {"wandb"}
HUB = {"huggingface_hub"}
SERVE = {
    "fastapi", "starlette", "pydantic", "uvicorn", "websockets", "gradio", "httpx",
}  # fmt: skip


def guests() -> set[str]:
    import grimp

    graph = grimp.build_graph("earwitness", include_external_packages=True, cache_dir=None)
    tops = {module.partition(".")[0] for module in graph.modules}
    return tops - {"earwitness"} - set(sys.stdlib_module_names)


def test_no_guest_comes_uninvited() -> None:
    assert guests() <= CORE | TORCH | TRAIN | WANDB | HUB | SERVE


def test_the_core_asks_for_no_more_than_its_nine_packages(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {line.partition(">")[0] for line in project["dependencies"]}
    assert names == CORE
