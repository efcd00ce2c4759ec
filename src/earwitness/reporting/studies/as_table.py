"""A study → a plain table for JSON; rates are fractions, and what is missing is null."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from earwitness.evaluation.differences import Difference
from earwitness.evaluation.forgetting import change_of
from earwitness.evaluation.records import Measure
from earwitness.reporting.studies import _words, original
from earwitness.reporting.studies.records import ArmFigures, Figures, StudyFigures

SCHEMA_VERSION = 1


def table(found: StudyFigures) -> dict[str, Any]:
    """Lay a study out for JSON."""
    plain = _words.arm_named(found, "plain")
    return {
        "schema_version": SCHEMA_VERSION,
        "model": found.model,
        "target": found.target,
        "custom": found.custom,
        "is_standin": found.is_standin,
        "counts_differ": found.counts_differ or None,
        "parts": [asdict(part) for part in found.parts],
        "resampled": dict(found.drawn),
        "left_out": dict(found.left_out),
        "before": {
            **_figures(found.before), "validation": found.before_dev,
            "custom_adapt": found.before_adapt,
        },
        "arms": {arm.name: _arm(arm, plain) for arm in found.arms},
        "ours_against_plain": {n: _difference(d) for n, d in found.against_plain.items()},
        "choices": [asdict(one) for one in found.choices],
        "checks": dict(_words.checks(found)),
        "discussion": list(_words.discussion(found)),
        "original": [
            {
                "data": row.data, "when": row.when, "eer": _measure(row.eer_measure()),
                "auc_as_printed": row.auc, "auc_put_right": _measure(row.auc_measure()),
                "is_possible": row.claim.is_possible,
            }
            for row in original.ROWS
        ],
        "links": dict(found.links),
        "command": found.command,
        "date": found.date,
        "version": found.version,
    }  # fmt: skip


def _arm(arm: ArmFigures, plain: ArmFigures | None) -> dict[str, Any]:
    return {
        "title": arm.title,
        "made_of": arm.made_of or None,
        "alpha": arm.alpha,
        "validation": arm.dev_eer,
        "custom_adapt": arm.adapt_eer,
        "best_seed": arm.best_seed,
        "mean": _figures(arm.means),
        "changes": {
            name: {measure: _difference(one) for measure, one in changes.items()}
            for name, changes in arm.changes.items()
        },
        "share_of_plains_gain": None if plain is None else _words.kept_share(arm, plain),
        "seeds": [
            {
                "seed": one.seed, "rate": one.rate, "chosen_epoch": one.chosen_epoch,
                "detector": one.detector, "curve": [asdict(row) for row in one.curve],
                **_figures(one.figures),
            }
            for one in arm.seeds
        ],
    }  # fmt: skip


def _figures(figures: Figures) -> dict[str, Any]:
    return {name: {m: _measure(one) for m, one in told.items()} for name, told in figures.items()}


def _measure(one: Measure) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "name"}


def _difference(one: Difference) -> dict[str, Any]:
    return {**asdict(one), "value": one.value, "verdict": change_of(one).value}
