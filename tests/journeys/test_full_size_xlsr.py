"""XLS-R 300M + AASIST at full size, with random weights in the published layout: from file to ONNX.

Each step is a process of its own, whose peak of memory is read when it ends.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.torch, pytest.mark.slow]

GIB = 2**30
NEEDED = 10 * GIB
MOST = 8 * 10**9
PARAMETERS = 317_837_834 - 1_952_896  # of the file, without what only pretraining used
MEMINFO = Path("/proc/meminfo")
TESTS = str(Path(__file__).parents[1])

TELLING = """
import atexit, sys
from pathlib import Path
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("VmHWM"))
atexit.register(lambda: print(f"peak {peak()}", file=sys.stderr))
"""
COMMAND = f"{TELLING}\nfrom earwitness.apps.cli.main import main\nmain(sys.argv[1:])"
MAKING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from earwitness.models.frontends.ssl import XLSR_300M
from made_checkpoints import write_xlsr_aasist
write_xlsr_aasist(Path(sys.argv[2]), XLSR_300M)
"""
LOADING = f"""{TELLING}
import earwitness.models.checkpoints as checkpoints
from earwitness.models.frontends import ssl
import transformers.models.wav2vec2
before = int(peak())
network = checkpoints.read(Path(sys.argv[1])).network
print(int(peak()) - before, sum(p.numel() for p in network.parameters()))
"""


@dataclass(frozen=True)
class Ended:
    """A process that came to its end.

    Attributes:
        told: what it wrote to standard output.
        peak: the largest part of it that was in memory, in bytes.
    """

    told: str
    peak: int


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not MEMINFO.is_file():
        pytest.skip("peaks of memory are read where Linux tells them")
    free = 1024 * int(MEMINFO.read_text().partition("MemAvailable:")[2].split()[0])
    if free < NEEDED:
        pytest.skip(f"needs {NEEDED / GIB:.0f} GiB of memory, and {free / GIB:.1f} are free")
    path = tmp_path_factory.mktemp("full") / "full.pth"
    subprocess.run([sys.executable, "-c", MAKING, TESTS, path], check=True)
    return path


def ended(script: str, *words: object) -> Ended:
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Ended(done.stdout, 1024 * int(done.stderr.split()[-1]))


def raw_score(model: Path, clip: Path) -> float:
    heard = ended(COMMAND, "detect", clip, "--model", model, "--json", "--quiet")
    return float(json.loads(heard.told)["raw_score"])


def exported(weights: Path, folder: Path, precision: str) -> dict[str, Any]:
    """Export, within the memory of a common machine, and give the parity report."""
    made = ended(COMMAND, "export", weights, "--precision", precision, "--out", folder)
    assert made.peak < MOST
    report: dict[str, Any] = json.loads((folder / "parity.json").read_text("utf-8"))
    for value in ("engines_apart", "onnx_batch_apart", "torch_batch_apart"):
        assert report[value] <= report["tolerance"]
    return report


def test_it_loads_in_less_than_one_and_a_half_times_its_weights(weights: Path) -> None:
    grown_kib, parameters = map(int, ended(LOADING, weights).told.split())
    assert parameters == PARAMETERS
    assert grown_kib * 1024 < 1.5 * weights.stat().st_size


def test_it_becomes_onnx_that_scores_the_same(
    weights: Path, examples: Path, tmp_path: Path
) -> None:
    report = exported(weights, tmp_path / "whole", "fp32")
    assert report["tolerance"] == 1e-4
    clip = examples / "bonafide_pocketsphinx_numbers.wav"
    assert raw_score(tmp_path / "whole", clip) == pytest.approx(raw_score(weights, clip), abs=1e-3)


def test_it_becomes_int8_of_a_third_of_the_size(weights: Path, tmp_path: Path) -> None:
    report = exported(weights, tmp_path / "rounded", "int8")
    assert len(report["clips"]) == 8  # the other half of what was made is for scales
    network = tmp_path / "rounded" / "network.onnx"
    assert network.stat().st_size < weights.stat().st_size / 3
