"""Generated requests against the served description: no 5xx, no undocumented answer."""

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.schemas import BaseSchema

from tests.api.acting import TOKEN, Players

EXAMPLES = 5
IDS = {}


@pytest.fixture
def served(app: Flask, players: Players) -> BaseSchema:
    """The description as served, while a case is in the middle of its way."""
    village = players.village
    purchase, notice_id = village.publicised()
    IDS.update(
        purchase_id=purchase.id,
        notice_id=notice_id,
        plan_id=purchase.plan_id,
        estate_id=village.estate,
    )
    return schemathesis.openapi.from_wsgi("/openapi/openapi.json", app)


schema = schemathesis.pytest.from_fixture("served")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_no_generated_request_gets_an_undocumented_answer(case: Case) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN.format('clerk')}"})
