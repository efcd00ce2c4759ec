"""The picture of a recording says in words and shapes what the verdict says."""

import re
import struct
import warnings
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from earwitness.records import Answer, Failure, Reason, SegmentScore, Stretch, Verdict
from earwitness.reporting import Finding, Part, _captions, _strips, plots
from verdicts import verdict, window


def lasting(duration_s: float, **changes: Any) -> Verdict:
    found = verdict(**changes)
    return replace(found, facts=replace(found.facts, duration_s=duration_s))


def words(picture: Figure) -> str:
    from matplotlib.text import Text

    (axes,) = picture.axes
    legend = axes.get_legend()
    texts = [*picture.findobj(Text), *(legend.get_texts() if legend else [])]
    return "\n".join(text.get_text() for text in texts)


def of(found: Verdict, part: Part | None = None) -> Figure:
    return plots.figure(Finding(found, part or Part()))


def hours(count: int) -> tuple[SegmentScore, ...]:
    return tuple(window(2.0 * n, 2.0, length_s=4.0) for n in range(count * 1800))


def test_every_thing_a_reader_needs_stands_in_the_picture() -> None:
    told = words(of(verdict("/secret/place/speech.m4a")))
    for needed in (
        "Verdict: bona fide",
        "LLR +3.1: speaks moderately for bona fide",
        "speaks for\nbona fide",
        "speaks for\na spoof",
        "line for the whole recording: bona fide from LLR 0.0 up (balanced",
        "speech.m4a  ·  detector by hand  ·  operating point balanced (prior of a spoof 0.5)",
        "One witness; see known blind spots.",
        "time (seconds)",
    ):
        assert needed in told
    assert "secret" not in told


def test_bars_stand_between_start_and_end_and_nothing_stands_where_nobody_speaks() -> None:
    segments = (window(0.0, 2.0), window(2.0, -1.0), window(20.0, 0.0))
    strips = _strips.strips(segments, None)
    assert [(s.start_s, s.end_s) for s in strips] == [(0.0, 3.0), (3.0, 6.0), (20.0, 24.0)]
    (axes,) = of(lasting(30.0, segments=segments)).axes
    bars = sorted((b.get_x(), b.get_width(), b.get_height()) for b in axes.patches)
    assert bars == [(0.0, 3.0, 2.0), (3.0, 3.0, -1.0), (20.0, 4.0, 0.0)]
    ends = [c.get_segments() for c in axes.collections]
    assert [len(lines) for lines in ends] == [1, 1, 1]  # each on its side, and one at zero


def test_a_suspicious_stretch_is_shaded_and_labelled_with_its_times() -> None:
    found = lasting(
        60.0, stretches=(Stretch(12.0, 18.0, -4.0),), reasons=(Reason.SUSPICIOUS_STRETCH,)
    )
    picture = of(found)
    told = words(picture)
    assert "Verdict: bona fide, with a suspicious stretch" in told
    assert "suspicious: 0:12 to 0:18" in told
    assert "time (m:ss)" in told
    band = [p for p in picture.axes[0].patches if p.get_zorder() == 0]
    assert [(p.get_x(), p.get_width()) for p in band] == [(12.0, 6.0)]


def test_many_stretches_get_labels_that_do_not_cover_each_other() -> None:
    stretches = tuple(Stretch(600.0 * n, 600.0 * n + 6, -4.0) for n in range(60))
    labels = plots._label_rows(stretches, 0.0, 36000.0)
    placed = [label for label in labels if label is not None]
    assert len(labels) == 60
    assert 8 < len(placed) < 60
    for row in range(plots.MOST_LABEL_ROWS):
        centres = [centre for centre, at, _ in placed if at == row]
        assert all(b - a > 3600 for a, b in pairwise(centres))
    assert "with 60 suspicious stretches" in words(of(lasting(36000.0, stretches=stretches)))


def test_ten_hours_are_few_strips_and_show_the_lowest_window() -> None:
    segments = list(hours(10))
    segments[9000] = window(18000.0, -9.0)
    picture = of(lasting(36002.0, segments=tuple(segments)))
    (axes,) = picture.axes
    assert len(axes.patches) <= _strips.MOST_STRIPS
    dots = next(line for line in axes.lines if line.get_marker() == "o")
    assert min(dots.get_ydata()) == -9.0
    told = words(picture)
    assert "median LLR of the windows in each 2 min" in told
    assert "lowest window in each 2 min" in told
    assert {"0:00", "9:00:00", "10:00:00"} <= set(told.split("\n"))


def test_half_an_hour_has_strips_of_seconds_and_pauses_stay_empty() -> None:
    segments = tuple(s for s in hours(1) if not 600 <= s.start_s < 700)
    step = _strips.step_of(segments)
    assert step == 15
    starts = [strip.start_s for strip in _strips.strips(segments, step)]
    assert not [start for start in starts if 615 <= start < 690]
    assert "in each 15 s" in words(of(lasting(3602.0, segments=segments)))


def test_what_has_no_calibration_is_drawn_as_raw_scores_on_an_axis_that_says_so() -> None:
    found = verdict(
        answer=Answer.UNCALIBRATED, llr=None, threshold=None, prior=None,
        segments=(window(0.0, None), window(2.0, None)),
    )  # fmt: skip
    picture = of(found)
    told = words(picture)
    assert "Verdict: uncalibrated" in told
    assert "Raw score 1.550: 'by hand' has no calibration" in told
    assert "raw score, not calibrated" in told
    assert "no operating point" in told
    assert "speaks for" not in told
    assert len(picture.axes[0].patches) == 0  # a bar would make its zero mean something


def test_a_recording_without_a_window_says_so_in_the_picture() -> None:
    found = verdict(
        answer=Answer.INCONCLUSIVE, llr=None, raw_score=None, segments=(),
        reasons=(Reason.NO_SPEECH,),
    )  # fmt: skip
    told = words(of(found))
    assert "There is no window to show: no speech was heard." in told
    assert "No speech found: try another recording or channel." in told
    unheard = replace(found, answer=Answer.UNCALIBRATED)
    assert "Raw score" not in words(of(unheard))


def test_an_inconclusive_recording_is_paler_and_says_why() -> None:
    found = verdict(answer=Answer.INCONCLUSIVE, reasons=(Reason.TOO_SHORT,))
    picture = of(found)
    assert "LLR (+3.1), for what there was; not enough to rest an answer on." in words(picture)
    pale = picture.axes[0].patches[0].get_alpha()
    full = of(verdict()).axes[0].patches[0].get_alpha()
    assert pale is not None
    assert full is not None
    assert pale < full


def test_a_wild_window_and_a_far_line_do_not_flatten_the_rest() -> None:
    found = verdict(
        segments=(window(0.0, 2.0), window(2.0, -80.0)),
        threshold=20.7, operating_point="prior", prior=0.999999999,
    )  # fmt: skip
    picture = of(found)
    assert picture.axes[0].get_ylim() == (-plots.MOST_REACH, plots.MOST_REACH)
    told = words(picture)
    assert "▲▼: beyond this picture" in told
    assert "– outside of this picture" in told
    assert "operating point --prior (prior of a spoof 1)" in told
    near = of(verdict(threshold=8.0, operating_point="strict", prior=None))
    assert near.axes[0].get_ylim()[1] > 8.0
    assert "outside" not in words(near)
    assert "operating point strict  ·" in words(near)


def test_a_range_and_a_channel_are_named_and_the_axis_starts_there() -> None:
    found = lasting(5.0, segments=(window(70.5, 1.0),))
    picture = of(found, Part("call.wav", 1, 70.0, 75.0))
    assert "call.wav#t=1:10,1:15 (channel 1)" in words(picture)
    assert picture.axes[0].get_xlim() == (70.0, 75.0)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("-", "standard input"), ("a" * 99 + ".wav", "…"), ("x\x1b[31m.wav", "x�[31m.wav")],
)
def test_any_name_can_stand_at_the_foot(name: str, shown: str) -> None:
    told = _captions.recording(Finding(verdict(name)))
    assert shown in told
    assert len(told) <= _captions.MOST_NAME


def test_a_file_holds_what_its_suffix_says(tmp_path: Path) -> None:
    finding = Finding(verdict("$x$ 音声.wav"))
    heads = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for suffix in plots.SUFFIXES:
            plots.draw(finding, tmp_path / "picture", form=suffix[1:])
            heads[suffix] = (tmp_path / "picture").read_bytes()
    assert heads[".png"].startswith(b"\x89PNG")
    width, height = struct.unpack(">II", heads[".png"][16:24])
    assert width == 2000
    assert 1000 < height < 1400
    assert heads[".pdf"].startswith(b"%PDF")
    told = heads[".svg"].decode("utf-8")
    assert "<svg" in told
    assert "speaks moderately for bona fide" in re.sub(
        r"\s+", " ", told.partition("</metadata>")[0]
    )
    assert "<dc:date>" not in told


@pytest.mark.parametrize("suffix", plots.SUFFIXES)
def test_the_same_verdict_is_the_same_file(tmp_path: Path, suffix: str) -> None:
    for name in ("one", "two"):
        plots.draw(Finding(verdict()), tmp_path / name, form=suffix[1:])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_settings_of_matplotlib_are_neither_used_nor_changed(tmp_path: Path) -> None:
    import matplotlib

    with matplotlib.rc_context({"font.size": 40.0, "figure.facecolor": "red"}):
        plots.draw(Finding(verdict()), tmp_path / "one", form="png")
        assert matplotlib.rcParams["font.size"] == 40.0
    plots.draw(Finding(verdict()), tmp_path / "two", form="png")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_failure_cannot_be_drawn() -> None:
    with pytest.raises(TypeError, match="only a verdict can be drawn"):
        plots.figure(Finding(Failure("a.wav", "audio.empty", "a.wav: is empty.")))
