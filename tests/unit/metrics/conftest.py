"""Golden scores and values: ``shared/golden/metrics`` says what was run, and how."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earwitness.metrics._trials import Key, Scores
from earwitness.metrics.asv import AsvScores

Trials = tuple[Scores, Key]
KINDS = ("target", "nontarget", "spoof")


@pytest.fixture(scope="session")
def expected(shared: Path) -> dict[str, Any]:
    """Values of the field's own code."""
    table: dict[str, Any] = json.loads((shared / "golden/metrics/metrics.json").read_text())
    return table


@pytest.fixture(scope="session")
def arrays(shared: Path) -> dict[str, Any]:
    """All made-up score sets."""
    with np.load(shared / "golden/metrics/score_sets.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="session")
def sets(arrays: dict[str, Any]) -> dict[str, Trials]:
    """The made-up scores of countermeasures."""
    names = {name.partition("/")[0] for name in arrays if name.endswith("/bonafide")}
    return {name: joined(arrays[f"{name}/bonafide"], arrays[f"{name}/spoof"]) for name in names}


@pytest.fixture(scope="session")
def published(shared: Path) -> dict[str, Trials]:
    """Scores that authors published, with the keys of In-the-Wild and ASVspoof 2019 LA."""
    folder, found = shared / "golden/metrics", {}
    # One of the files comes from a repository without a licence: it is read here, never copied.
    for file in ("published_scores", "published_scores_no_licence_file"):
        with np.load(folder / f"{file}.npz") as stored:
            for name in {each.partition("/")[0] for each in stored.files}:
                found[name] = (stored[f"{name}/score"], published_key(stored, name))
    return found


def published_key(stored: Any, name: str) -> Key:
    if f"{name}/attack" in stored:
        return np.asarray(stored[f"{name}/attack"] == 0)
    return np.asarray(stored[f"{name}/label_bonafide"])


@pytest.fixture(scope="session")
def attacks(shared: Path) -> dict[str, Any]:
    """For the published scores of ASVspoof 2019 LA, the number of the attack; 0 is bona fide."""
    with np.load(shared / "golden/metrics/published_scores.npz") as stored:
        return {
            name.partition("/")[0]: stored[name]
            for name in stored.files
            if name.endswith("/attack")
        }


@pytest.fixture(scope="session")
def asv(shared: Path, arrays: dict[str, Any]) -> dict[str, AsvScores]:
    """Scores of speaker verification, named as their operating points are in the golden file."""
    with np.load(shared / "golden/metrics/published_asv2019_LA_eval.npz") as stored:
        of_2019 = AsvScores(*(stored[f"asv2019_LA_eval/{kind}"] for kind in KINDS))
    made_up = AsvScores(*(arrays[f"asv/{kind}"] for kind in KINDS))
    return {"asvspoof2019_LA_eval": of_2019, "synthetic_asv": made_up}


def joined(bona_fide: Scores, spoof: Scores) -> Trials:
    key = np.arange(len(bona_fide) + len(spoof)) < len(bona_fide)
    return np.concatenate([bona_fide, spoof]), key
