"""Figures are the same bytes twice, carry their words, and show what the records say."""

import re
import struct
import warnings
from dataclasses import replace

import evaluated
import pytest
from rendered import KINDS, rendered

from earwitness.evaluation.curves import Curves, trace
from earwitness.evaluation.records import Breakdown, Evaluation, Group, Measure
from earwitness.reporting.evaluations import _drawn, _drawn_curves, _drawn_groups, _figures


def texts(svg: bytes) -> str:
    """The words of a figure: matplotlib leaves them as comments beside the outlines."""
    return svg.decode("utf-8")


def shown(name: str, kind: str = "calibrated") -> str:
    (found,) = [one for one in rendered(kind).drawings if one.name == name]
    return texts(found.svg)


def scored_otherwise(change) -> Evaluation:
    base = rendered("calibrated").evaluation
    return evaluated.measured(base.setup, tuple(change(one) for one in base.scored))


def det_of(evaluation: Evaluation) -> str:
    curve = trace(evaluation, rounds=10).det
    assert curve is not None
    return texts(_drawn_curves.det(evaluation, curve, "note").svg)


def histogram_of(evaluation: Evaluation) -> str:
    spread = trace(evaluation, rounds=10).histogram
    assert spread is not None
    return texts(_drawn_curves.histogram(evaluation, spread, "note").svg)


def group(name: str, miss: float | None, alarm: float | None, n: int = 50) -> Group:
    def rate(which: str, value: float | None) -> Measure:
        if value is None:
            return Measure(which, None, why_not="none")
        return Measure(which, value, max(0.0, value - 0.05), min(1.0, value + 0.05), n, 0)

    eer = Measure("eer", None, why_not="none")
    return Group(name, n, n, eer, rate("miss_rate", miss), rate("false_alarm_rate", alarm))


def test_a_figure_is_the_same_file_twice() -> None:
    base = rendered("calibrated")
    again = _drawn.drawings(base.evaluation, base.curves)
    assert again == base.drawings


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_is_a_png_of_150_dpi_and_an_svg_with_its_words(kind: str) -> None:
    for one in rendered(kind).drawings:
        assert one.png.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", one.png[16:24])
        assert 800 <= width <= 1100
        assert 300 <= height <= 1500
        assert b"Description" in one.png
        assert b"<dc:date>" not in one.svg
        assert "240 bona fide" in texts(one.svg) or kind in ("tiny", "uncalibrated")


def test_each_kind_of_run_has_the_figures_that_it_can_have() -> None:
    names = {kind: [one.name for one in rendered(kind).drawings] for kind in KINDS}
    whole = ["histogram", "det", "reliability", "by-attack", "duration"]
    assert names["calibrated"] == whole
    assert names["uncalibrated"] == [name for name in whole if name != "reliability"]
    assert names["tiny"] == ["histogram", "det", "reliability"]


def test_the_det_curve_marks_the_eer_and_the_line_that_was_in_use() -> None:
    eer = rendered("calibrated").evaluation.measure("eer").value
    assert eer is not None
    assert f"EER {100 * eer:.1f} %" in shown("det")
    assert "its own line" in shown("det")
    assert "its own line" not in shown("det", "uncalibrated")


def test_a_detector_without_a_mistake_is_told_so_instead_of_an_empty_figure() -> None:
    def perfect(one):
        return replace(one, llr=5.0 if one.is_bona_fide else -5.0, raw_score=0.0)

    assert "no mistake" in det_of(scored_otherwise(perfect))


def test_a_constant_scorer_lies_on_the_coin_toss() -> None:
    told = det_of(scored_otherwise(lambda one: replace(one, llr=0.0, raw_score=0.0)))
    assert "EER 50" in told
    assert "coin toss" in told


def test_the_histogram_names_the_line_and_what_lies_beyond_it() -> None:
    assert "line in use: 0.0 (balanced)" in shown("histogram")
    assert "line in use" not in shown("histogram", "uncalibrated")
    assert "raw score, not calibrated" in shown("histogram", "uncalibrated")
    base = rendered("calibrated")
    assert base.curves.histogram is not None
    wild = replace(base.curves.histogram, beyond=3)
    told = _drawn_curves.histogram(base.evaluation, wild, "note").told
    assert "3 outlying scores" in told


def test_corner_words_give_way_to_points() -> None:
    assert "more often genuine" in shown("reliability")
    assert "more often genuine" not in shown("reliability", "inverted")


def test_bars_stand_worst_first_and_a_long_name_is_cut_in_its_middle() -> None:
    name = "a-very-long-name-of-an-attack-that-no-figure-has-room-for"
    found = Breakdown("attack", (group("mild", None, 0.1), group(name, None, 0.9)), 0.0, "eer")
    svg = texts(_drawn_groups.bars(found, "note").svg)
    assert name not in svg
    assert svg.index("a-very-long-na…") < svg.index("mild")


def test_more_bars_than_a_page_holds_are_counted() -> None:
    many = tuple(group(f"system {n}", 0.2, n / 100) for n in range(40))
    drawn = _drawn_groups.bars(Breakdown("system", many, 0.0, "operating point"), "note")
    assert "25 groups of few recordings or few mistakes are not drawn" in drawn.told
    assert "system 39" in texts(drawn.svg)
    assert "system 3 " not in texts(drawn.svg)


def test_rates_of_few_recordings_are_not_drawn() -> None:
    few, many, more = group("scarce", 0.9, 0.9, n=9), group("many", 0.1, None), group("m", 0.2, 0.3)
    svg = texts(_drawn_groups.bars(Breakdown("x", (few, many, more), 0.0, "eer"), "note").svg)
    assert "scarce" not in svg
    ladder = Breakdown("duration", (few, many, more), 0.0, "eer")
    assert "90" not in re.findall(r"<!-- (\d+) -->", texts(_drawn_groups.by_length(ladder, "").svg))
    assert not _drawn.can_be_drawn(Breakdown("x", (few, many), 0.0, "eer"))


def test_a_breakdown_without_rates_is_not_drawn() -> None:
    bare = Breakdown("codec", (group("a", None, None), group("b", None, 0.5)), 0.0, "eer")
    base = replace(rendered("calibrated").evaluation, breakdowns=(bare,))
    assert _drawn.drawings(base, Curves()) == ()


def test_drawing_says_nothing_and_leaves_the_settings_of_matplotlib_alone() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = Breakdown(
            "language", (group("日本語", 0.1, 0.2), group("한국어", 0.2, 0.3)), 0.0, "eer"
        )
        _drawn_groups.bars(found, "note $x$")
        with _figures.house_style():
            _figures.as_png(_figures.styled_figure())
    assert dict(matplotlib.rcParams) == before


def test_a_line_far_from_all_scores_is_named_at_the_side_where_it_lies() -> None:
    for shift, words in ((90.0, "← line in use: 0.0 (balanced)"), (-90.0, "line in use: 0.0 (b")):
        found = scored_otherwise(lambda one, by=shift: replace(one, llr=(one.llr or 0) / 9 + by))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            svg = histogram_of(found)
        assert words in svg
    assert "(balanced) →" in svg


def test_the_circle_of_a_det_curve_is_told_of_only_where_it_is() -> None:
    base = rendered("calibrated").evaluation
    assert "The circle is" in det_of(base)
    without = [
        replace(one, value=0.0) if one.name == "false_alarm_rate" else one for one in base.measures
    ]
    assert "The circle is" not in det_of(replace(base, measures=tuple(without)))
