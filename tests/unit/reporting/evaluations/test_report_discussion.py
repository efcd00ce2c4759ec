"""Whatever figures are drawn, the sentences agree with them and with what is printed of them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendered import rendered

from earwitness.evaluation.records import Breakdown, Direction, Group, Measure
from earwitness.metrics.bounds import eer_interval
from earwitness.reporting.evaluations import _discussion
from earwitness.reporting.evaluations._discussion import discussion

ENDS = re.compile(r"\[(-?[\d.]+), (-?[\d.]+)\]")


@st.composite
def measures(draw: st.DrawFn, name: str, most: float = 1.0) -> Measure:
    low, value, high = sorted(draw(st.tuples(*[st.floats(0, most)] * 3)))
    n = draw(st.integers(1, 10**5))
    if draw(st.booleans()) and draw(st.booleans()):
        return Measure(name, None, None, None, n, n, "uncalibrated")
    return Measure(name, value, low, high, n, n)


@st.composite
def breakdowns(draw: st.DrawFn, column: str) -> Breakdown:
    groups = [
        Group(f"g{number}", 9, 9, draw(measures("eer")), draw(measures("miss_rate")),
              draw(measures("false_alarm_rate")))
        for number in range(draw(st.integers(0, 4)))
    ]  # fmt: skip
    return Breakdown(column, tuple(groups), 0.0, "eer")


def printed(sentence: str) -> list[tuple[float, float]]:
    return [(float(low), float(high)) for low, high in ENDS.findall(sentence)]


def is_apart(upper: Measure, lower: Measure) -> bool:
    assert upper.low is not None
    assert lower.high is not None
    return upper.low > lower.high


def is_told(rate: Measure) -> bool:
    return rate.value is not None and rate.n_bona_fide + rate.n_spoof >= 10


@given(measures("auc"))
def test_better_than_chance_is_said_of_a_whole_interval_only(auc: Measure) -> None:
    for sentence in _discussion.separation(auc):
        ((low, high),) = printed(sentence)
        if "better than chance" in sentence:
            assert low > 0.5
            assert (auc.low or 0) > 0.4999
        elif "wrong way" in sentence:
            assert high < 0.5
        else:
            assert low <= 0.5 <= high
            assert "cannot be told from a coin toss" in sentence


@given(measures("miss_rate"), measures("false_alarm_rate"))
def test_the_more_frequent_mistake_is_the_one_that_is_named_first(
    miss: Measure, alarm: Measure
) -> None:
    for sentence in _discussion.mistakes(miss, alarm):
        first, second = printed(sentence)
        if "more often than" in sentence:
            assert first[0] > second[1]
            starts_with_misses = "takes genuine" in sentence
            assert is_apart(miss, alarm) if starts_with_misses else is_apart(alarm, miss)
        else:
            assert "overlap" in sentence
            looks_apart = first[0] > second[1] or second[0] > first[1]
            assert not looks_apart or not (is_apart(miss, alarm) or is_apart(alarm, miss))


@given(measures("miss_rate"), measures("false_alarm_rate"))
def test_exchanged_rates_exchange_the_sentence(miss: Measure, alarm: Measure) -> None:
    other_miss = replace(alarm, name="miss_rate")
    other_alarm = replace(miss, name="false_alarm_rate")
    words = [" ".join(_discussion.mistakes(*pair)) for pair in
             ((miss, alarm), (other_miss, other_alarm))]  # fmt: skip
    claims = ["takes genuine" in one if "more often than" in one else None for one in words]
    assert claims == [None, None] or claims[0] is not claims[1]


@given(measures("cllr", 3.0), measures("act_dcf", 3.0))
def test_what_llrs_are_worth_follows_from_the_side_of_one(cllr: Measure, cost: Measure) -> None:
    for sentence in (*_discussion.worth(cllr), *_discussion.cost(cost)):
        ends = printed(sentence.replace("1 bit", "one bit"))
        if "inform:" in sentence or "costs less" in sentence:
            assert ends[0][1] < 1
        elif "mislead" in sentence or "costs more" in sentence:
            assert ends[0][0] > 1
        else:
            assert "open" in sentence
            assert ends[0][0] <= 1 <= ends[0][1]


@given(breakdowns("attack"))
def test_groups_are_set_against_each_other_only_where_they_lie_apart(found: Breakdown) -> None:
    rates = {group.value: group for group in found.groups}
    for sentence in _discussion.spread(found):
        name = "false_alarm_rate" if sentence.startswith("Spoofs") else "miss_rate"
        given_rates = [one for one in (getattr(g, name) for g in found.groups) if is_told(one)]
        if "more often for" in sentence:
            more, less = re.findall(r"'(g\d)'", sentence)
            assert is_apart(getattr(rates[more], name), getattr(rates[less], name))
            assert getattr(rates[more], name).value == max(m.value for m in given_rates)
            assert printed(sentence)[0][0] > printed(sentence)[1][1]
        else:
            assert "cannot tell apart" in sentence
            assert f"the {len(given_rates)} groups" in sentence


@given(breakdowns("duration"))
def test_length_is_said_to_matter_only_where_the_ends_lie_apart(found: Breakdown) -> None:
    told = [group.eer for group in found.groups if is_told(group.eer)]
    for sentence in _discussion.spread(found):
        if "on short recordings" in sentence:
            assert is_apart(told[0], told[-1])
        elif "on long recordings" in sentence:
            assert is_apart(told[-1], told[0])
        else:
            assert "not shown" in sentence


def test_only_the_first_column_is_talked_of_where_nothing_is_shown() -> None:
    found = rendered("calibrated").evaluation
    alike = [Measure("false_alarm_rate", 0.1, 0.05, 0.2, 0, 50)] * 2
    none = Measure("eer", None)
    groups = tuple(Group(f"g{n}", 0, 50, none, none, one) for n, one in enumerate(alike))
    columns = tuple(Breakdown(name, groups, 0.0, "eer") for name in ("attack", "codec"))
    told = [one for one in discussion(replace(found, breakdowns=columns)) if "tell apart" in one]
    assert len(told) == 1
    assert "by attack" in told[0]


@pytest.mark.parametrize("kind", ["calibrated", "uncalibrated", "inverted", "tiny"])
def test_no_sentence_is_said_of_what_was_not_measured(kind: str) -> None:
    told = " ".join(discussion(rendered(kind).evaluation))
    assert "n/a" not in told
    assert "nan" not in told
    assert ("LLRs" in told) is (kind in ("calibrated", "tiny"))


def test_of_inverted_scores_nothing_else_is_said_unless_they_were_accepted() -> None:
    found = rendered("inverted").evaluation
    assert len(discussion(found)) == 1
    assert "wrong way" in discussion(found)[0]
    accepted = replace(found, guard=replace(found.guard, is_accepted=True))
    assert len(discussion(accepted)) > 1


def test_a_doubtful_direction_does_not_silence_the_rest() -> None:
    found = rendered("tiny").evaluation
    doubtful = replace(found, guard=replace(found.guard, direction=Direction.DOUBTFUL))
    assert discussion(doubtful) == discussion(found)


def test_a_run_without_decisions_and_breakdowns_is_told_by_its_separation_alone() -> None:
    found = rendered("calibrated").evaluation
    bare = replace(found, measures=(found.measure("auc"),), breakdowns=())
    assert len(discussion(bare)) == 1


def of_so_many(rates: list[float], n: int, rng: np.random.Generator) -> Breakdown:
    """Let groups err so often, each on so many trials."""
    groups = []
    for number, rate in enumerate(rates):
        value = float(rng.binomial(n, rate)) / n
        ends = eer_interval(value, n, n)
        alarm = Measure("false_alarm_rate", value, ends.low, ends.high, 0, n)
        none = Measure("eer", None, why_not="none")
        groups.append(Group(f"g{number}", 0, n, none, none, alarm))
    return Breakdown("speaker", tuple(groups), 0.0, "eer")


def test_of_many_groups_that_err_equally_often_none_is_said_to_be_worse() -> None:
    rng = np.random.default_rng(5)
    told = [" ".join(_discussion.spread(of_so_many([0.3] * 40, 40, rng))) for _ in range(100)]
    assert sum("more often for" in one for one in told) <= 5
    by_chance = [one for one in told if "may lie so far apart by chance alone" in one]
    assert by_chance  # without regard to their number, they would have been called different
    assert all("cannot tell apart between the 40 groups" in one for one in by_chance)


def test_a_group_that_errs_far_more_often_is_named_among_many() -> None:
    rng = np.random.default_rng(5)
    found = of_so_many([0.1] * 20 + [0.9], 40, rng)
    assert "more often for 'g20'" in " ".join(_discussion.spread(found))


def test_a_group_without_a_mistake_of_few_speakers_is_set_against_one_with_many() -> None:
    def of(name: str, value: float, low: float, high: float) -> Group:
        alarm = Measure("false_alarm_rate", value, low, high, 0, 4914)
        none = Measure("eer", None, why_not="none")
        return Group(name, 0, 4914, none, none, alarm)

    wide = eer_interval(0.0, 60, 60)  # what sixty speakers without a mistake allow
    best = [of(f"A{n}", 0.0, wide.low, wide.high) for n in range(12)]
    for worst, ends in ((0.09, (0.081, 0.098)), (1.0, (1 - wide.high, 1.0))):
        groups = (*best, of("A18", worst, *ends))
        told = " ".join(_discussion.spread(Breakdown("attack", groups, 0.0, "eer")))
        assert "more often for 'A18'" in told
