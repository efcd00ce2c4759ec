"""The application: routes, guards, and what becomes of errors. ``build`` is the way in."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

import earwitness
from earwitness.apps.api import problems, routes
from earwitness.apps.api.desk import Desk, Stopped
from earwitness.apps.api.guards.keys import KeyGuard, read_keys
from earwitness.apps.api.guards.origins import OriginGuard
from earwitness.apps.api.guards.rates import RateGuard
from earwitness.apps.api.guards.sizes import SizeGuard
from earwitness.apps.api.guards.telling import Telling
from earwitness.apps.api.jobs import Jobs
from earwitness.apps.api.manual import manual_page
from earwitness.apps.api.schemas import Problem as ProblemBody
from earwitness.apps.api.settings import ApiSettings
from earwitness.apps.api.stream_route import stream_route
from earwitness.apps.api.streams import Streams
from earwitness.apps.api.uploads import Spool
from earwitness.detector import Detector
from earwitness.errors import EarwitnessError

_LOG = logging.getLogger("earwitness.apps.api")
_LOG.addHandler(logging.NullHandler())
_REF = {"$ref": "#/components/schemas/Problem"}


@dataclass(frozen=True)
class Built:
    """An application, and what has to be drained before it ends."""

    app: FastAPI
    desk: Desk
    jobs: Jobs
    spool: Spool
    streams: Streams


def build(
    detectors: Mapping[str, Detector],
    settings: ApiSettings | None = None,
    *,
    folder: Path | None = None,
) -> Built:
    """Put the application together.

    Args:
        detectors: by name, ready to listen; the first one is the usual one.
        settings: what is allowed.
        folder: where the folder for uploads is made; None for the system's place.

    Raises:
        SettingsError: the file of keys does not fit.
    """
    settings = settings or ApiSettings()
    keys = read_keys(settings.keys) if settings.keys else {}
    desk, spool = Desk(detectors, settings.limits), Spool(folder)
    jobs, streams = Jobs(desk), Streams(desk)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        desk.is_stopping = True
        jobs.close()
        streams.close()
        desk.close()
        spool.close()

    app = FastAPI(
        title="Earwitness",
        version=earwitness.__version__,
        summary="Tells bona fide (human) speech from spoofed speech, and says how sure it is.",
        docs_url=None,  # they would load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.include_router(routes.v1(desk, jobs, spool))
    app.include_router(stream_route(streams))
    app.include_router(routes.looking_after(desk))
    app.add_api_route("/docs", _manual(app), include_in_schema=False)
    _tell_problems(app, desk)
    _guard(app, settings, keys, desk)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return Built(app, desk, jobs, spool, streams)


def _guard(app: FastAPI, settings: ApiSettings, keys: dict[str, str], desk: Desk) -> None:
    """Set the guards up; the one that is added last stands outermost."""
    limits = settings.limits
    app.add_middleware(
        SizeGuard, most_mb=limits.upload_mb, idle_s=limits.idle_s, uploads=limits.uploads
    )
    app.add_middleware(RateGuard, a_minute=limits.rate)
    app.add_middleware(KeyGuard, keys=keys)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key"],
        )
    app.add_middleware(OriginGuard, hosts=settings.hosts, origins=settings.origins)
    app.add_middleware(Telling, metrics=desk.metrics)


def _tell_problems(app: FastAPI, desk: Desk) -> None:
    def told(problem: problems.Problem) -> Response:
        desk.metrics.count("problems_total", code=problem.code)
        return problem.response()

    @app.exception_handler(problems.Problem)
    async def of_problem(_: Request, problem: problems.Problem) -> Response:
        return told(problem)

    @app.exception_handler(EarwitnessError)
    async def of_error(_: Request, error: EarwitnessError) -> Response:
        return told(problems.of_error(error))

    @app.exception_handler(Stopped)
    async def of_stopped(_: Request, error: Stopped) -> Response:
        del error
        return told(problems.stopping())

    @app.exception_handler(RequestValidationError)
    async def of_request(_: Request, error: RequestValidationError) -> Response:
        return told(problems.Problem(422, "request.invalid", _what_is_wrong(error)))

    @app.exception_handler(HTTPException)
    async def of_http(_: Request, error: HTTPException) -> Response:
        code = {404: "request.no_such_page", 405: "request.method"}.get(
            error.status_code, "request.invalid"
        )
        return told(
            problems.Problem(error.status_code, code, f"{error.detail}. See /docs.", error.headers)
        )

    @app.exception_handler(Exception)
    async def of_surprise(_: Request, error: Exception) -> Response:
        _LOG.error("a request failed", exc_info=error)
        detail = "The server made a mistake; its log says more. The request was not answered."
        return told(problems.Problem(500, "server.failed", detail))


def _what_is_wrong(error: RequestValidationError) -> str:
    first: dict[str, Any] = next(iter(error.errors()), {})
    where = " ".join(str(step) for step in first.get("loc", ()))
    seen = ascii(first.get("input"))[:80]
    return f"{where}: {first.get('msg', 'does not fit')}, but got {seen}. See /docs."


def _manual(app: FastAPI) -> Callable[[], Awaitable[Response]]:
    async def manual() -> Response:
        return Response(manual_page(app.openapi()), media_type="text/html")

    return manual


def _described(app: FastAPI) -> dict[str, Any]:
    """Make the OpenAPI document, with our problems in the place of FastAPI's own."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes
        )
        schemas = made["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schemas["Problem"] = ProblemBody.model_json_schema()
        for operations in made["paths"].values():
            for operation in operations.values():
                _describe_problems(operation["responses"])
        app.openapi_schema = made
    return app.openapi_schema


def _describe_problems(answers: dict[str, Any]) -> None:
    for status, answer in answers.items():
        if int(status) >= 400:
            answer["content"] = {problems.MEDIA_TYPE: {"schema": _REF}}
