"""A stress test → the words, cells and sentences that its reports share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from earwitness.evaluation.differences import Outcome
from earwitness.evaluation.stress.records import Row, StressTest
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._numbers import percent, plain, signed, trials, value_only
from earwitness.reporting.evaluations._remarks import Said, said
from earwitness.reporting.evaluations._sentences import change, size, verdict

FIGURES_HEAD = ("condition", "EER", "difference, points", "against clean")
FIGURES_NUMBERS = (1, 2)
JSON = "stress.json"
NOT_MEASURED = "not measured"
ALONE = "taken alone"
_MOST_NAMED = 3
_LITTLE_TO_LOSE = 0.3  # a clean EER, where a coin toss has 0.5


def detail_head(test: StressTest) -> tuple[str, ...]:
    """Name the columns of ``details``."""
    name = score_name(test)
    return (
        "condition", "n", "clean EER of them", f"{name}, bona fide", f"{name}, spoof",
        "inconclusive",
    )  # fmt: skip


def heading(test: StressTest) -> str:
    """Name what was tested on what."""
    return f"{test.setup.model} under stress"


def headline(test: StressTest) -> str:
    """Say in a few sentences what came out."""
    counts = {outcome: _of(test.rows, outcome) for outcome in Outcome}
    worse, better = counts[Outcome.WORSE], counts[Outcome.BETTER]
    told = [
        f"Clean, the EER is {percent(test.clean)}, on {trials(test.clean)}.",
        f"Under {_conditions(test.rows)} it is worse {_times(worse)}, better {_times(better)} and "
        f"not distinguishable {_times(counts[Outcome.NOT_DISTINGUISHABLE])}"
        + _unmeasured(counts[Outcome.NOT_COMPARABLE]),
    ]
    if worse:
        ranked = sorted(worse, key=lambda row: -(row.difference.value or 0.0))
        named = "; ".join(f"{row.title} ({size(row.difference)})" for row in ranked[:_MOST_NAMED])
        told.append(f"The largest rises: {named}.")
    return " ".join(told)


def sentence(row: Row) -> str:
    """Say in one sentence what a condition did."""
    if row.difference.outcome is Outcome.NOT_COMPARABLE:
        return f"{row.title}. Not measured: {why_not(row)}."
    told = f"{row.title}. {change(row.difference)}"
    if is_alone(row):
        told += " Taken alone, that is; among all conditions chance may give one like it."
    return told


def is_alone(row: Row) -> bool:
    """Say whether a difference counts by its own interval, but not among all of them."""
    return row.difference.outcome in (Outcome.WORSE, Outcome.BETTER) and not row.holds


def finding(row: Row) -> str:
    """Say the outcome in a word or three."""
    if row.difference.outcome is Outcome.NOT_COMPARABLE:
        return NOT_MEASURED
    return verdict(row.difference) + (f", {ALONE}" if is_alone(row) else "")


def why_not(row: Row) -> str:
    """Say why a condition has no figure."""
    if row.unmet and not (row.eer.n_bona_fide + row.eer.n_spoof + row.unscored):
        return f"it takes {row.needs}, and no clip has that"
    return row.difference.why_not


def figures(row: Row) -> list[str]:
    """Lay the figures of a condition out for a table with the head ``FIGURES_HEAD``."""
    is_given = row.difference.outcome is not Outcome.NOT_COMPARABLE
    return [
        row.title,
        percent(row.eer) if is_given else "n/a",
        size(row.difference).replace(" points", "") if is_given else "n/a",
        finding(row),
    ]


def details(row: Row) -> list[str]:
    """Lay out what a condition did to scores and answers; ``detail_head`` names the columns."""
    is_given = row.difference.outcome is not Outcome.NOT_COMPARABLE
    return [
        row.title,
        f"{row.eer.n_bona_fide:,} + {row.eer.n_spoof:,}",
        value_only(row.clean_eer) if is_given else "n/a",
        _shift(row.shift.bona_fide),
        _shift(row.shift.spoof),
        _shares(row),
    ]


def left_out(row: Row) -> str:
    """Say which trials are not in a row's figures; empty where all are.

    Example:
        >>> _are(1, "is"), _are(14, "is")
        ('1 trial is', '14 trials are')
    """
    lost = []
    if row.unmet:
        lost.append(f"{_are(row.unmet, 'is')} left out, for it takes {row.needs}")
    if row.unscored:
        lost.append(f"{_are(row.unscored, 'has')} no score, under it or clean")
    return f"{row.title}: {'; '.join(lost)}." if lost else ""


def share(value: float | None) -> str:
    """Write the share of inconclusive answers, in per cent.

    Example:
        >>> share(0.125), share(0.0), share(None)
        ('12 %', '0 %', '–')
    """
    return "–" if value is None else f"{plain(100 * value, 0)} %"


def several(test: StressTest) -> str:
    """Say what it means that many conditions were looked at."""
    measured = [row for row in test.rows if row.difference.is_comparable]
    if not measured:
        return "No condition could be measured."
    moved = [row for row in measured if row.difference.outcome is not Outcome.NOT_DISTINGUISHABLE]
    held = sum(row.holds for row in moved)
    return (
        f"Each verdict looks at its own 95 % interval. Among {len(measured):,} that change "
        f"nothing, chance alone would still call about {plain(0.05 * len(measured), 0)} better or "
        f"worse. When all are looked at together (Holm's procedure), {held:,} of {len(moved):,} "
        f"still count; the rest is marked “{ALONE}”."
    )


def remarks(test: StressTest) -> Iterator[Said]:
    """Tell what must be known beside the figures."""
    yield from map(said, test.remarks)
    if (test.clean.value or 0.0) >= _LITTLE_TO_LOSE:
        yield Said(
            "doubt",
            f"Clean, the EER is {value_only(test.clean)} already",
            "There is little left to lose: not distinguishable from clean is no robustness here",
        )
    if test.unread:
        first = test.unread[0].message
        yield Said(
            "doubt",
            f"{len(test.unread):,} recordings could not be read",
            f"They are in no figure; {JSON} lists them. The first one: {visible(first)}",
        )


def taken(test: StressTest) -> str:
    """Say which trials were taken."""
    asked = sum((test.clean.n_bona_fide, test.clean.n_spoof))
    if test.limit is None:
        return f"all {test.available:,} of the partition"
    return (
        f"{asked:,} of {test.available:,}, as many of both labels, spread over kin "
        f"(--limit {test.limit}, seed {test.seed})"
    )


def facts(test: StressTest) -> list[tuple[str, str]]:
    """List what every figure is to be read with."""
    setup = test.setup
    kin = setup.clustered_by
    pairs = [
        ("data", f"{setup.data} ({setup.protocol}), partition {setup.partition}"),
        ("trials", taken(test)),
        ("detector", f"{setup.model}, weights {(setup.weights_sha256 or '')[:12]}"),
        ("settings", setup.settings_hash or ""),
        ("windows", setup.windows),
        ("decoding", setup.decoding),
        (
            "intervals",
            "95 %, 1,000 bootstrap rounds, "
            + (f"{setup.clusters:,} values of '{kin}' resampled whole" if kin else "single trials"),
        ),
        ("seed", str(test.seed)),
        ("command", setup.command),
        ("made", f"{setup.date}, Earwitness {setup.version}"),
    ]
    return [(name, visible(value)) for name, value in pairs]


def score_name(test: StressTest) -> str:
    """Name what scores are measured in."""
    return "LLR" if test.setup.is_calibrated else "raw score"


def _shares(row: Row) -> str:
    if row.inconclusive is None:
        return "–"
    return f"{share(row.inconclusive)} ({share(row.clean_inconclusive)})"


def _are(count: int, verb: str) -> str:
    is_one = count == 1
    plural = {"is": "are", "has": "have"}[verb]
    return f"{count:,} trial{'' if is_one else 's'} {verb if is_one else plural}"


def _shift(value: float | None) -> str:
    return "–" if value is None else signed(value, 2)


def _of(rows: Sequence[Row], outcome: Outcome) -> list[Row]:
    return [row for row in rows if row.difference.outcome is outcome]


def _conditions(rows: Sequence[Row]) -> str:
    return f"{len(rows):,} condition{'' if len(rows) == 1 else 's'}"


def _times(rows: Sequence[Row]) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(len(rows), f"{len(rows):,} times")


def _unmeasured(rows: Sequence[Row]) -> str:
    return f"; {len(rows):,} could not be measured." if rows else "."
