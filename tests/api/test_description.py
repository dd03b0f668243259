"""The description of the API that clients and the mini-program's types are made from."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import BaseModel

from backend.app import create_app
from backend.domain.refusals import CODES
from backend.http.description import fields, operations
from backend.http.parts import NAME
from backend.http.present import Asked
from backend.http.routes import DECLARATIONS, DescribedLater
from tests.build.calling import told

# Codes that no route declares: any of them may give these, …
EVERYWHERE = {"busy", "internal_error", "method_not_allowed", "refused"}
# … these the house says to itself (of its own steps, the ledger, the calendar), …
TO_ITSELF = {
    *("account_not_a_source", "approval_needed", "approval_not_reached"),
    *("answer_owed", "still_time"),
    *("cover_not_begun", "cover_not_over", "entry_differs"),
    *("entry_unbalanced", "name_repeated", "no_pending_hold", "no_successor"),
    "policy_missing",
    *("deposit_short", "shares_outstanding"),
    *("no_verified_objection", "objection_late", "premium_above_hold"),
    *(
        "premium_already_held",
        "refusal_not_reached",
        "scene_invalid",
        "spread_not_positive",
        "term_differs",
        "term_invalid",
    ),
    *("vote_carried", "vote_not_carried", "vote_still_open"),
    *("weight_negative", "weights_missing", "weights_zero"),
}
# … and these to whoever is on the command line.
ON_THE_SERVER = {
    *("channel_not_closed", "message_not_waiting"),
    *("amount_invalid", "amount_negative", "city_unknown", "date_invalid", "date_out_of_range"),
    *("days_out_of_range", "holiday_file_invalid", "holiday_file_unreadable", "kind_unknown"),
    *("person_unknown", "weight_invalid"),
}
# … and these at the desk alone.
AT_THE_DESK = {
    *(
        "answer_proposes_nothing",
        "bank_headings_missing",
        "statement_amount_invalid",
        "statement_both_sides",
        "statement_column_missing",
        "statement_column_unknown",
        "statement_day_invalid",
        "statement_reference_unreadable",
        "batch_empty",
        "batch_not_whole",
        "batch_overtaken",
    ),
    *(
        *("agreed_banks_differ", "agreed_rate_missing", "agreed_rate_repeated", "agreement_days"),
        *(
            "agreement_known",
            "decision_before_owed",
            "decision_known",
            "decision_withdrawn",
            "nothing_owed",
            "agreement_withdrawn",
            "offer_repeated",
            "offers_too_few",
        ),
    ),
    *(
        "batch_submitted",
        "batch_too_long",
        "file_unreadable",
        "import_gone",
        "import_has_problems",
        "own_import",
    ),
    "payment_not_open",
    *("callback_not_dead", "clause_ended", "clause_known", "export_too_long", "filters_too_many"),
    "insurer_known",
    *("message_is_over", "message_not_failed", "message_not_repeatable", "message_sent_again"),
    *("message_unreachable", "payee_account_missing", "second_factor_enrolled"),
    *(
        "desk_account_of_self",
        "second_factor_by_invitation",
        "desk_account_wrong",
        "passphrase_not_noted",
        "too_many_desk_tries",
    ),
    *("handover_changed", "handover_empty", "successor_unfit"),
    *("invitation_not_accepted", "invitation_number_wrong"),
    *("second_factor_of_self", "selection_days_invalid", "selection_gap", "selection_not_running"),
}


@pytest.fixture
def description(client: FlaskClient) -> Any:
    return told(client.get("/openapi/openapi.json"))


def schemas(description: Any) -> Iterator[tuple[str, Any]]:
    """Every field and parameter: where it is, and its schema."""
    for model, schema in description["components"]["schemas"].items():
        for name, field in schema.get("properties", {}).items():
            yield f"{model}.{name}", field
    for operation in operations(description):
        for parameter in operation.get("parameters", ()):
            where = f"{operation['operationId']} {parameter['name']}"
            yield where, {**parameter["schema"], "description": parameter.get("description")}


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


def test_each_settlement_is_described_by_what_it_takes(description: Any) -> None:
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


def test_every_field_and_parameter_has_words(description: Any) -> None:
    """A new field needs a line in `backend/http/fields.toml`."""
    found = dict(schemas(description))
    assert len(found) > 800
    assert [where for where, field in found.items() if not field.get("description")] == []


def test_every_example_is_one_that_the_field_would_take(description: Any) -> None:
    wrong = []
    for where, field in schemas(description):
        examples = field.get("examples", ())
        refers = {"components": description["components"]} if "$ref" in str(field) else {}
        check = jsonschema_rs.validator_for({**field, **refers}, validate_formats=True)
        wrong += [(where, one) for one in examples if not check.is_valid(one)]
    assert wrong == []


def test_every_scalar_that_is_sent_has_an_example(description: Any) -> None:
    bare = [
        where
        for where, field in schemas(description)
        if where.partition(".")[0].endswith("In") and "array" not in str(field)
        if not field.get("examples")
    ]
    assert bare == []


def test_no_line_of_words_is_left_over(description: Any) -> None:
    used = {name for where, _ in schemas(description) for name in (where, where.split(".")[-1])}
    used |= {name.rpartition(" ")[2] for name in used}
    places = ("path.", "query.", "header.")
    left = {name for name in fields() if name not in used and not name.startswith(places)}
    assert left == set()


def test_every_operation_says_with_which_codes_it_refuses(description: Any) -> None:
    for operation in operations(description):
        refused = {s: r for s, r in operation["responses"].items() if s.startswith("4")}
        assert refused
        for answer in refused.values():
            assert answer["x-refusal-codes"]
            assert all(f"`{code}`" in answer["description"] for code in answer["x-refusal-codes"])


def test_what_routes_declare_is_listed_and_what_is_listed_is_declared() -> None:
    declared = {code for route in DECLARATIONS.values() for code in route.refuses}
    assert declared <= CODES
    assert CODES - declared == EVERYWHERE | TO_ITSELF | ON_THE_SERVER | AT_THE_DESK


def test_a_step_of_a_case_says_more_than_its_name(description: Any) -> None:
    """Where a name is not enough to call it, a sentence stands below."""
    short = [
        operation["operationId"]
        for operation in operations(description)
        if "requestBody" in operation and not operation.get("description")
    ]
    assert short == []


def test_the_reader_is_told_where_a_token_comes_from(description: Any) -> None:
    session = description["components"]["securitySchemes"]["session"]
    for words in (session["description"], description["info"]["description"]):
        assert "login-code" in words
        assert "POST /api/v1/sessions" in words
    assert description["servers"] == [{"url": "/", "description": "本服务"}]


def test_it_is_written_once_however_often_it_is_asked_for(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures before: 20 ms of work for each of a megabyte, and 16 strangers who asked for it made
    `/healthz` 60 times as slow."""
    client = app.test_client()
    first = client.get("/openapi/openapi.json")
    monkeypatch.setattr(app.json, "dumps", lambda *_, **__: pytest.fail("written again"))
    again = client.get("/openapi/openapi.json")
    assert (again.status_code, again.data) == (200, first.data)
    assert again.mimetype == "application/json"


def test_a_route_is_described_when_somebody_asks() -> None:
    blueprint = DescribedLater("another", __name__)
    blueprint.get("/somewhere")(lambda: None)
    assert not blueprint.paths
    blueprint.describe()
    assert set(blueprint.paths) == {"/somewhere"}


def test_what_is_read_of_each_request_has_its_schema_drawn_once() -> None:
    """Figure before: a seventh of a write's time went to drawing that of its one header."""

    class Word(Asked):
        word: str

    class Bare(BaseModel):
        word: str

    def view(query: Word) -> Word:
        return query

    def another(query: Bare) -> Bare:
        return query

    assert Word.model_json_schema() is Word.model_json_schema()
    blueprint = DescribedLater("another", __name__)
    blueprint.get("/words")(view)
    with pytest.raises(AssertionError, match="/others"):
        blueprint.get("/others")(another)


def test_each_app_describes_the_same_routes(app: Flask) -> None:
    another = create_app(app.extensions[NAME])
    assert another.api_doc == told(app.test_client().get("/openapi/openapi.json"))
