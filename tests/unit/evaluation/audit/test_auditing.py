"""An audit from files to findings: what is planted in the sound or the file is found."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from made_voices import RATE, folder, trial, voice, written

from earwitness.audio.codecs import transcode
from earwitness.audio.resample import resample
from earwitness.errors import ProtocolError
from earwitness.evaluation.audit.asking.records import Level
from earwitness.evaluation.audit.auditing import Question, audit
from earwitness.evaluation.audit.cheap import cheap_leaks
from earwitness.evaluation.audit.records import COPIES
from earwitness.records import Label

EACH = 30


def faint(seconds, seed):
    return (1e-3 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype("f4")


def bona_fide():
    return [varied(seed) for seed in range(EACH)]


def spoofs():
    return [varied(seed) for seed in range(100, 100 + EACH)]


@cache
def varied(seed):
    rng = np.random.default_rng(seed)
    sound = voice(seed, seconds=rng.uniform(0.6, 0.9), level=10 ** rng.uniform(-1.6, -0.9))
    return np.concatenate([faint(rng.uniform(0, 0.08), seed), sound])


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    root = tmp_path_factory.mktemp("clean")
    trials = folder(root, bona_fide(), Label.BONA_FIDE) + folder(root, spoofs(), Label.SPOOF)
    return audit(question(trials))


def question(trials, **more):
    return Question("voices", "folder", tuple(trials), **more)


def planted(root, change, suffix=".wav", share=1.0):
    kept = round(share * EACH)
    some = spoofs()
    return (
        folder(root, bona_fide(), Label.BONA_FIDE)
        + folder(root, [change(one) for one in some[:kept]], Label.SPOOF, suffix)
        + [
            trial(written(root / "Fake" / f"plain{n}.wav", one), Label.SPOOF)
            for n, one in enumerate(some[kept:])
        ]
    )


def leaks(report):
    return {one.name for one in report.tellings if one.level is Level.LEAK}


def test_clips_that_differ_by_chance_only_have_no_leak(clean) -> None:
    assert clean.level is None
    assert clean.setup.n_bona_fide == clean.setup.n_spoof == EACH
    assert 0.75 < (clean.setup.detectable or 0) < 0.9
    assert clean.joint is not None
    assert clean.copies == ()
    assert clean.retold.example is None
    assert 36 < clean.setup.heard_s < 60


@pytest.mark.parametrize(
    ("feature", "change", "suffix"),
    [
        ("leading_silence_s", lambda x: np.concatenate([faint(0.2, 5), x]), ".wav"),
        ("level_dbfs", lambda x: x * np.float32(0.2), ".wav"),
        pytest.param(
            "bandwidth_hz",
            lambda x: resample(resample(x, RATE, 8000), 8000, RATE),
            ".wav",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "dc_offset_dbfs", lambda x: x + np.float32(0.01), ".wav", marks=pytest.mark.slow
        ),
        ("container", lambda x: x, ".flac"),
        pytest.param(
            "used_bits", lambda x: np.round(x * 128) / 128, ".wav", marks=pytest.mark.slow
        ),
        pytest.param("codec", lambda x: x, ".ogg", marks=pytest.mark.slow),
    ],
)
def test_a_planted_leak_is_found_by_its_name(tmp_path, feature, change, suffix) -> None:
    report = audit(question(planted(tmp_path, change, suffix)))
    assert feature in leaks(report)
    assert report.level is Level.LEAK
    assert report.joint is not None
    assert report.joint.level is Level.LEAK


def test_copies_among_the_spoofs_give_them_away(tmp_path) -> None:
    some = spoofs()[: EACH // 2]
    again = [transcode(one[800:], RATE, "mp3", 96_000) for one in some]
    trials = folder(tmp_path, bona_fide(), Label.BONA_FIDE)
    trials += folder(tmp_path, [*some, *again], Label.SPOOF)
    report = audit(question(trials))
    assert COPIES in leaks(report)
    assert len(report.copies) >= EACH // 2 - 2
    assert {one.level for one in report.copies} == {Level.NOTE}


def test_copies_across_labels_and_partitions_are_leaks_by_themselves(tmp_path) -> None:
    trials = folder(tmp_path, bona_fide(), Label.BONA_FIDE) + folder(
        tmp_path, spoofs(), Label.SPOOF
    )
    both = trial(written(tmp_path / "Fake" / "real.wav", bona_fide()[0]), Label.SPOOF)
    twice = [
        trial(written(tmp_path / "Fake" / f"t{n}.wav", voice(7)), Label.SPOOF, partition=partition)
        for n, partition in enumerate(("eval", "train"))
    ]
    report = audit(question([*trials[::3], both, *twice]))
    assert [(one.crosses_labels, one.crosses_partitions) for one in report.copies] == [
        (True, False), (False, True),
    ]  # fmt: skip
    assert report.copies[0].is_identical
    assert {one.level for one in report.copies} == {Level.LEAK}
    assert report.level is Level.LEAK


def test_pages_are_counted_where_there_are_enough(tmp_path) -> None:
    trials = folder(tmp_path, bona_fide(), Label.BONA_FIDE) + folder(
        tmp_path, spoofs(), Label.SPOOF
    )
    told = [
        replace(one, meta={"page": str(n % 15), "site": str(n % 4)}) for n, one in enumerate(trials)
    ]
    report = audit(question(told, kin=("site", "page")))
    assert (report.setup.grouped_by, report.setup.groups) == ("page", 15)
    assert {"page", "site"} <= {one.name for one in report.tellings}


def test_unread_clips_are_counted_and_the_rest_is_audited(tmp_path) -> None:
    trials = folder(tmp_path, [voice(n, seconds=0.4) for n in range(6)], Label.BONA_FIDE)
    trials += folder(tmp_path, [voice(n, seconds=0.4) for n in range(10, 16)], Label.SPOOF)
    trials[3].path.write_bytes(b"")
    report = audit(question(trials))
    assert [one.trial.id for one in report.unread] == ["Real/Real003.wav"]
    assert report.setup.n_bona_fide == 5


def test_a_handful_of_clips_cannot_be_audited_and_the_report_says_so(tmp_path) -> None:
    trials = folder(tmp_path, [voice(n, seconds=0.4) for n in range(3)], Label.BONA_FIDE)
    trials += folder(tmp_path, [voice(n, seconds=0.9) for n in range(4, 7)], Label.SPOOF)
    report = audit(question(trials))
    assert report.setup.detectable is None
    assert report.level is None


@pytest.mark.parametrize("label", list(Label))
def test_one_label_alone_is_refused(tmp_path, label) -> None:
    trials = folder(tmp_path, [voice(1)], label)
    other = next(one for one in Label if one is not label)
    with pytest.raises(ProtocolError, match=f"voices: there is not one {other.value} clip among 1"):
        audit(question(trials))


def test_a_label_of_which_nothing_can_be_read_is_refused(tmp_path) -> None:
    trials = folder(tmp_path, [voice(1)], Label.SPOOF) + folder(
        tmp_path, [voice(2)], Label.BONA_FIDE
    )
    trials[1].path.write_bytes(b"x")
    with pytest.raises(ProtocolError, match="there could be read not one bonafide clip"):
        audit(question(trials))


# The cheap part


def test_headers_alone_tell_of_a_leak(tmp_path) -> None:
    remarks = cheap_leaks(planted(tmp_path, lambda x: x, ".flac"))
    found = {remark.facts["column"]: remark.facts for remark in remarks if remark.code == "leak"}
    assert {"container", "codec", "encoder"} <= set(found)
    told = found["container"]
    assert (told["auc"], told["value"], told["bona_fide"], told["spoof"]) == (1.0, "flac", 0.0, 1.0)
    assert (told["n_bona_fide"], told["n_spoof"]) == (EACH, EACH)
    assert 0.8 < float(told["low"]) < 1.0


def test_headers_are_silent_where_nothing_leaks(tmp_path) -> None:
    trials = folder(tmp_path, bona_fide(), Label.BONA_FIDE) + folder(
        tmp_path, spoofs(), Label.SPOOF
    )
    assert cheap_leaks(trials) == ()
    pages = [str(n % 15) for n in range(len(trials))]
    assert cheap_leaks(trials, pages) == ()


def test_equal_files_and_names_under_both_labels_are_told(tmp_path) -> None:
    for name in ("Real", "Fake"):
        written(tmp_path / name / "a.wav", voice(1))
        written(tmp_path / name / "b.wav", voice(2 if name == "Real" else 3))
    trials = [
        trial(tmp_path / name / f"{file}.wav", label)
        for name, label in (("Real", Label.BONA_FIDE), ("Fake", Label.SPOOF))
        for file in "ab"
    ]
    told = {remark.code: remark.facts for remark in cheap_leaks(trials)}
    assert told["same_bytes"] == {
        "sets": 1, "clips": 2, "across_labels": 1, "across_partitions": 0, "one": "Real/a.wav",
        "other": "Fake/a.wav",
    }  # fmt: skip
    assert (told["same_names"]["names"], told["same_names"]["across_labels"]) == (2, 2)


def test_files_that_are_gone_are_passed_over(tmp_path) -> None:
    trials = folder(tmp_path, [voice(1, seconds=0.3)], Label.SPOOF)
    missing = replace(trials[0], id="Fake/gone.wav", path=tmp_path / "gone.wav")
    assert cheap_leaks([*trials, missing]) == ()
