"""``earwitness evaluate`` of scores that somebody computed before, and of published figures."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from earwitness.apps.cli.main import main


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, words)])


def told_once(done: Result, code: int) -> str:
    """Expect one line on standard error and nothing else."""
    assert done.exit_code == code, done.output
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def measures(done: Result) -> dict[str, Any]:
    return json.loads(done.stdout)["measures"]


@pytest.fixture
def scores(tmp_path: Path) -> tuple[Path, Path]:
    """A score file and its key: good scores, ten of each label."""
    rng = np.random.default_rng(2)
    names = [f"T_{n:02}" for n in range(20)]
    labels = ["bonafide", "spoof"] * 10
    values = [float(rng.normal(0.5 if label == "bonafide" else -0.5, 1)) for label in labels]
    place = tmp_path / "scores.txt"
    place.write_text("".join(f"{n} {v}\n" for n, v in zip(names, values, strict=True)))
    key = tmp_path / "key.tsv"
    rows = "".join(f"{n}\t{label}\n" for n, label in zip(names, labels, strict=True))
    key.write_text("filename\tcm-label\n" + rows, encoding="utf-8")
    return place, key


def of_scores(scores: tuple[Path, Path], *words: object) -> Result:
    return run("--scores", scores[0], "--key", scores[1], *words)


def test_a_score_file_is_measured_without_a_detector(scores: tuple[Path, Path]) -> None:
    done = of_scores(scores, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    found = measures(done)
    assert found["eer"]["n_spoof"] == 10
    assert found["cllr"]["why_not"] == "uncalibrated"
    assert found["min_tdcf_2019"]["why_not"] == "needs ASV scores"
    assert json.loads(done.stdout)["setup"]["model"] == "scores.txt"


def test_llrs_are_measured_as_such_with_a_line_at_nought(scores: tuple[Path, Path]) -> None:
    found = measures(of_scores(scores, "--llr", "--json"))
    assert found["cllr"]["value"] > 0
    assert found["miss_rate"]["value"] is not None
    strict = measures(of_scores(scores, "--llr", "--threshold", 50, "--json"))
    assert strict["miss_rate"]["value"] == 1.0
    assert strict["cllr"] == found["cllr"]
    raw = measures(of_scores(scores, "--threshold", 50, "--json"))
    assert raw["miss_rate"]["value"] == 1.0
    assert raw["cllr"]["value"] is None


def test_a_partial_score_file_is_refused_unless_it_is_asked_for(
    scores: tuple[Path, Path],
) -> None:
    lines = scores[0].read_text().splitlines()
    scores[0].write_text("\n".join([*lines[4:], "T_99 0.5"]) + "\n")
    line = told_once(of_scores(scores), 6)
    assert "4 have no score: T_00, T_01, T_02, …" in line
    assert "1 are not in the key: T_99" in line
    done = of_scores(scores, "--partial")
    assert done.exit_code == 0, done.output
    assert "Partial: 4 of 20 trials of the key have no score" in done.stdout
    assert "1 score belongs to no trial of the key" in done.stdout


def test_scores_of_other_partitions_are_no_fault(scores: tuple[Path, Path]) -> None:
    rows = ["path\tlabel\tpartition"]
    for number in range(20):
        label = ("bonafide", "spoof")[number % 2]
        rows.append(f"T_{number:02}\t{label}\t{'eval' if number < 12 else 'progress'}")
    scores[1].write_text("\n".join(rows) + "\n", encoding="utf-8")
    done = of_scores(scores, "--json", "--protocol", "manifest")
    assert done.exit_code == 0, done.output
    assert measures(done)["eer"]["n_spoof"] == 6
    everything = of_scores(scores, "--json", "--partition", "all", "--protocol", "manifest")
    assert measures(everything)["eer"]["n_spoof"] == 10
    line = told_once(of_scores(scores, "--partition", "dev", "--protocol", "manifest"), 6)
    assert "there is no partition 'dev'. Use eval or progress." in line


def test_speaker_verification_scores_give_tandem_figures(
    scores: tuple[Path, Path], tmp_path: Path
) -> None:
    rng = np.random.default_rng(4)
    rows = [
        f"A07 {key} {rng.normal(mean, 1)}"
        for key, mean in (("target", 3.0), ("nontarget", -3.0), ("spoof", 1.0))
        for _ in range(60)
    ]
    asv = tmp_path / "asv.txt"
    asv.write_text("\n".join(rows) + "\n")
    done = of_scores(scores, "--asv-scores", asv, "--json")
    found = measures(done)
    for name in ("min_tdcf_2019", "min_tdcf_2021", "a_dcf", "t_eer"):
        assert 0 < found[name]["value"] < 1.5, name
    asv.write_text("\n".join([*rows, "A07 speaker 1.0"]) + "\n")
    line = told_once(of_scores(scores, "--asv-scores", asv), 6)
    assert f"{asv}, line 181: expected '… key score'" in line


def test_inverted_scores_end_with_their_own_code_and_a_second_report_needs_a_word(
    scores: tuple[Path, Path], tmp_path: Path
) -> None:
    lines = [line.split() for line in scores[0].read_text().splitlines()]
    scores[0].write_text("".join(f"{name} {-float(value)}\n" for name, value in lines))
    out = tmp_path / "run"
    assert of_scores(scores, "--out", out).exit_code == 6
    assert (out / "report.md").is_file()
    line = told_once(of_scores(scores, "--out", out), 5)
    assert "holds another evaluation" in line
    done = of_scores(scores, "--out", out, "--restart", "--accept-inverted")
    assert done.exit_code == 0, done.output


# A claim


def test_the_pair_of_the_original_study_is_told_to_be_impossible() -> None:
    done = run("--claim", "eer=0.1176,auc=0.0437,n=544+544")
    assert done.exit_code == 6
    assert "every ROC curve has an AUC from 0.7786 to 0.9862" in done.stdout
    assert "IMPOSSIBLE" in done.stdout
    assert "Turned round, the AUC is 0.9563, and that is possible" in done.stdout
    assert "0.953 at that EER" in done.stdout
    assert "from 9.3 to 14.7 %" in done.stdout


def test_a_possible_pair_ends_well_and_json_tells_the_bounds() -> None:
    done = run("--claim", "eer=11.76%,auc=0.9563", "--json")
    assert done.exit_code == 0
    table = json.loads(done.stdout)
    assert table["is_possible"] is True
    assert table["as_printed"]["low"] == pytest.approx(0.7786, abs=1e-4)
    assert "POSSIBLE" in run("--claim", "eer=11.76%,auc=0.9563").stdout


def test_a_possible_pair_that_is_odd_is_called_so() -> None:
    assert "that is far off" in run("--claim", "eer=0.3,auc=0.55").stdout


def test_a_pair_that_no_turning_explains_is_told() -> None:
    done = run("--claim", "eer=0.01,auc=0.5")
    assert done.exit_code == 6
    assert "Nor is it with either of them turned round" in done.stdout


def test_what_is_no_claim_is_told_in_one_line() -> None:
    assert "Write eer=0.1176,auc=0.0437,n=544+544." in told_once(run("--claim", "eer=0.1"), 5)


def test_a_column_with_too_many_values_is_refused_beforehand(tmp_path: Path) -> None:
    rows = [f"T{n}\t{('real', 'fake')[n % 2]}\tname {n}" for n in range(1001)]
    key, place = tmp_path / "key.tsv", tmp_path / "scores.txt"
    key.write_text("path\tlabel\tname\n" + "\n".join(rows) + "\n", encoding="utf-8")
    place.write_text("".join(f"T{n} {n % 7}\n" for n in range(1001)), encoding="utf-8")
    line = told_once(of_scores((place, key), "--by", "name"), 6)
    assert "--by name: it has 1,001 values. Up to 1,000 can be told apart." in line
