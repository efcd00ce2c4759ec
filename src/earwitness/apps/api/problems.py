"""What goes wrong → problem+json (RFC 9457) with our stable codes, and the one map to statuses."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from earwitness import errors

MEDIA_TYPE = "application/problem+json"

STATUSES = (
    (errors.AudioError, 422),
    (errors.SettingsError, 422),
    (errors.UnknownName, 422),
    (errors.WeightsMissing, 404),
    (errors.ModelError, 503),
    (errors.ProtocolError, 422),
    (errors.MissingExtra, 501),
)


class Problem(Exception):
    """A request that is not answered, with the reason.

    Args:
        status: of HTTP.
        code: stable, for programs.
        detail: what happened, the value seen, and what to do.
        headers: that go with it.
    """

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = dict(headers or {})

    def table(self) -> dict[str, Any]:
        """Lay it out as RFC 9457 wants it."""
        return {
            "type": f"urn:earwitness:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }

    def response(self) -> Response:
        """Make the answer."""
        return Response(
            json.dumps(self.table()),
            status_code=self.status,
            headers=self.headers,
            media_type=MEDIA_TYPE,
        )


def of_error(error: errors.EarwitnessError) -> Problem:
    """Give the problem of one of our own errors."""
    status = next((status for family, status in STATUSES if isinstance(error, family)), 500)
    return Problem(status, error.code, str(error))


def too_long(duration_s: float, *, way_out: str = "") -> Problem:
    """Refuse a recording for its length."""
    detail = f"The recording is longer than {duration_s:g} s, which is the most here.{way_out}"
    return Problem(413, "audio.too_long", detail)


def too_large(most_mb: float) -> Problem:
    """Refuse a body for its size."""
    detail = f"The request is larger than {most_mb:g} MB, which is the most here. Send less."
    return Problem(413, "request.too_large", detail, {"Connection": "close"})


def busy(wait_s: float, what: str = "recordings") -> Problem:
    """Ask to come again, for there is no place left to wait in."""
    return later(f"There are as many {what} here as may wait.", "server.busy", wait_s)


def later(why: str, code: str, wait_s: float) -> Problem:
    """Ask to come again in a while."""
    seconds = max(1, math.ceil(wait_s))
    detail = f"{why} Come again in {seconds} s."
    return Problem(429, code, detail, {"Retry-After": str(seconds)})


def stopping() -> Problem:
    """Say that the server is about to stop."""
    headers = {"Retry-After": "5", "Connection": "close"}
    return Problem(503, "server.stopping", "The server is stopping. Come again soon.", headers)
