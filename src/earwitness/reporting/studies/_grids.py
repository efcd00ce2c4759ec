"""A study → tables of text, the same for the page and for the text report."""

from __future__ import annotations

from earwitness.evaluation.forgetting import change_of
from earwitness.evaluation.records import Measure
from earwitness.reporting.evaluations import _sentences
from earwitness.reporting.evaluations._numbers import decimal, percent, plain, value_only
from earwitness.reporting.evaluations._tables import Grid
from earwitness.reporting.studies import _words, original
from earwitness.reporting.studies._words import SETS
from earwitness.reporting.studies.records import ArmFigures, Choice, StudyFigures

NONE = "–"


def clips(found: StudyFigures) -> Grid:
    """Tell how many clips of each class serve for what."""
    rows = [
        (
            part.title, f"{part.real:,}", f"{part.fake:,}",
            NONE if part.sources is None else f"{part.sources:,}", part.use,
        )
        for part in found.parts
    ]  # fmt: skip
    return Grid(("part", "real", "fake", "sources", "use"), tuple(rows), (1, 2, 3))


def gained_lost(found: StudyFigures) -> Grid:
    """Tell what each arm gained and lost, paired with before."""
    rows = []
    for arm in found.arms:
        cells = [arm.title]
        for name in SETS:
            change = arm.changes[name]["eer"]
            cells += [_sentences.size(change), change_of(change).value]
        rows.append(tuple(cells))
    head = ("arm", *(text for title in SETS.values() for text in (f"EER, {title}", "verdict")))
    return Grid(head, tuple(rows), (1, 3), "Changes in EER, mean over seeds less before.")


def arms(found: StudyFigures, name: str) -> Grid:
    """Tell all measures of one set, before and after."""
    rows = [("before", *(_cell(found.before[name][m]) for m in _MEASURES), NONE)]
    rows += [
        (arm.title, *(_cell(arm.means[name][m]) for m in _MEASURES), _seeds(arm, name))
        for arm in found.arms
    ]
    head = ("arm", "EER, mean", "AUC, mean", "minDCF, mean", "EER, each seed")
    caption = (
        f"{SETS[name]}: {_n(found, name)}; intervals draw {found.drawn[name]}. The best seed, by "
        "validation, stands in brackets."
    )
    return Grid(head, tuple(rows), (1, 2, 3, 4), caption)


def _seeds(arm: ArmFigures, name: str) -> str:
    """List each seed's EER, the best seed's in brackets."""
    told = []
    for one in arm.seeds:
        value = value_only(one.figures[name]["eer"]).removesuffix(" %")
        told.append(f"({value})" if one.seed == arm.best_seed else value)
    return f"{', '.join(told)} %"


def losses(found: StudyFigures) -> Grid:
    """Tell how training ended, beside the original study."""
    rows = []
    for arm in found.arms:
        if arm.alpha is not None:
            rows.append((arm.title, NONE, NONE, NONE, NONE, _made_of(arm)))
            continue
        rate = arm.seeds[0].rate
        rows.append(
            (
                arm.title, NONE if rate is None else f"{rate:g}", _last(arm, "train_loss"),
                _last(arm, "dev_loss"), ", ".join(str(one.chosen_epoch) for one in arm.seeds),
                arm.told,
            )
        )  # fmt: skip
    rows.append(
        ("original study", "1e-06", f"{original.TRAIN_LOSS}", f"{original.DEV_LOSS}", NONE,
         "as printed; on FoR, with another network")
    )  # fmt: skip
    head = ("arm", "rate", "final train loss", "final dev loss", "epoch kept", "what it does")
    return Grid(head, tuple(rows), (1, 2, 3, 4), "Losses after the last epoch, mean over seeds.")


def choice(one: Choice) -> Grid:
    """Tell what a choice was made among."""
    rows = [
        (
            f"{tried.name}{' (chosen)' if tried.is_chosen else ''}", _per_cent(tried.dev_eer),
            NONE if tried.adapt_eer is None else _per_cent(tried.adapt_eer),
        )
        for tried in one.candidates
    ]  # fmt: skip
    return Grid(("candidate", "EER, validation", "EER, custom-adapt"), tuple(rows), (1, 2),
                f"{one.title}: {one.rule}.")  # fmt: skip


def checks(found: StudyFigures) -> Grid:
    """Tell what the study was asked to show, and whether it does."""
    rows = [(title, "yes" if is_shown else "no") for title, is_shown in _words.checks(found)]
    return Grid(("asked for", "shown"), tuple(rows))


def original_figures() -> Grid:
    """Tell the original study's figures, put right."""
    rows = [
        (
            row.data, row.when, percent(row.eer_measure()), plain(row.auc, 3),
            "yes" if row.claim.is_possible else "no", decimal(row.auc_measure()),
            f"{row.each} + {row.each}{'' if row.each == original.TESTING_EACH else ' assumed'}",
        )
        for row in original.ROWS
    ]  # fmt: skip
    head = ("data", "when", "EER", "AUC as printed", "possible beside that EER", "AUC put right",
            "n")  # fmt: skip
    return Grid(head, tuple(rows), (2, 3, 5))


_MEASURES = ("eer", "auc", "min_dcf")


def _cell(measure: Measure) -> str:
    return percent(measure) if measure.name == "eer" else decimal(measure)


def _n(found: StudyFigures, name: str) -> str:
    measure = found.before[name]["eer"]
    return f"{measure.n_bona_fide:,} real + {measure.n_spoof:,} fake"


def _last(arm: ArmFigures, what: str) -> str:
    """Give the mean over seeds of a loss after the last epoch."""
    values = [getattr(one.curve[-1], what) for one in arm.seeds if one.curve]
    known = [value for value in values if value is not None]
    return f"{sum(known) / len(known):.3f}" if known else NONE


def _made_of(arm: ArmFigures) -> str:
    new = 100 * (arm.alpha or 0.0)
    return f"{new:.0f} % of {arm.made_of}, {100 - new:.0f} % of the start; no training of its own"


def _per_cent(eer: float) -> str:
    return f"{100 * eer:.1f} %"
