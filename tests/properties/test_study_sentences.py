"""What a study says of its arms follows from signs and intervals, whatever they are."""

import math
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from earwitness.evaluation.differences import NEGLIGIBLE, Difference
from earwitness.evaluation.records import Measure
from earwitness.reporting.studies import _words
from earwitness.reporting.studies.records import ArmFigures, Seed, StudyFigures

SETS = ("test", "eval")
shares = st.floats(0, 1)
points = st.floats(-0.5, 0.5)


@st.composite
def changes(draw: st.DrawFn) -> Difference:
    """Draw a change; its interval lies anywhere about it, and may have no width."""
    before, after = draw(shares), draw(shares)
    below, above = draw(st.floats(0, 0.3)), draw(st.floats(0, 0.3))
    low, high = after - before - below, after - before + above
    return Difference("eer", "before", "after", before, after, low, high, 544, 544)


@st.composite
def arms(draw: st.DrawFn, name: str) -> ArmFigures:
    """Draw an arm of two seeds."""
    measures = [Measure("eer", draw(shares), 0.0, 1.0, 544, 544) for _ in range(4)]
    seeds = tuple(
        Seed(n + 1, {s: {"eer": measures[2 * n + at]} for at, s in enumerate(SETS)}, 1e-4)
        for n in range(2)
    )
    return ArmFigures(
        name, name, "", seeds, {s: {} for s in SETS}, {s: {"eer": draw(changes())} for s in SETS},
        0.1, 0.1, 1, "mixing" if name == "ours" else "", 0.5 if name == "ours" else None,
    )  # fmt: skip


@st.composite
def studies(draw: st.DrawFn) -> StudyFigures:
    """Draw a study of some arms."""
    names = draw(
        st.sampled_from(
            [("as_published", "plain"), ("plain", "mixing", "ours"), ("mixing",),
             ("as_published", "plain", "mixing", "lora", "interpolated", "ours")]
        )
    )  # fmt: skip
    found = tuple(draw(arms(name)) for name in names)
    before = {s: {"eer": Measure("eer", draw(shares), 0.0, 1.0, 310, 310)} for s in SETS}
    against = {s: draw(changes()) for s in SETS} if {"plain", "ours"} <= set(names) else {}
    return StudyFigures(
        "m", "t", "c", is_standin=False, counts_differ="", parts=(), drawn={}, left_out={},
        before=before, before_dev=0.3, before_adapt=0.1, arms=found, against_plain=against,
    )  # fmt: skip


def side(change: Difference) -> str:
    """Say what the interval says."""
    assert change.value is not None
    assert change.low is not None
    assert change.high is not None
    if max(change.value, change.high) < -NEGLIGIBLE:
        return "gained"
    return "lost" if min(change.value, change.low) > NEGLIGIBLE else "alike"


@given(found=studies())
def test_gained_and_lost_are_said_only_where_the_whole_interval_says_so(
    found: StudyFigures,
) -> None:
    for arm in found.arms:
        for name in SETS:
            told = _words.verdict(arm, name)
            expected = side(arm.changes[name]["eer"])
            assert told.startswith("not distinguishable" if expected == "alike" else expected)


@given(found=studies())
def test_a_row_rises_and_falls_as_its_figures_do(found: StudyFigures) -> None:
    told = list(_words.rows(found))
    asked = [(arm, name) for arm in found.arms for name in SETS]
    for (arm, name), sentence in zip(asked, told, strict=True):
        expected = side(arm.changes[name]["eer"])
        assert ("fell" in sentence) is (expected == "gained")
        assert ("rose" in sentence) is (expected == "lost")


@given(found=studies())
def test_the_discussion_never_says_more_than_the_intervals(found: StudyFigures) -> None:
    told = " ".join(_words.discussion(found))
    plain, ours = found.arm("plain"), found.arm("ours")
    if plain is not None:
        gain, loss = (plain.changes[name]["eer"].value or 0.0 for name in SETS)
        is_telling = -gain >= _words.LEAST_GAIN and loss >= _words.LEAST_LOSS
        assert ("so remedies can be told apart" in told) is is_telling
    if ours is not None and plain is not None:
        high = ours.changes["eval"]["eer"].high
        assert high is not None
        assert ("is ruled out" in told) is (high <= _words.MOST_LOSS)
        assert ("cannot be ruled out" in told) is (high > _words.MOST_LOSS)
        share = _words.kept_share(ours, plain)
        kept = re.search(r"It keeps (only )?(−?\d+) % of plain's gain", told)
        assert (kept is None) is (share is None)
        if kept is not None and share is not None:
            assert (kept[1] is None) is (share >= _words.KEPT_SHARE)
            assert math.isclose(float(kept[2].replace("−", "-")), 100 * share, abs_tol=0.51)


@given(found=studies())
def test_a_share_of_plains_gain_is_given_only_where_plain_gained(found: StudyFigures) -> None:
    plain = found.arm("plain")
    for arm in found.arms if plain is not None else ():
        share = _words.kept_share(arm, plain)
        assert (share is None) is (side(plain.changes["test"]["eer"]) != "gained")


@given(found=studies())
def test_what_was_asked_for_is_said_to_be_shown_only_where_it_is(found: StudyFigures) -> None:
    told = dict(_words.checks(found))
    plain, ours = found.arm("plain"), found.arm("ours")
    if plain is None:
        assert told == {}
        return
    gain = -(plain.changes["test"]["eer"].value or 0.0)
    assert told["plain gains at least 10 points on the target"] is (gain >= 0.1)
    assert told["custom-eval has at least 300 clips of each label"] is True
    assert len(told) == (5 if ours is not None else 3)


@given(found=studies(), name=st.sampled_from(SETS))
def test_an_arm_that_cannot_be_compared_is_said_to_be_so(found: StudyFigures, name: str) -> None:
    arm = found.arms[0]
    lacking = replace(arm.changes[name]["eer"], low=None, high=None)
    arm = replace(arm, changes={**arm.changes, name: {"eer": lacking}})
    assert _words.verdict(arm, name).startswith("not comparable")
