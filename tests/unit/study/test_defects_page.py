"""The story of the original study quotes what was measured, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.torch, pytest.mark.train]

KEPT = Path("docs", "reports", "defects")


def test_the_page_quotes_the_kept_figures(root: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(root / "scripts" / "demonstrate_defects"), "page", "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_each_defect_was_measured_beside_the_same_thing_done_right(root: Path) -> None:
    told = json.loads((root / KEPT / "defects.json").read_text(encoding="utf-8"))
    assert set(told["sample_rate"]) == {"target", "custom"}
    for one in told["sample_rate"].values():
        assert one["low"] <= one["eer_wrong"] - one["eer"] <= one["high"]
    pairing = told["pairing"]
    assert pairing["auc"] + pairing["auc_one_class_first"] == pytest.approx(1.0)
    assert pairing["mirrored_is_possible"]
    assert not pairing["is_possible"]
    assert "INVERTED" in pairing["guard"]
    assert {"shuffled", "unshuffled"} < set(told["shuffling"])
    assert (root / KEPT / "unshuffled.png").is_file()
