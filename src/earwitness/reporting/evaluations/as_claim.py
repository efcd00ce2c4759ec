"""A checked claim → lines for people, and a table for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from earwitness.evaluation.claims import Claim, Reading

_FAR_FROM_GAUSSIAN = 0.1


def lines(claim: Claim) -> Iterator[str]:
    """Say whether a published pair is possible, and what it may have been meant to be."""
    printed = claim.as_printed
    yield f"Claim: EER {_percent(printed.eer)}, AUC {printed.auc:g}{_n(claim)}"
    yield (
        f"With an EER of {_percent(printed.eer)}, every ROC curve has an AUC from "
        f"{printed.low:.4f} to {printed.high:.4f}."
    )
    if claim.eer_interval is not None and claim.auc_interval is not None:
        eer, auc = claim.eer_interval, claim.auc_interval
        yield (
            f"So many independent trials leave an EER of {_percent(eer.value)} open from "
            f"{100 * eer.low:.1f} to {100 * eer.high:.1f} %, and an AUC of {auc.value:g} from "
            f"{auc.low:.3f} to {auc.high:.3f} (95 %)."
        )
    if claim.is_possible:
        yield f"POSSIBLE: one set of scores can have both{_leeway(claim)}. {_hint(claim)}"
        return
    yield "IMPOSSIBLE: no set of scores with one set of labels has both."
    yield from _mirrored(claim)


def table(claim: Claim) -> dict[str, Any]:
    """Lay a claim out for programs."""
    return {"is_possible": claim.is_possible, **asdict(claim)}


def _leeway(claim: Claim) -> str:
    """Say why a pair outside of the bounds may still be one."""
    if claim.as_printed.lies_within:
        return ""
    few = " and for so few trials" if claim.published.n_bona_fide is not None else ""
    return f", within the digits that were printed{few}"


def _mirrored(claim: Claim) -> Iterator[str]:
    auc, eer = claim.auc_mirrored, claim.eer_mirrored
    if auc.is_possible:
        yield (
            f"Turned round, the AUC is {auc.auc:.4f}, and that is possible with an EER of "
            f"{_percent(auc.eer)}: most likely the AUC was computed with spoof as the positive "
            "class (labels 1 for fake, scores higher for real), or from labels in another order "
            f"than the scores. {_hint(claim, auc)}"
        )
    if eer.is_possible:
        yield (
            f"Or the AUC is right and the EER is {_percent(eer.eer)}: then the scores point the "
            "wrong way, and the EER was read as if they did not."
        )
    if not (auc.is_possible or eer.is_possible):
        yield "Nor is it with either of them turned round: they come from different scores."


def _hint(claim: Claim, reading: Reading | None = None) -> str:
    auc = (reading or claim.as_printed).auc
    told = f"Two bell curves of one width would have an AUC of {claim.gaussian_auc:.3f} at that EER"
    if abs(auc - claim.gaussian_auc) > _FAR_FROM_GAUSSIAN:
        return f"{told}: that is far off, so look at the scores."
    return f"{told}."


def _percent(value: float) -> str:
    return f"{100 * value:.4g} %"


def _n(claim: Claim) -> str:
    one = claim.published
    if one.n_bona_fide is None or one.n_spoof is None:
        return ""
    return f", {one.n_bona_fide:,} bona fide + {one.n_spoof:,} spoof"
