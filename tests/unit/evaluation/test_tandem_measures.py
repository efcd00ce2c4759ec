"""Figures of countermeasure and speaker verification in tandem."""

from pathlib import Path

import numpy as np
import pytest
from made_trials import SETUP, gaussian

from earwitness.errors import ProtocolError
from earwitness.evaluation.measuring import Plan, evaluate
from earwitness.evaluation.tandem import NAMES, read_asv_scores
from earwitness.metrics.a_dcf import min_a_dcf
from earwitness.metrics.asv import AsvScores, at_eer
from earwitness.metrics.t_eer import t_eer
from earwitness.metrics.tdcf import min_tdcf_2019, min_tdcf_2021

RNG = np.random.default_rng(6)
ASV = AsvScores(RNG.normal(2, 1, 80), RNG.normal(-2, 1, 90), RNG.normal(1, 1, 70))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "asv.txt"


def lines(asv: AsvScores) -> list[str]:
    return [
        f"LA_0001 {key} {score!r}"
        for key in ("target", "nontarget", "spoof")
        for score in getattr(asv, key).tolist()
    ]


def test_a_file_is_read_by_its_last_two_columns(place: Path) -> None:
    place.write_text("\n".join(["spoof 0.5", "A B C target -1e3", "", "x,nontarget,2"]), "utf-8")
    found = read_asv_scores(place)
    assert [found.target.tolist(), found.nontarget.tolist(), found.spoof.tolist()] == [
        [-1000.0], [2.0], [0.5],
    ]  # fmt: skip


def test_a_file_from_windows_is_read(place: Path) -> None:
    place.write_bytes(b"\xef\xbb\xbftarget 1\r\nnontarget 2\r\nspoof 3\r\n")
    found = read_asv_scores(place)
    assert [*found.target, *found.nontarget, *found.spoof] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x target 1\nx bonafide 2\n", r"line 2: expected '… key score'.*got 'x bonafide 2'"),
        ("x target one\n", "line 1: 'one' is no score"),
        ("x target nan\n", "line 1: 'nan' is no score"),
        ("x target -inf\n", "line 1: '-inf' is no score"),
        ("1.5\n", "line 1: expected"),
        ("x target 1\nx spoof 1\n", "there is no nontarget trial in it"),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(place: Path, text: str, says: str) -> None:
    place.write_text(text, "utf-8")
    with pytest.raises(ProtocolError, match=says):
        read_asv_scores(place)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, place: Path) -> None:
    with pytest.raises(ProtocolError, match="cannot be read"):
        read_asv_scores(tmp_path)
    place.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProtocolError, match=r"is not UTF-8 \(byte 0\)"):
        read_asv_scores(place)


def test_figures_are_the_metrics_of_their_names(place: Path) -> None:
    place.write_text("\n".join(lines(ASV)), "utf-8")
    trials = gaussian(60)
    found = evaluate(SETUP, trials, (), Plan(asv=read_asv_scores(place), rounds=20))
    scores, key = np.array([o.score for o in trials]), np.array([o.is_bona_fide for o in trials])
    cm = AsvScores(scores[key][:10], scores[key][10:], scores[~key])
    expected = {
        "min_tdcf_2019": min_tdcf_2019(scores, key, at_eer(ASV)),
        "min_tdcf_2021": min_tdcf_2021(scores, key, at_eer(ASV)),
        "a_dcf": min_a_dcf(ASV.target, ASV.nontarget, ASV.spoof),
        "t_eer": t_eer(ASV, cm),
    }
    for name, value in expected.items():
        assert found.measure(name).value == pytest.approx(value), name
    assert (found.measure("t_eer").n_bona_fide, found.measure("t_eer").n_spoof) == (60, 60)
    assert (found.measure("a_dcf").n_bona_fide, found.measure("a_dcf").n_spoof) == (170, 70)


def test_without_speaker_verification_they_say_what_they_need() -> None:
    found = evaluate(SETUP, gaussian(20), (), Plan(rounds=20))
    for name in NAMES:
        assert (found.measure(name).value, found.measure(name).why_not) == (
            None,
            "needs ASV scores",
        )


def test_a_speaker_verification_that_allows_no_tandem_is_told() -> None:
    hopeless = AsvScores(np.array([0.0, 0.1]), np.array([1.0, 1.1]), np.array([-5.0, -6.0]))
    found = evaluate(SETUP, gaussian(20), (), Plan(asv=hopeless, rounds=20))
    assert found.measure("min_tdcf_2019").value is None
    assert found.measure("min_tdcf_2019").why_not == "says nothing behind this speaker verification"
