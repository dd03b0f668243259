"""The description of the API that clients and the mini-program's types are made from."""

from collections import Counter
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

from tests.build.calling import told


def models(known: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    """Every model of ours; each once, however it is derived."""
    for model in known.__subclasses__():
        if model.__module__.startswith(("backend.api", "backend.http")):
            yield model
        yield from models(model)


@pytest.mark.usefixtures("app")
def test_no_two_models_share_a_name() -> None:
    """The description knows them by name alone: of two alike it would show one for both."""
    names = Counter(model.__name__ for model in set(models()))
    assert len(names) > 150
    assert [name for name, count in names.items() if count > 1] == []


def test_each_settlement_is_described_by_what_it_takes(client: FlaskClient) -> None:
    description = told(client.get("/openapi/openapi.json"))
    taken = {}
    for what, answer in (
        ("owner-verifications/{verification_id}", "decision"),
        ("rectification-requests/{rectification_request_id}", "answer"),
    ):
        post = description["paths"][f"/api/v1/{what}/{answer}"]["post"]
        reference = post["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = description["components"]["schemas"][reference.rpartition("/")[2]]
        taken[what.partition("/")[0]] = set(schema["properties"])
    assert taken == {
        "owner-verifications": {"verified", "reason"},
        "rectification-requests": {"done", "answer"},
    }
