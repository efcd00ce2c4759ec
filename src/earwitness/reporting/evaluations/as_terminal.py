"""An evaluation → lines for a terminal: what was measured on what, the figures, what to know."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from earwitness.evaluation.breaking_down import DURATION, WITHOUT
from earwitness.evaluation.records import Breakdown, Evaluation, Group, Measure, Setup
from earwitness.evaluation.tandem import NEEDS_ASV
from earwitness.reporting._words import columns, number, visible
from earwitness.reporting.evaluations import _numbers
from earwitness.reporting.evaluations._measures import meaning
from earwitness.reporting.evaluations._remarks import Said, said

WIDTH = 100
MOST_GROUPS = 16
NONE = "(none)"
_NAME = 44
_HEAD = f"{'bona fide':>9}  {'spoof':>7}  {'EER':>7}  {'misses':>7}  false alarms"
# In metrics.json, and told by a remark where a reader must know of them.
_ASIDE = frozenset(
    {
        "eer_asvspoof", "eer_rocch", "miss_rate_all", "false_alarm_rate_all",
        "mean_score_bona_fide", "mean_score_spoof",
    }
)  # fmt: skip


def lines(evaluation: Evaluation, *, most_columns: int = 2) -> Iterator[str]:
    """Tell an evaluation as plain text of at most 100 columns, where names are not longer.

    Args:
        evaluation: all of it.
        most_columns: breakdowns to show, the first ones; by duration is shown beside them.
    """
    yield from _heading(evaluation)
    told = [said(remark) for remark in evaluation.remarks]
    yield from _remarks(told, kinds=("bad",))
    yield ""
    yield from _figures(evaluation.measures)
    for breakdown in _chosen(evaluation.breakdowns, most_columns):
        yield ""
        yield from _breakdown(breakdown)
    if any(one.kind != "bad" for one in told):
        yield ""
        yield from _remarks(told, kinds=("doubt", "note"))


def _heading(evaluation: Evaluation) -> Iterator[str]:
    setup = evaluation.setup
    headline = evaluation.measure("eer")
    yield visible(
        f"{setup.model} on {setup.protocol}, {setup.partition} ({setup.data}): "
        f"{_numbers.trials(headline)}"
    )
    yield f"{_line(setup)}; {_intervals(setup)}"


def _line(setup: Setup) -> str:
    if setup.threshold is None:
        return "No threshold: the scores are not calibrated"
    name = "" if setup.operating_point is None else f" ({visible(setup.operating_point)})"
    return f"Line: bona fide from {number(setup.threshold)} up{name}"


def _intervals(setup: Setup) -> str:
    if setup.clustered_by is None:
        return "95 % intervals by resampling trials"
    return (
        f"95 % intervals by resampling {setup.clusters:,} values of '{visible(setup.clustered_by)}'"
    )


def _figures(measures: Iterable[Measure]) -> Iterator[str]:
    shown = [one for one in measures if one.name not in _ASIDE]
    yield f"{'measure':<{_NAME}}  {'value':>9}  95 % interval"
    for one in shown:
        if one.value is not None:
            value, interval = _numbers.value_only(one), _numbers.interval_only(one)
            yield f"{title(one.name):<{_NAME}}  {value:>9}  {interval}".rstrip()
    missing: dict[str, list[str]] = {}
    for one in shown:
        if one.value is None and one.why_not != NEEDS_ASV and not one.name.endswith("_all"):
            missing.setdefault(one.why_not, []).append(title(one.name).partition(" (")[0])
    for why, names in missing.items():
        yield from _wrapped(f"n/a ({why}): {', '.join(names)}")


def title(name: str) -> str:
    """Name a measure; of those with inconclusive answers in them, say so.

    Example:
        >>> title("miss_rate_all")
        'Miss rate, inconclusive half wrong'
    """
    if name.endswith("_all"):
        plain = meaning(name.removesuffix("_all")).title.partition(" (")[0]
        return f"{plain}, inconclusive half wrong"
    return meaning(name).title


def _chosen(breakdowns: Sequence[Breakdown], most: int) -> Iterator[Breakdown]:
    """Choose the first columns of which groups are large enough to be told apart by."""
    telling = [
        one for one in breakdowns if sum(group.eer.value is not None for group in one.groups) > 1
    ]
    yield from [one for one in telling if one.column != DURATION][:most]
    yield from (one for one in telling if one.column == DURATION)


def _breakdown(breakdown: Breakdown) -> Iterator[str]:
    where = "at the same line" if breakdown.threshold_is != "eer" else "at the EER's threshold"
    head = f"by {visible(breakdown.column)}, {where}"
    shown = breakdown.groups[:MOST_GROUPS]
    names = [NONE if group.value == WITHOUT else visible(group.value) for group in shown]
    width = max(columns(head), *map(columns, names))
    yield f"{_filled(head, width)}  {_HEAD}"
    for name, group in zip(names, shown, strict=True):
        yield f"{_filled(name, width)}  {_cells(group)}"
    more = len(breakdown.groups) - len(shown)
    if more > 0:
        yield f"… and {more:,} more"


def _cells(group: Group) -> str:
    eer, miss, false_alarm = (
        "–" if one.value is None else _numbers.value_only(one)
        for one in (group.eer, group.miss_rate, group.false_alarm_rate)
    )
    return (
        f"{group.n_bona_fide:>9,}  {group.n_spoof:>7,}  {eer:>7}  {miss:>7}  {false_alarm:>12}"
    ).rstrip()


def _filled(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _remarks(told: Iterable[Said], *, kinds: Sequence[str]) -> Iterator[str]:
    for kind in kinds:
        for one in told:
            if one.kind == kind:
                yield from _wrapped(f"{'!!' if kind == 'bad' else '-'} {one}")


def _wrapped(text: str) -> list[str]:
    lead = "   " if text.startswith("!!") else "  "
    return textwrap.wrap(text, WIDTH, subsequent_indent=lead, break_on_hyphens=False)
