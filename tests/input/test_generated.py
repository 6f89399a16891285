"""Requests that schemathesis makes from the OpenAPI object: right in form, and wrong in every way it knows."""

import json

import pytest
import requests
import schemathesis
from django.db import transaction as savepoints
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from shangquan.config.api import api
from tests.input.asking import bearer, caller, check_refusal, counts
from tests.isolation.walk import Operation, operations
from tests.isolation.world import HOSTS, World

SCHEMA = json.loads(json.dumps(api.get_openapi_schema(), default=str))
EXAMPLES = 1
CALM = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _takes_input(operation: Operation) -> bool:
    told = SCHEMA["paths"][operation.path][operation.method.lower()]
    return bool(operation.body or told.get("parameters"))


def _ask(case: schemathesis.Case, operation: Operation, before: dict[str, int]) -> tuple[int, str]:
    """(status, what was wrong with the answer). What a good request changed is taken back."""
    mark = savepoints.savepoint()
    what = f"{operation} {case.path_parameters} {case.query} {case.body!r}"[:900]
    try:
        made = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
        answer = caller().generic(
            operation.method,
            (made.path_url or "/").replace("?&", "?"),
            made.body or b"",
            content_type=made.headers.get("Content-Type", "application/json"),
            headers=dict(made.headers) | bearer(operation) | {"host": HOSTS[0]},
        )
        if answer.status_code >= 400:
            check_refusal(answer.status_code, answer.content, what)
            assert counts() == before, f"{what}: refused, but changed"
        return answer.status_code, ""
    except Exception as broken:
        return 500, f"{what}: {broken!r}"
    finally:
        savepoints.savepoint_rollback(mark)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["well-formed", "malformed"])
def test_no_generated_request_breaks_anything_and_what_is_refused_changes_nothing(
    world: World, mode: GenerationMode
) -> None:
    before, schema = counts(), schemathesis.openapi.from_dict(SCHEMA)
    answers: list[tuple[int, str]] = []
    for operation in filter(_takes_input, operations()):
        cases = schema[operation.path][operation.method].as_strategy(generation_mode=mode)

        @CALM
        @given(st.tuples(cases, st.just(operation)))
        def attack(drawn: tuple[schemathesis.Case, Operation]) -> None:
            answers.append(_ask(*drawn, before))

        attack()
    assert not [wrong for _, wrong in answers if wrong], "\n".join(wrong for _, wrong in answers if wrong)
    refused = [status for status, _ in answers if status >= 400]
    assert len(answers) >= 50 and len(refused) > len(answers) / 4
    assert mode is GenerationMode.NEGATIVE or len(refused) < len(answers)
