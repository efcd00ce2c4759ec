"""A study → sentences. Each follows from a sign and an interval, and says no more than they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from earwitness.evaluation.differences import Difference
from earwitness.evaluation.forgetting import Change, change_of
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations import _sentences
from earwitness.reporting.evaluations._numbers import percent, plain, signed
from earwitness.reporting.evaluations._page import Kind
from earwitness.reporting.studies.records import EVAL, TEST, ArmFigures, StudyFigures

SETS = {TEST: "for-2seconds, testing", EVAL: "custom-eval"}
SHORT = {TEST: "the target", EVAL: "custom-eval"}
OURS, PLAIN, PUBLISHED = "ours", "plain", "as_published"
LEAST_GAIN, LEAST_LOSS = 0.10, 0.05  # without them there is nothing to remedy
KEPT_SHARE, MOST_LOSS = 0.90, 0.01  # what a remedy has to reach
FEWEST = 300  # clips of each label in custom-eval
TITLE = "What fine-tuning gained, and what it lost elsewhere"
STANDIN = (
    "These are not FoR's numbers. The target is a stand-in with for-2seconds' layout and counts, "
    "cut from another corpus; the custom set is cut from the same corpus, from other sources."
)
HOW_TO_READ = (
    "EER: the rate at which as many genuine clips are rejected as spoofs accepted; lower is "
    "better, 50 % is guessing. AUC: 1 is perfect, 0.5 is guessing. minDCF: the cost at the best "
    "threshold, with ASVspoof 5's costs; 1 is no better than not listening.",
    "A figure in a table is the mean over seeds of each seed's own figure; the best of the seeds, "
    "by its EER on validation, stands beside it. Intervals hold 95 % of 1,000 draws of whole "
    "recordings or sources; a change is paired: the same draws for before and after, of all seeds.",
    "Gained and lost are said only where the whole interval of a change lies on one side of zero.",
)  # fmt: skip


def lead(found: StudyFigures) -> str:
    """Say what was done, in a sentence."""
    seeds = max(len(arm.seeds) for arm in found.arms)
    return (
        f"{found.model}, fine-tuned on for-2seconds in {len(found.arms)} ways with {seeds} "
        f"{'seeds' if seeds > 1 else 'seed'} each, and heard before and after on the testing part "
        "and on custom-eval, whose sources nothing was learned from or chosen by."
    )


@dataclass(frozen=True)
class Note:
    """Something the reader must know beside the figures."""

    kind: Kind
    title: str
    text: str


def notes(found: StudyFigures) -> Iterator[Note]:
    """Say what stands over everything else."""
    if found.is_standin:
        yield Note("doubt", "A stand-in", STANDIN)
    if found.counts_differ:
        yield Note("doubt", "Other counts", f"{found.counts_differ} That was accepted.")
    for name, left_out in found.left_out.items():
        if left_out:
            yield Note(
                "note", f"Left out of {SETS[name]}",
                f"{left_out:,} clips that not every detector scored are left out of means and "
                "changes.",
            )  # fmt: skip


def headline(found: StudyFigures) -> str:
    """Say the most important first: what the best arm, or else plain, gained and lost."""
    arm = found.arm(OURS) or found.arm(PLAIN) or found.arms[0]
    return both(arm)


def under_headline(found: StudyFigures) -> Iterator[str]:
    """Say what that is to be held against."""
    plain_arm = found.arm(PLAIN)
    if plain_arm is not None and found.arm(OURS) is not None:
        yield both(plain_arm)
    yield before_words(found)


def header(found: StudyFigures) -> list[tuple[str, str]]:
    """List what the header links to, and what was used."""
    return [
        *found.links, ("Detector", found.model), ("for-2seconds", found.target),
        ("Custom set", found.custom), ("Date", found.date),
    ]  # fmt: skip


def made(found: StudyFigures) -> list[tuple[str, str]]:
    """Say how the report can be made again."""
    return [
        ("Command", found.command),
        ("Intervals", "; ".join(f"{SETS[n]}: 1,000 draws of {d}" for n, d in found.drawn.items())),
        ("Version", f"Earwitness {found.version}"),
    ]


def verdict(arm: ArmFigures, name: str) -> str:
    """Say of one arm what happened on one set, with the size and its interval."""
    change, where = arm.changes[name]["eer"], SHORT[name]
    outcome = change_of(change)
    if outcome is Change.NOT_COMPARABLE:
        return f"not comparable on {where}"
    size = f"on {where} (EER {_sentences.size(change)})"
    if outcome is Change.NOT_DISTINGUISHABLE:
        return f"not distinguishable from before {size}"
    return f"{outcome.value} {size}"


def both(arm: ArmFigures) -> str:
    """Say what happened on both sets."""
    return f"{_capital(arm.title)}: {verdict(arm, TEST)}, {verdict(arm, EVAL)}."


def rows(found: StudyFigures) -> Iterator[str]:
    """Say of every arm and set what changed, a sentence each."""
    for arm in found.arms:
        for name, title in SETS.items():
            told = _sentences.change(arm.changes[name]["eer"])
            yield visible(f"{arm.title}, {title}. {told}")


def discussion(found: StudyFigures) -> Iterator[str]:
    """Discuss the figures."""
    plain_arm, ours = found.arm(PLAIN), found.arm(OURS)
    if plain_arm is not None:
        yield _is_telling(plain_arm)
    published = found.arm(PUBLISHED)
    if published is not None:
        yield _published(published)
    for arm in found.arms:
        if arm.name not in (PLAIN, OURS, PUBLISHED) and plain_arm is not None:
            yield _beside_plain(arm, plain_arm)
    if ours is not None and plain_arm is not None:
        yield from _ours(found, ours, plain_arm)
    yield from _seeds(found)


def _is_telling(arm: ArmFigures) -> str:
    """Say whether plain gained and lost enough for remedies to be told apart."""
    gain, loss = -_points(arm, TEST), _points(arm, EVAL)
    told = (
        f"Plain fine-tuning changed the EER by {_signed(-gain)} points on the target and by "
        f"{_signed(loss)} points on custom-eval"
    )
    if gain >= LEAST_GAIN and loss >= LEAST_LOSS:
        return f"{told}: it learns and forgets, so remedies can be told apart here."
    lacking = []
    if gain < LEAST_GAIN:
        lacking.append("gains less than ten points on the target")
    if loss < LEAST_LOSS:
        lacking.append("loses less than five points on custom-eval")
    return f"{told}. It {' and '.join(lacking)}, so this study says little about remedies."


def _published(arm: ArmFigures) -> str:
    rate = arm.seeds[0].rate
    at = "" if rate is None else f" (learning rate {rate:g})"
    return visible(f"{_capital(arm.title)}{at}: {verdict(arm, TEST)}, {verdict(arm, EVAL)}.")


def _beside_plain(arm: ArmFigures, plain_arm: ArmFigures) -> str:
    share = kept_share(arm, plain_arm)
    kept = "" if share is None else f", which is {plain(100 * share, 0)} % of plain's gain"
    return visible(
        f"{_capital(arm.title)}: {_signed(_points(arm, TEST))} points on the target{kept}; "
        f"{_signed(_points(arm, EVAL))} points on custom-eval, against plain's "
        f"{_signed(_points(plain_arm, EVAL))}."
    )


def _ours(found: StudyFigures, ours: ArmFigures, plain_arm: ArmFigures) -> Iterator[str]:
    new = 100 * (ours.alpha or 0.0)
    yield visible(
        f"Ours is {ours.made_of}, {new:.0f} % of its weights and {100 - new:.0f} % of the start's: "
        "chosen on validation and custom-adapt, as the table of choices says."
    )
    share = kept_share(ours, plain_arm)
    if share is not None:
        word = "keeps" if share >= KEPT_SHARE else "keeps only"
        yield f"It {word} {plain(100 * share, 0)} % of plain's gain on the target (asked: 90 %)."
    change = ours.changes[EVAL]["eer"]
    if change.high is not None:
        high = 100 * change.high
        can = "is ruled out" if change.high <= MOST_LOSS else "cannot be ruled out"
        yield (
            f"On custom-eval the interval of its change ends at {signed(high, 1)} points, so a "
            f"loss of more than one point {can}."
        )
    for name, difference in found.against_plain.items():
        yield f"Ours beside plain on {SETS[name]}: {_sentences.comparison(difference)}"


def _seeds(found: StudyFigures) -> Iterator[str]:
    """Say how far seeds lie apart, where there are several."""
    for arm in found.arms:
        eers = [one.figures[TEST]["eer"].value for one in arm.seeds]
        known = [100 * eer for eer in eers if eer is not None]
        if len(known) > 1:
            yield visible(
                f"Seeds of {arm.title}: EERs on the target from {plain(min(known), 1)} to "
                f"{plain(max(known), 1)} %."
            )


def kept_share(arm: ArmFigures, plain_arm: ArmFigures) -> float | None:
    """Give the share of plain's gain on the target that an arm keeps; None if plain gained none."""
    gain = -_points(plain_arm, TEST)
    if change_of(plain_arm.changes[TEST]["eer"]) is not Change.GAINED or gain <= 0:
        return None
    return -_points(arm, TEST) / gain


def checks(found: StudyFigures) -> Iterator[tuple[str, bool]]:
    """List what this study was asked to show, and whether it does."""
    plain_arm, ours = found.arm(PLAIN), found.arm(OURS)
    if plain_arm is None:
        return
    yield "plain gains at least 10 points on the target", -_points(plain_arm, TEST) >= LEAST_GAIN
    yield "plain loses at least 5 points on custom-eval", _points(plain_arm, EVAL) >= LEAST_LOSS
    if ours is not None:
        share = kept_share(ours, plain_arm)
        yield "ours keeps at least 90 % of that gain", share is not None and share >= KEPT_SHARE
        high = ours.changes[EVAL]["eer"].high
        yield (
            "the interval of ours' change on custom-eval ends at +1 point or below",
            high is not None and high <= MOST_LOSS,
        )
    measure = found.before[EVAL]["eer"]
    yield (
        "custom-eval has at least 300 clips of each label",
        min(measure.n_bona_fide, measure.n_spoof) >= FEWEST,
    )


def before_words(found: StudyFigures) -> str:
    """Say where the starting detector stood."""
    told = " and ".join(f"{percent(found.before[n]['eer'])} on {SETS[n]}" for n in SETS)
    return f"Before fine-tuning, the EER was {told}."


def _points(arm: ArmFigures, name: str) -> float:
    """Give the change in EER, as a fraction."""
    return _value(arm.changes[name]["eer"])


def _value(difference: Difference) -> float:
    return difference.value or 0.0


def _signed(points: float) -> str:
    return signed(100 * points, 1)


def arm_named(found: StudyFigures, name: str) -> ArmFigures | None:
    """Find an arm; None if it was not asked for."""
    return found.arm(name)


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
