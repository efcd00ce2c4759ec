"""The routes of ``/v1`` and those that look after the server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

import earwitness
from earwitness.apps.api import metrics as counting
from earwitness.apps.api.asking import asked as read_question
from earwitness.apps.api.asking import model_body
from earwitness.apps.api.desk import Asked, Desk
from earwitness.apps.api.guards.keys import CLIENT
from earwitness.apps.api.jobs import Job, Jobs
from earwitness.apps.api.problems import Problem, stopping
from earwitness.apps.api.schemas import (
    FailureBody,
    FileBody,
    HealthBody,
    JobBody,
    ModelsBody,
    VerdictBody,
    failure_body,
    verdict_body,
)
from earwitness.apps.api.uploads import Spool
from earwitness.records import Failure, Verdict

Question = Annotated[Asked, Depends(read_question)]
JobId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[\w-]+$")]
_LONGEST_WAIT_S = 30


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe what may go wrong for OpenAPI; ``app`` adds the schema and its media type."""
    return {status: {"description": "see code and detail"} for status in statuses}


def _body(what: str, *, is_list: bool) -> dict[str, Any]:
    """Describe a body that is read by hand, piece by piece."""
    file = {"type": "string", "format": "binary"}
    part = {"type": "array", "items": file, "minItems": 1} if is_list else file
    form = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": part},
        "additionalProperties": False,
    }
    content: dict[str, Any] = {"multipart/form-data": {"schema": form}}
    if not is_list:
        content["application/octet-stream"] = {"schema": file}
    return {"requestBody": {"required": True, "description": what, "content": content}}


def v1(desk: Desk, jobs: Jobs, spool: Spool) -> APIRouter:
    """Make the routes of ``/v1``."""
    router = APIRouter(prefix="/v1")
    _detecting(router, desk, spool)
    _long_ones(router, jobs, spool)
    return router


def _detecting(router: APIRouter, desk: Desk, spool: Spool) -> None:
    @router.get("/models", tags=["models"], responses=_problems(400, 401, 403, 421, 422, 429))
    async def models() -> ModelsBody:
        """List the detectors that are served."""
        pairs = enumerate(desk.detectors.items())
        bodies = [model_body(name, one, is_default=at == 0) for at, (name, one) in pairs]
        return ModelsBody(models=bodies)

    @router.post(
        "/detect",
        tags=["detect"],
        responses=_problems(400, 401, 403, 408, 413, 415, 421, 422, 429, 503, 504),
        openapi_extra=_body("one recording, in any form that the library reads", is_list=False),
    )
    async def detect(request: Request, question: Question) -> VerdictBody:
        """Listen to one recording and say what it is."""
        desk.refuse_if_full()
        async with spool.one(request) as upload:
            verdict = await _unless_left(request, desk.answer(question, upload))
        return verdict_body(verdict, question.part(upload.label))


def _long_ones(router: APIRouter, jobs: Jobs, spool: Spool) -> None:
    most = jobs.limits.job_files

    @router.post(
        "/jobs",
        status_code=202,
        tags=["jobs"],
        responses=_problems(400, 401, 403, 408, 413, 415, 421, 422, 429, 503),
        openapi_extra=_body(f"one recording or several, up to {most}", is_list=True),
    )
    async def add(request: Request, response: Response, question: Question) -> JobBody:
        """Take in recordings, to be listened to later; ask after them at ``Location``."""
        jobs.refuse_if_full()
        async with spool.several(request, most=most) as uploads:
            job = jobs.add(question, uploads, request.scope.get(CLIENT))
            uploads.clear()  # they are the job's now
        response.headers["Location"] = f"/v1/jobs/{job.id}"
        response.headers["Retry-After"] = "1"
        return _job_body(jobs, job)

    @router.get(
        "/jobs/{job_id}", tags=["jobs"], responses=_problems(400, 401, 403, 404, 421, 422, 429)
    )
    async def ask_after(
        request: Request,
        job_id: JobId,
        wait_s: Annotated[float, Query(ge=0, le=_LONGEST_WAIT_S)] = 0.0,
    ) -> JobBody:
        """Say how far a job is, and what it found; wait for its end for some seconds."""
        job = jobs.find(job_id, request.scope.get(CLIENT))
        await jobs.wait(job, wait_s)
        return _job_body(jobs, job)

    @router.delete(
        "/jobs/{job_id}",
        tags=["jobs"],
        responses={
            204: {"description": "it was over; its results are forgotten"},
            **_problems(400, 401, 403, 404, 421, 422, 429),
        },
        response_model=JobBody,
    )
    async def cancel(request: Request, job_id: JobId) -> JobBody | Response:
        """Stop a job; forget the results of one that is over."""
        job = jobs.find(job_id, request.scope.get(CLIENT))
        if jobs.cancel(job):
            return _job_body(jobs, job)
        return Response(status_code=204)


def looking_after(desk: Desk) -> APIRouter:
    """Make the routes for whoever runs the server."""
    router = APIRouter(tags=["server"])

    @router.get("/healthz")
    async def healthz() -> HealthBody:
        """Say that the server lives."""
        return HealthBody(status="ok", version=earwitness.__version__)

    @router.get("/readyz", responses=_problems(503))
    async def readyz() -> HealthBody:
        """Say whether the server takes in recordings."""
        if desk.is_stopping:
            raise stopping()
        return HealthBody(status="ok", version=earwitness.__version__)

    @router.get(
        "/metrics",
        response_class=Response,
        responses={
            200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
            **_problems(400, 401, 403, 421, 429),
        },
    )
    async def metrics() -> Response:
        """Give counts of what the server does, for Prometheus."""
        return Response(desk.metrics.text(), headers={"Content-Type": counting.MEDIA_TYPE})

    return router


async def _unless_left(request: Request, answering: Coroutine[Any, Any, Verdict]) -> Verdict:
    """Wait for an answer as long as its client does.

    Raises:
        Problem: the client has left; nobody will read it.
    """
    answer, leaving = asyncio.ensure_future(answering), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({answer, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        raise Problem(400, "request.broken_off", "The client left before its answer.")
    finally:
        leaving.cancel()
        answer.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _job_body(jobs: Jobs, job: Job) -> JobBody:
    expires_at = jobs.expires_at(job)
    results: list[VerdictBody | FailureBody] = []
    for file in job.files:
        part = job.asked.part(file.upload.label)
        if isinstance(file.found, Failure):
            results.append(failure_body(file.found, part))
        elif file.found is not None:
            results.append(verdict_body(file.found, part))
    return JobBody(
        id=job.id,
        status=job.status,
        created_at=job.created_at.isoformat(timespec="seconds"),
        expires_at=expires_at.isoformat(timespec="seconds") if expires_at else None,
        files=[
            FileBody(
                source=file.upload.label,
                status=file.status,
                done_s=file.done_s,
                total_s=file.total_s,
            )
            for file in job.files
        ],
        results=results,
    )
