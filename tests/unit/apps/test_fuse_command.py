"""``earwitness fuse`` as a person uses it."""

import functools
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from compared_runs import llrs, one, setup, trials
from earwitness.apps.cli.main import main
from earwitness.evaluation import fusing
from earwitness.evaluation.measuring import Plan, evaluate
from earwitness.records import Label, Trial
from earwitness.reporting.evaluations import as_metrics

ASKED = trials()
DEV, NEW = ASKED[:160], ASKED[160:]
FIRST = llrs(ASKED, 1.5, seed=1)
SECOND = 100 + 7 * llrs(ASKED, 1.5, seed=2)


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Draw fifty times instead of a thousand: what is told, and how, does not depend on it."""
    monkeypatch.setattr(
        "earwitness.apps.cli._fusing.fuse", functools.partial(fusing.fuse, rounds=50)
    )


def score_file(path: Path, asked: Sequence[Trial], scores: np.ndarray) -> Path:
    rows = [f"{trial.id}\t{score}" for trial, score in zip(asked, scores, strict=True)]
    path.write_text("\n".join(["filename\tcm-score", *rows]) + "\n", encoding="utf-8")
    return path


def key_file(path: Path, asked: Sequence[Trial]) -> Path:
    rows = [f"{trial.id}\t{trial.label}\t{trial.meta['page']}" for trial in asked]
    path.write_text("\n".join(["path\tlabel\tpage", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with the scores of two detectors, a development key and a key of new trials."""
    score_file(tmp_path / "a.tsv", ASKED, FIRST)
    score_file(tmp_path / "b.tsv", ASKED, SECOND)
    key_file(tmp_path / "dev.tsv", DEV)
    key_file(tmp_path / "new.tsv", NEW)
    return tmp_path


def earwitness(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def fuse(here: Path, *more: object, files: Sequence[str] = ("a.tsv", "b.tsv")) -> Result:
    return earwitness("fuse", *(here / name for name in files), "--dev", here / "dev.tsv", *more)


def fused(path: Path) -> dict[str, float]:
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    assert head == "filename\tcm-score"
    return {name: float(llr) for name, llr in (row.split("\t") for row in rows)}


def test_weights_and_what_they_are_worth_are_told(here: Path) -> None:
    told = fuse(here)
    words = " ".join(told.stdout.split())
    assert told.exit_code == 0, told.stderr
    assert "Fused a, b on 80 bona fide + 80 spoof development trials." in words
    assert "by cross-validation in 5 parts, each page in one" in words
    assert "the fusion and a are not distinguishable: EER" in words
    assert "the fusion is better than b: EER" in words
    assert " × a + " in words
    assert max(map(len, told.stdout.splitlines())) <= 100
    assert sorted(path.name for path in here.iterdir()) == ["a.tsv", "b.tsv", "dev.tsv", "new.tsv"]


def test_trials_beyond_the_key_are_fused_and_evaluate_reads_them(here: Path) -> None:
    out = here / "fused.tsv"
    told = fuse(here, "--out", out)
    assert told.exit_code == 0, told.stderr
    assert told.stderr == (
        f"earwitness: 80 LLRs are in {out}; what the weights were fitted on is in "
        "fused.tsv.fusion.json.\n"
    )
    llrs_of = fused(out)
    assert set(llrs_of) == {trial.id for trial in NEW}
    record = json.loads((here / "fused.tsv.fusion.json").read_text(encoding="utf-8"))
    first, second = (one["weight"] for one in record["detectors"])
    expected = first * FIRST[160] + second * SECOND[160] + record["offset"]
    assert llrs_of[NEW[0].id] == pytest.approx(expected)
    measured = earwitness("evaluate", "--scores", out, "--key", here / "new.tsv", "--llr", "--json")
    assert measured.exit_code == 0, measured.stderr
    found = json.loads(measured.stdout)["measures"]
    assert found["cllr"]["value"] < 0.7
    assert found["cllr"]["value"] - found["min_cllr"]["value"] < 0.25


def test_the_record_says_what_the_weights_were_fitted_on(here: Path) -> None:
    fuse(here, "--out", here / "fused.tsv")
    record = json.loads((here / "fused.tsv.fusion.json").read_text(encoding="utf-8"))
    assert record["kind"] == "earwitness fusion"
    assert record["fitted_on"]["file"] == str(here / "dev.tsv")
    assert len(record["fitted_on"]["sha256"]) == 64
    assert (record["fitted_on"]["n_bona_fide"], record["fitted_on"]["n_spoof"]) == (80, 80)
    assert record["output"] == {"trials": 80, "cross_fitted": 0, "applied_to": []}
    assert record["cross_validation"]["kept_together"] == "page"
    assert set(record["cross_validation"]["measures"]) == {"eer", "cllr", "min_cllr"}
    assert record["converged"] is True
    assert record["command"].startswith("earwitness fuse ")
    assert "--out" in record["command"]
    assert record["date"][:2] == "20"


def test_json_tells_the_same_record(here: Path) -> None:
    told = fuse(here, "--json", "--out", here / "fused.tsv", "--quiet")
    assert told.stderr == ""
    record = (here / "fused.tsv.fusion.json").read_text(encoding="utf-8")
    assert json.loads(told.stdout) == json.loads(record)


def test_new_trials_may_stand_in_files_of_their_own(here: Path) -> None:
    new = [
        score_file(here / "a2.tsv", NEW, FIRST[160:]),
        score_file(here / "b2.tsv", NEW, SECOND[160:]),
    ]
    told = fuse(here, "--apply", new[0], "--apply", new[1], "--out", here / "f.tsv")
    assert told.exit_code == 0, told.stderr
    assert set(fused(here / "f.tsv")) == {trial.id for trial in NEW}
    record = json.loads((here / "f.tsv.fusion.json").read_text(encoding="utf-8"))
    assert [one["file"] for one in record["output"]["applied_to"]] == [str(one) for one in new]


def test_development_trials_are_refused_unless_cross_fitted(here: Path) -> None:
    for name, scores in (("a.tsv", FIRST), ("b.tsv", SECOND)):
        score_file(here / name, DEV, scores[:160])
    out = here / "f.tsv"
    refused = fuse(here, "--out", out)
    assert refused.exit_code == 6
    assert "weights that were fitted on a trial flatter it" in refused.stderr
    assert not out.exists()
    told = fuse(here, "--out", out, "--cross-fitted")
    assert told.exit_code == 0, told.stderr
    assert set(fused(out)) == {trial.id for trial in DEV}
    record = json.loads((here / "f.tsv.fusion.json").read_text(encoding="utf-8"))
    assert record["output"]["cross_fitted"] == 160
    first, second = (one["weight"] for one in record["detectors"])
    by_all = first * FIRST[0] + second * SECOND[0] + record["offset"]
    assert fused(out)[DEV[0].id] != pytest.approx(by_all, abs=1e-9)


def test_development_trials_among_those_to_apply_are_refused_with_counts(here: Path) -> None:
    more = [score_file(here / f"{n}2.tsv", ASKED[150:], FIRST[150:]) for n in "ab"]
    apply = ("--apply", more[0], "--apply", more[1])
    refused = fuse(here, *apply, "--out", here / "f.tsv")
    assert refused.exit_code == 6
    assert "10 of 90 trials of --apply are in " in refused.stderr
    told = fuse(here, *apply, "--cross-fitted", "--out", here / "f.tsv")
    assert told.exit_code == 0, told.stderr
    assert set(fused(here / "f.tsv")) == {trial.id for trial in ASKED[150:]}


def test_folders_of_runs_can_be_named_instead_of_files(here: Path) -> None:
    for name in "ab":
        (here / f"run-{name}").mkdir()
        (here / f"{name}.tsv").rename(here / f"run-{name}" / "scores.tsv")
    told = fuse(here, files=("run-a", "run-b"))
    assert told.exit_code == 0, told.stderr
    assert "Fused run-a, run-b on" in told.stdout


def test_files_of_one_name_are_told_apart_by_their_path(here: Path) -> None:
    (here / "other").mkdir()
    (here / "b.tsv").rename(here / "other" / "a.tsv")
    told = fuse(here, "--json", files=("a.tsv", "other/a.tsv"))
    names = [one["name"] for one in json.loads(told.stdout)["detectors"]]
    assert names == [str(here / "a.tsv"), str(here / "other" / "a.tsv")]


def test_a_file_that_lacks_trials_is_refused_and_common_leaves_them_out(here: Path) -> None:
    score_file(here / "b.tsv", ASKED[4:], SECOND[4:])
    refused = fuse(here)
    assert refused.exit_code == 6
    assert "the key has 160, a has 160, b has 156" in refused.stderr
    told = fuse(here, "--common")
    assert told.exit_code == 0, told.stderr
    assert "4 trials of the key are left out" in " ".join(told.stdout.split())


def test_inverted_scores_are_refused(here: Path) -> None:
    score_file(here / "b.tsv", ASKED, -SECOND)
    refused = fuse(here)
    assert refused.exit_code == 6
    assert "b: its scores point the wrong way (AUC 0." in refused.stderr


def test_a_negative_weight_is_told(here: Path) -> None:
    rng = np.random.default_rng(8)
    key = np.array([trial.label is Label.BONA_FIDE for trial in ASKED])
    noise = rng.standard_normal(len(ASKED))
    score_file(here / "a.tsv", ASKED, key + 2 * noise)
    score_file(here / "b.tsv", ASKED, 0.2 * key + noise + 0.1 * rng.standard_normal(len(ASKED)))
    words = " ".join(fuse(here).stdout.split())
    assert "Negative weight: b." in words
    assert " × a − " in words


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["a.tsv"], "at least two score files"),
        (["a.tsv", "b.tsv", "--apply", "a.tsv"], "once for each detector: 2 times, not 1"),
    ],
)
def test_wrong_uses_are_told(here: Path, arguments: list[str], fault: str) -> None:
    words = [here / word if word.endswith(".tsv") else word for word in arguments]
    told = earwitness("fuse", *words, "--dev", here / "dev.tsv")
    assert told.exit_code == 2
    assert fault in " ".join(told.stderr.split())


def test_one_file_twice_is_refused(here: Path) -> None:
    told = fuse(here, files=("a.tsv", "a.tsv"))
    assert told.exit_code == 5
    assert "given twice" in told.stderr


@pytest.mark.parametrize("name", ["a.tsv", "dev.tsv"])
def test_nothing_is_written_over_what_is_read(here: Path, name: str) -> None:
    before = (here / name).read_bytes()
    told = fuse(here, "--out", here / name)
    assert told.exit_code == 5
    assert "would be written over" in told.stderr
    assert (here / name).read_bytes() == before


@pytest.mark.parametrize("content", ["mine", "[1]", '{"kind": "mine"}'])
def test_a_foreign_file_beside_the_output_is_kept(here: Path, content: str) -> None:
    record = here / "f.tsv.fusion.json"
    record.write_text(content, encoding="utf-8")
    told = fuse(here, "--out", here / "f.tsv")
    assert told.exit_code == 5
    assert "no record of a fusion" in told.stderr
    assert record.read_text(encoding="utf-8") == content


def test_an_older_fusion_is_replaced(here: Path) -> None:
    assert fuse(here, "--out", here / "f.tsv").exit_code == 0
    assert fuse(here, "--out", here / "f.tsv", "--cross-fitted").exit_code == 0
    assert len(fused(here / "f.tsv")) == 240


def test_a_folder_that_is_not_there_is_told(here: Path) -> None:
    told = fuse(here, "--out", here / "no" / "f.tsv")
    assert told.exit_code == 5
    assert "cannot be written" in told.stderr


def run_of(folder: Path, asked: Sequence[Trial], scores: np.ndarray, weights: str) -> Path:
    """Leave scores, and beside them the record of the weights that they come from."""
    folder.mkdir()
    score_file(folder / "scores.tsv", asked, scores)
    heard = [
        one(trial, score, is_calibrated=False)
        for trial, score in zip(asked, scores.tolist(), strict=True)
    ]
    made = replace(setup("made", is_calibrated=False), weights_sha256=weights * 32)
    found = evaluate(made, [*heard], [], Plan(rounds=10))
    text = as_metrics.text(as_metrics.recorded(found))
    (folder / as_metrics.NAME).write_text(text, encoding="utf-8")
    return folder


def test_scores_to_apply_in_another_order_are_refused_where_runs_say_whose_they_are(
    here: Path,
) -> None:
    dev, new = (
        [
            run_of(here / f"{weights}-{part}", asked, scores[chosen], weights)
            for weights, scores in (("ab", FIRST), ("cd", SECOND))
        ]
        for part, asked, chosen in (("dev", DEV, slice(160)), ("new", NEW, slice(160, None)))
    )

    def applied(*runs: Path) -> Result:
        words = [word for run in runs for word in ("--apply", run)]
        return earwitness("fuse", *dev, "--dev", here / "dev.tsv", *words)

    assert applied(*new).exit_code == 0
    refused = applied(*reversed(new))
    assert refused.exit_code == 6
    assert "holds the scores of other weights (cdcdcdcd) than " in refused.stderr
    assert "Give --apply in the order of SCORES." in refused.stderr


def test_what_was_fused_is_there_though_nobody_reads_what_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("earwitness.reporting.evaluations.fusions.as_lines", gone)
    monkeypatch.setattr("earwitness.apps.cli._exits._forget_output", lambda: None)
    assert fuse(here, "--out", here / "f.tsv").exit_code == 141
    assert len(fused(here / "f.tsv")) == len(NEW)
