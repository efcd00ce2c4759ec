"""What was gained and lost, in sentences that follow from intervals and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from earwitness.evaluation.comparing import HEADLINE
from earwitness.evaluation.differences import Difference
from earwitness.evaluation.forgetting import (
    AFTER,
    BEFORE,
    BeforeAfter,
    Change,
    Epoch,
    GainedLost,
    Point,
    Role,
    change_of,
)
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations import _comparison_words, _sentences
from earwitness.reporting.evaluations._numbers import plain, value_only
from earwitness.reporting.evaluations._remarks import Said
from earwitness.reporting.evaluations._sentences import listed
from earwitness.reporting.evaluations._tables import BLANK, Grid

ROLES: dict[Role, str] = {"target": "target", "keep": "keep-set"}

_LONGEST = 24

HOW_TO_READ = (
    "Before is the detector that was started from, after is the one that came of it. Both were "
    "measured on the same recordings, and each difference is paired: in the brackets lie 95 % of "
    "the differences that were found in 1,000 draws of these recordings. Gained means that the "
    "whole interval of the EER lies below zero, lost that it lies above: an EER is a rate of "
    "errors, so a rise of it is a loss.",
    "“Not distinguishable” does not say that nothing was lost. It says that these recordings "
    "cannot tell; the upper end of the interval is how much may have been lost all the same.",
    "The dev part and the keep-set were used to choose the epoch, and the mixture of old and new "
    "weights where there is one. So both look a little better here than they will elsewhere. For "
    "a figure to quote, evaluate on data that nothing was chosen by.",
)


@dataclass(frozen=True)
class Finetuned:
    """A fine-tuning as it is told.

    Attributes:
        title: what was done, in a few words.
        found: what was gained and lost.
        curve: losses and EERs by epoch.
        chosen_epoch: whose weights were taken; None where it is not known.
        points: mixtures of old and new weights that were tried.
        facts: names and values for the foot of the page: recipe, data, weights.
        told: what else was done, in sentences.
    """

    title: str
    found: GainedLost
    curve: tuple[Epoch, ...] = ()
    chosen_epoch: int | None = None
    points: tuple[Point, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    told: tuple[str, ...] = ()


def sentence(name: str, role: Role, difference: Difference) -> str:
    """Say what a change did to one data set; the difference is after less before.

    Example:
        >>> lost = Difference("eer", "before", "after", 0.307, 0.474, 0.121, 0.21, 544, 544)
        >>> print(sentence("custom", "keep", lost))  # doctest: +NORMALIZE_WHITESPACE
        Lost on custom (keep-set): the EER rose from 30.7 % to 47.4 %, by 16.7 points (95 %
        interval 12.1 to 21.0 points; 544 bona fide + 544 spoof).
        >>> print(sentence("FoR", "target", lost.swapped()))  # doctest: +NORMALIZE_WHITESPACE
        Gained on FoR (target): the EER fell from 47.4 % to 30.7 %, by 16.7 points (95 %
        interval 12.1 to 21.0 points; 544 bona fide + 544 spoof).
    """
    where = f"{visible(name)} ({ROLES[role]})"
    told = _sentences.change(difference)
    change = change_of(difference)
    if change is Change.NOT_COMPARABLE:
        return f"On {where}: {told[0].lower()}{told[1:]}"
    return f"{change.value.capitalize()} on {where}: {told.partition(': ')[2]}"


def sentences(found: GainedLost) -> list[str]:
    """Say of each data set what happened to it."""
    return [sentence(row.name, row.role, row.difference(HEADLINE)) for row in found.rows]


def headline(found: GainedLost) -> str:
    """Say it all in one line: gained on what, lost on what.

    A keep-set on which nothing can be told apart is never called kept: how much may have been lost
    is said instead.
    """
    clauses = [_clause(row) for row in found.rows]
    if not any(row.role == "keep" for row in found.rows):
        clauses.append("what it lost elsewhere was not measured, for there was no keep-set")
    whole = "; ".join(clauses)
    return f"{whole[:1].upper()}{whole[1:]}."


def table(found: GainedLost) -> Grid:
    """Lay out what was gained and lost, a row a data set."""
    return Grid(
        ("", "EER before", "EER after", "change", "finding", "n"),
        tuple(_row(row) for row in found.rows),
        numbers=(1, 2, 3),
        caption=(
            "Gained and lost. Changes are after less before, in points of EER, paired, with 95 % "
            "intervals; a minus is better."
        ),
    )


def measures(row: BeforeAfter) -> Grid:
    """Lay out all measures of one data set."""
    return _comparison_words.differences(row.comparison, BEFORE, AFTER)


def remarks(found: GainedLost) -> Iterator[tuple[str, Said]]:
    """Give what must be known beside the figures, with the data set that it is about."""
    for row in found.rows:
        for told in _comparison_words.remarks(row.comparison):
            yield visible(row.name), told


def epochs(told: Finetuned) -> Grid:
    """Lay out the curve; a keep-set that was not scored by epoch has no column."""
    is_watched = any(one.keep_eer is not None for one in told.curve)
    watched = ("keep EER",) if is_watched else ()
    return Grid(
        ("epoch", "train loss", "dev loss", "dev EER", *watched, ""),
        tuple(
            (
                str(one.epoch), _loss(one.train_loss), _loss(one.dev_loss), _rate(one.dev_eer),
                *([_rate(one.keep_eer)] if is_watched else []),
                "chosen" if one.epoch == told.chosen_epoch else "",
            )
            for one in told.curve
        ),
        numbers=tuple(range(4 + is_watched)),
        caption="Epoch by epoch; epoch 0 is before. EERs are of one window of each recording.",
    )  # fmt: skip


def mixtures(points: Sequence[Point]) -> Grid:
    """Lay out the mixtures of old and new weights that were tried."""
    return Grid(
        ("weights", "dev EER", "keep EER", ""),
        tuple(
            (
                visible(one.label), _rate(one.merit.target_eer), _rate(one.merit.keep_eer),
                "taken" if one.is_chosen else "",
            )
            for one in points
        ),
        numbers=(1, 2),
        caption="Between the old network (alpha 0) and the new one (alpha 1).",
    )  # fmt: skip


def name_of_data(path: str) -> str:
    """Name a data set by the end of its path.

    Example:
        >>> name_of_data("runs/standin/for-2seconds/"), name_of_data("custom")
        ('for-2seconds', 'custom')
    """
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path


def short(name: str) -> str:
    """Cut a long name in its middle, for both ends tell more.

    Example:
        >>> short("data/everything/else/that/there/is/custom-adapt")
        'data/everyt…ustom-adapt'
    """
    name = visible(name)
    half = _LONGEST // 2 - 1
    return name if len(name) <= _LONGEST else f"{name[:half]}…{name[-half:]}"


def _clause(row: BeforeAfter) -> str:
    name = visible(row.name)
    high = row.difference(HEADLINE).high or 0.0
    return {
        Change.GAINED: f"gained on {name}",
        Change.LOST: f"lost on {name}",
        Change.NOT_DISTINGUISHABLE: (
            f"no difference on {name} that these recordings can show (at worst "
            f"{plain(100 * high, 1)} points more errors)"
        ),
        Change.NOT_COMPARABLE: f"nothing can be said of {name}",
    }[row.change]


def _row(row: BeforeAfter) -> tuple[str, ...]:
    difference = row.difference(HEADLINE)
    before, after = (one.measure(HEADLINE) for one in row.comparison.standings)
    return (
        f"{short(row.name)} ({ROLES[row.role]})", value_only(before), value_only(after),
        _sentences.size(difference), row.change.value,
        f"{row.comparison.n_bona_fide:,} + {row.comparison.n_spoof:,}",
    )  # fmt: skip


def _loss(value: float | None) -> str:
    return BLANK if value is None else plain(value, 3)


def _rate(value: float | None) -> str:
    return BLANK if value is None else f"{plain(100 * value, 1)} %"


def lost_of(found: GainedLost) -> str:
    """List the keep-sets that are clearly worse; empty if none is."""
    names = [row.name for row in found.rows if row.role == "keep" and row.change is Change.LOST]
    return listed(names) if names else ""
