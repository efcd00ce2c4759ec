"""Every trial gets its outcome, in order, and nothing is heard twice."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earwitness.detector import Detector, load
from earwitness.errors import SettingsError
from earwitness.evaluation.records import Scored, Unread
from earwitness.evaluation.scoring import already_scored, score_trials
from earwitness.records import Answer, Failure, Label, Reason, Trial, Verdict

CLIPS = ("bonafide_asterisk_ru_2.wav", "spoof_flite_rms.flac", "silence.wav")


@pytest.fixture(scope="module")
def tiny(root: Path) -> Detector:
    return load(root / "tests" / "data" / "tiny_detector")


@pytest.fixture
def trials(examples: Path, tmp_path: Path) -> list[Trial]:
    """Two clips, one without speech, and one that is no sound, in this order."""
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no sound at all")
    paths = [*(Path(shutil.copy(examples / name, tmp_path)) for name in CLIPS), broken]
    return [Trial(p.name, p, label_of(p), "eval") for p in paths]


def label_of(path: Path) -> Label:
    return Label.BONA_FIDE if path.name.startswith("bonafide") else Label.SPOOF


class Counting:
    """A detector that writes down what it was asked, and stops after so many."""

    def __init__(self, detector: Detector, *, breaks_after: int = 1000) -> None:
        self._detector = detector
        self._left = breaks_after
        self.heard: list[str] = []
        self.card, self.point = detector.card, detector.point
        self.calibration = detector.calibration
        self.settings_hash = detector.settings_hash

    def detect_many(self, paths: Iterable[Path], *, workers: int) -> Iterator[Verdict | Failure]:
        for path in paths:
            if self._left == 0:
                raise KeyboardInterrupt
            self._left -= 1
            self.heard.append(path.name)
            yield from self._detector.detect_many([path], workers=workers)


def names(outcomes: Iterable[Scored | Unread]) -> list[str]:
    return [one.trial.id for one in outcomes]


@pytest.mark.parametrize("workers", [1, 3])
def test_outcomes_are_those_of_the_detector_in_the_order_of_the_trials(
    tiny: Detector, trials: list[Trial], workers: int
) -> None:
    done: list[Scored | Unread] = []
    found = list(score_trials(tiny, trials, workers=workers, on_done=done.append))
    assert done == found
    assert names(found) == [trial.id for trial in trials]
    first, second, silent, broken = found
    for one, name in ((first, CLIPS[0]), (second, CLIPS[1])):
        assert isinstance(one, Scored)
        verdict = tiny.detect(trials[0].path.with_name(name))
        assert (one.llr, one.raw_score, one.answer) == (
            verdict.llr, verdict.raw_score, verdict.answer,
        )  # fmt: skip
        assert (one.duration_s, one.speech_s) == (verdict.facts.duration_s, verdict.speech_s)
    assert silent == Scored(
        trials[2], None, 0.0, Answer.INCONCLUSIVE, (Reason.NO_SPEECH,), silent.duration_s, 0.0
    )
    assert broken == Unread(trials[3], "audio.unreadable", broken.message)
    assert "broken.mp3" in broken.message


def test_without_a_calibration_silence_has_no_score(tiny: Detector, trials: list[Trial]) -> None:
    detector = Counting(tiny)
    detector.calibration = None
    (silent,) = score_trials(detector, trials[2:3])
    assert silent.score is None


def test_a_stopped_evaluation_goes_on_and_hears_nothing_twice(
    tiny: Detector, trials: list[Trial], tmp_path: Path
) -> None:
    whole = list(score_trials(tiny, trials))
    journal = tmp_path / "run" / "journal.jsonl"
    first = Counting(tiny, breaks_after=2)
    with pytest.raises(KeyboardInterrupt):
        list(score_trials(first, trials, journal=journal))
    assert already_scored(tiny, trials, journal) == 2
    again = Counting(tiny)
    assert list(score_trials(again, trials, journal=journal)) == whole
    assert first.heard + again.heard == [trial.id for trial in trials]
    last = Counting(tiny)
    assert list(score_trials(last, trials, journal=journal)) == whole
    assert last.heard == ["broken.mp3"]  # it may have been mended


def test_a_restart_hears_everything_again(
    tiny: Detector, trials: list[Trial], tmp_path: Path
) -> None:
    journal = tmp_path / "journal.jsonl"
    list(score_trials(tiny, trials, journal=journal))
    again = Counting(tiny)
    list(score_trials(again, trials, journal=journal, restart=True))
    assert again.heard == [trial.id for trial in trials]


def test_another_operating_point_is_another_evaluation(
    tiny: Detector, trials: list[Trial], tmp_path: Path, root: Path
) -> None:
    journal = tmp_path / "journal.jsonl"
    list(score_trials(tiny, trials[:1], journal=journal))
    strict = load(root / "tests" / "data" / "tiny_detector", operating_point="accusation")
    with pytest.raises(SettingsError, match="another settings"):
        already_scored(strict, trials[:1], journal)


def test_what_was_never_begun_has_scored_nothing(tiny: Detector, tmp_path: Path) -> None:
    assert already_scored(tiny, [], None) == 0
    assert already_scored(tiny, [], tmp_path / "journal.jsonl") == 0


def test_a_loud_and_a_soft_tone_come_apart_through_a_journal_written_by_many_workers(
    tiny: Detector, examples: Path, tmp_path: Path
) -> None:
    speech, rate = soundfile.read(examples / CLIPS[0], dtype="float32")
    trials = []
    for number, gain in enumerate(np.linspace(0.1, 1.0, 8)):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, speech[: 3 * rate] * gain, rate)
        trials.append(Trial(path.name, path, Label.SPOOF, "eval"))
    journal = tmp_path / "run" / "journal.jsonl"
    found = list(score_trials(tiny, trials, workers=4, journal=journal))
    scores = [one.score for one in found]
    assert scores == sorted(scores)
    again = Counting(tiny)
    assert list(score_trials(again, trials, journal=journal)) == found
    assert again.heard == []
