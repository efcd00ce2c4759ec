"""The OpenAPI document holds what it says: schemathesis finds no answer that it does not know."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

from serving import await_that, serving

pytestmark = [pytest.mark.serve, pytest.mark.slow]

OPERATIONS = [
    "GET /v1/models",
    "POST /v1/detect",
    "POST /v1/jobs",
    "GET /v1/jobs/{job_id}",
    "DELETE /v1/jobs/{job_id}",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_one_that_is_described(operation: str) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    from schemathesis.specs.openapi import checks

    method, _, path = operation.partition(" ")
    with serving() as served:
        described = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
        found = described[path][method]

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=found.as_strategy())
        def answers(case: object) -> None:
            case.call_and_validate(  # type: ignore[attr-defined]
                checks=[
                    schemathesis.checks.not_a_server_error,
                    checks.status_code_conformance,
                    checks.content_type_conformance,
                    checks.response_schema_conformance,
                ]
            )

        answers()
        # Jobs that were taken on are still being worked off; their uploads go as they end.
        await_that(lambda: served.left_files == [], at_most_s=120.0)


def test_no_operation_is_left_out() -> None:
    with serving() as served:
        paths = httpx.get(f"{served.url}/openapi.json").json()["paths"]
    found = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert found == set(OPERATIONS)
