"""What requests say in their address → ``Asked``, and the cards of detectors that are served."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query

from earwitness.apps.api.desk import Asked
from earwitness.apps.api.schemas import ModelBody, Point
from earwitness.decision import BALANCED
from earwitness.detector import Detector

_Name = Annotated[str | None, Query(min_length=1, max_length=100)]
_LATEST_S = 10_000_000


def asked(
    model: Annotated[_Name, Query(description="a name of GET /v1/models")] = None,
    operating_point: Annotated[_Name, Query(description="where the line is drawn")] = None,
    prior: Annotated[
        float | None,
        Query(gt=0, lt=1, description="of a spoof; draws the line instead of an operating point"),
    ] = None,
    channel: Annotated[
        Literal["mix"] | Annotated[int, Query(ge=0, le=1000)],
        Query(description="mix, or one channel, counted from 0"),
    ] = "mix",
    start_s: Annotated[float, Query(ge=0, le=_LATEST_S)] = 0.0,
    end_s: Annotated[
        float | None, Query(gt=0, le=_LATEST_S, description="the end of the recording if left out")
    ] = None,
) -> Asked:
    """Read the question about a recording."""
    return Asked(model, operating_point, prior, channel, start_s, end_s)


def model_body(name: str, detector: Detector, *, is_default: bool) -> ModelBody:
    """Lay out the card of a detector, without where it lies on this machine."""
    card, point = detector.card, detector.point
    points = {
        known: Point(threshold=one.threshold, prior=one.prior, purpose=one.purpose)
        for known, one in card.operating_points.items()
    }
    if card.calibration is not None:
        usual = Point(threshold=BALANCED.threshold, prior=BALANCED.prior, purpose="equal odds")
        points.setdefault(BALANCED.name, usual)
        own = Point(threshold=point.threshold, prior=point.prior, purpose="of this server")
        points.setdefault(point.name, own)
    return ModelBody(
        name=name,
        title=card.title,
        default=is_default,
        version=card.version,
        licence=card.licence,
        origin=card.origin,
        training_data=card.training_data,
        sample_rate=card.sample_rate,
        parameters=card.parameters,
        is_calibrated=card.calibration is not None,
        settings_hash=detector.settings_hash(),
        windows=card.windows,
        operating_points=points,
        quality=card.quality,
    )
