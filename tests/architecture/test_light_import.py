"""Importing the package and asking for help cost nothing: the heavy guests stay outside."""

import subprocess
import sys

import pytest

HEAVY = {
    "torch", "onnxruntime", "av", "soundfile", "soxr", "matplotlib", "onnx", "lightning",
    "gradio", "fastapi", "ray", "scipy", "pandas",
}  # fmt: skip

WAYS = {
    "import earwitness": "import earwitness",
    "earwitness --help": (
        "import sys; sys.argv = ['earwitness', '--help']\n"
        "from earwitness.apps.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
    ),
    "earwitness detect --help": (
        "import sys; sys.argv = ['earwitness', 'detect', '--help']\n"
        "from earwitness.apps.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_heavy_package_is_loaded_by(way: str) -> None:
    tell = "\nimport sys; print('\\nLOADED', *sys.modules)"
    outcome = subprocess.run(
        [sys.executable, "-c", WAYS[way] + tell], capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    loaded = outcome.stdout.rpartition("LOADED ")[2].split()
    assert HEAVY & set(loaded) == set()


def test_torch_stays_outside_while_a_detector_listens(examples: object) -> None:
    code = (
        "import sys, pathlib, earwitness\n"
        f"clip = sorted(pathlib.Path({str(examples)!r}).glob('*.wav'))[0]\n"
        "earwitness.load().detect(clip)\n"
        "print('LOADED', *sys.modules)"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    loaded = set(outcome.stdout.rpartition("LOADED ")[2].split())
    assert loaded & {"torch", "lightning", "matplotlib", "av", "click", "rich"} == set()
