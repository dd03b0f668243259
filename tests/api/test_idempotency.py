import threading
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from backend.app import create_app
from backend.domain.errors import Refused, refuse
from backend.http.parts import ApiParts
from backend.http.present import Input, Output, present
from backend.http.routes import Routes
from backend.services.base.afterwards import afterwards
from backend.services.base.context import Context
from backend.services.people import idempotency
from backend.services.people.account_deletion import delete_account
from backend.services.people.grants import revoke
from backend.services.people.idempotency import KEPT, forget_old
from backend.services.people.lockouts import end_sessions, lock_out
from backend.store.people import AccessGrant, IdempotencyKey, Person
from backend.store.registry import Estate, Owner
from tests.build.calling import SignedInPerson, SignIn, refused, told
from tests.build.players import Players
from tests.build.village import Village
from tests.build.waiting import PATIENCE_SECONDS, eventually


class OrderIn(Input):
    """What to make."""

    what: str


class OrderOut(Output):
    """Which order it was."""

    number: int
    what: str


class Kitchen:
    """Counts what it really did."""

    orders = 0
    ready = threading.Event()


trial = Routes("orders", "只在测试里")


@trial.post("/trial/orders", auth="person", answers={201: OrderOut}, creates=True)
def order(body: OrderIn) -> Response:
    """点单"""
    Kitchen.orders += 1
    if body.what == "slow":
        Kitchen.ready.wait(PATIENCE_SECONDS)
    if body.what == "burnt":
        raise ZeroDivisionError
    if body.what == "away":
        raise refuse("platform_unavailable", "微信暂时没有回应，请稍后再试。", kind="unavailable")
    if body.what == "too often":
        raise refuse("uploads_used_up", "今天的次数已用完，请明天再来。", kind="too_many")
    if body.what == "forbidden":
        raise refuse("sold_out", "卖完了，请换一样。", "what", kind="conflict")
    return present(OrderOut(number=Kitchen.orders, what=body.what), 201)


@pytest.fixture
def app(parts: ApiParts) -> Flask:
    Kitchen.orders = 0
    Kitchen.ready.clear()
    return create_app(parts, [trial.blueprint])


def _order(
    client: FlaskClient, person: SignedInPerson, what: str, key: str | None = "key-00000001"
) -> TestResponse:
    headers = person.headers | ({"Idempotency-Key": key} if key else {})
    return client.post("/api/v1/trial/orders", json={"what": what}, headers=headers)


def test_the_same_request_is_done_once_and_answered_twice(
    client: FlaskClient, sign_in: SignIn
) -> None:
    person = sign_in("张三")
    first, again = _order(client, person, "茶"), _order(client, person, "茶")
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert Kitchen.orders == 1


def test_a_refusal_is_an_answer_too(client: FlaskClient, sign_in: SignIn) -> None:
    person = sign_in("张三")
    first, again = _order(client, person, "forbidden"), _order(client, person, "forbidden")
    assert refused(first, 409) == ["sold_out"]
    assert again.data == first.data
    assert Kitchen.orders == 1


@pytest.mark.parametrize("what", ["away", "too often"])
def test_what_may_be_otherwise_in_a_moment_uses_up_no_key(
    client: FlaskClient, sign_in: SignIn, what: str
) -> None:
    person = sign_in("张三")
    assert _order(client, person, what).status_code in (429, 503)
    again = _order(client, person, what)
    assert "Idempotent-Replay" not in again.headers
    assert Kitchen.orders == 2


def test_another_request_under_the_same_key_is_refused(
    client: FlaskClient, sign_in: SignIn
) -> None:
    person = sign_in("张三")
    _order(client, person, "茶")
    assert refused(_order(client, person, "酒"), 409) == ["idempotency_key_reused"]


def test_keys_of_different_people_do_not_meet(client: FlaskClient, sign_in: SignIn) -> None:
    first = _order(client, sign_in("张三"), "茶")
    other = _order(client, sign_in("李四"), "茶")
    assert [told(first)["number"], told(other)["number"]] == [1, 2]


def test_a_crash_leaves_the_key_free(client: FlaskClient, sign_in: SignIn) -> None:
    person = sign_in("张三")
    assert refused(_order(client, person, "burnt"), 500) == ["internal_error"]
    assert refused(_order(client, person, "burnt"), 500) == ["internal_error"]
    assert Kitchen.orders == 2


def test_invalid_input_costs_no_key(client: FlaskClient, sign_in: SignIn) -> None:
    person = sign_in("张三")
    bad = client.post(
        "/api/v1/trial/orders",
        json={"wrong": 1},
        headers=person.headers | {"Idempotency-Key": "key-00000001"},
    )
    assert bad.status_code == 422
    assert _order(client, person, "茶").status_code == 201


@pytest.mark.parametrize("key", [None, "short", "x" * 65, "with blank", "非字母数字的键"])
def test_what_creates_something_requires_a_proper_key(
    client: FlaskClient, sign_in: SignIn, key: str | None
) -> None:
    answer = _order(client, sign_in("张三"), "茶", key and key.encode().decode("latin-1"))
    assert answer.status_code == 422
    assert told(answer)["errors"][0]["field"] == "Idempotency-Key"
    assert Kitchen.orders == 0


def test_the_same_request_twice_at_once_is_done_once(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    person = sign_in("张三")
    answers = []
    first = threading.Thread(
        target=lambda: answers.append(_order(app.test_client(), person, "slow"))
    )
    first.start()
    eventually(lambda: Kitchen.orders == 1)
    assert refused(_order(client, person, "slow"), 409) == ["request_in_progress"]
    Kitchen.ready.set()
    first.join()
    assert answers[0].data == _order(client, person, "slow").data
    assert Kitchen.orders == 1


def test_the_first_answer_survives_a_restart(
    parts: ApiParts, client: FlaskClient, sign_in: SignIn
) -> None:
    person = sign_in("张三")
    first = _order(client, person, "茶")
    restarted = create_app(parts, [trial.blueprint])
    assert _order(restarted.test_client(), person, "茶").data == first.data


def test_nobody_waits_for_a_request_that_died(
    tx: Session, client: FlaskClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = sign_in("张三")
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_keep", died)
        assert refused(_order(client, person, "茶"), 500) == ["internal_error"]
    assert tx.scalar(select(func.count()).select_from(IdempotencyKey)) == 0
    assert told(_order(client, person, "茶"))["number"] == 2


def died(*_: object) -> None:
    raise ConnectionResetError


def test_a_key_left_open_by_an_earlier_version_is_taken_up(
    tx: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    person = sign_in("张三")
    _order(client, person, "茶")
    tx.execute(update(IdempotencyKey).values(status=None, body=None))
    tx.commit()
    assert refused(_order(client, person, "酒"), 409) == ["idempotency_key_reused"]
    assert told(_order(client, person, "茶"))["number"] == 2
    assert told(_order(client, person, "茶"))["number"] == 2


def test_an_answer_is_forgotten_after_a_week(
    tx: Session, ctx: Context, client: FlaskClient, sign_in: SignIn
) -> None:
    person = sign_in("张三")
    _order(client, person, "茶")
    forget_old(ctx)
    assert told(_order(client, person, "茶"))["number"] == 1
    tx.execute(update(IdempotencyKey).values(created_at=datetime.now(UTC) - KEPT))
    tx.commit()
    forget_old(ctx)
    assert told(_order(client, person, "茶"))["number"] == 2


def test_answers_are_kept_sealed(tx: Session, client: FlaskClient, sign_in: SignIn) -> None:
    _order(client, sign_in("张三"), "teapot")
    assert tx.scalar(select(func.count()).select_from(IdempotencyKey)) == 1
    assert "teapot" not in str(tx.scalar(select(IdempotencyKey.body)))


def test_a_key_is_optional_where_repeating_is_harmless(
    client: FlaskClient, sign_in: SignIn
) -> None:
    person = sign_in("张三")
    assert client.delete("/api/v1/sessions/current", headers=person.headers).status_code == 204


def test_nobody_is_woken_before_everything_is_written(
    ctx: Context, tx: Session, village: Village
) -> None:
    woken: list[int] = []

    def work(part: Context) -> idempotency.Answer:
        with part.sessions() as inner:
            inner.execute(update(Person).values(left_at=None))
            inner.commit()
            afterwards(inner, lambda: woken.append(kept(tx)))
        assert woken == []
        return idempotency.Answer(201, "{}")

    idempotency.answer_once(ctx, village.actor("clerk"), "key-00000001", "hash", work)
    assert woken == [1]


def test_what_a_service_leaves_undone_undoes_only_itself(
    ctx: Context, tx: Session, village: Village
) -> None:
    def work(part: Context) -> idempotency.Answer:
        for name, commits in (("先写", True), ("后写", False)):
            with part.sessions() as inner:
                inner.execute(update(Estate).values(name=name))
                if commits:
                    inner.commit()
        return idempotency.Answer(200, "{}")

    idempotency.answer_once(ctx, village.actor("clerk"), "key-00000001", "hash", work)
    assert tx.scalar(select(Estate.name)) == "先写"


def test_whoever_comes_second_undoes_what_they_did(
    ctx: Context, tx: Session, village: Village
) -> None:
    asked = village.actor("clerk"), "key-00000001", "hash"
    woken: list[str] = []

    def name_estate(part: Context, name: str) -> idempotency.Answer:
        with part.sessions() as inner:
            inner.execute(update(Estate).values(name=name))
            inner.commit()
            afterwards(inner, lambda: woken.append(name))
        return idempotency.Answer(200, name)

    def overtaken(part: Context) -> idempotency.Answer:
        with part.sessions() as looking:
            looking.scalar(select(Estate.name))  # and with this the lock of the key goes
        idempotency.answer_once(ctx, *asked, lambda other: name_estate(other, "先办"))
        return name_estate(part, "后办")

    assert idempotency.answer_once(ctx, *asked, overtaken).body == "先办"
    assert tx.scalar(select(Estate.name)) == "先办"
    assert woken == ["先办"]


def test_what_is_refused_undoes_what_was_written_before_it(
    ctx: Context, tx: Session, village: Village
) -> None:
    before = tx.scalar(select(Estate.name))

    def work(part: Context) -> idempotency.Answer:
        with suppress(Refused), part.sessions() as inner:
            inner.execute(update(Estate).values(name="没有办成"))
            raise refuse("sold_out", "卖完了。")
        return idempotency.Answer(422, "{}")

    for _ in range(2):
        answer = idempotency.answer_once(ctx, village.actor("clerk"), "key-00000001", "h", work)
        assert answer.status == 422
    assert tx.scalar(select(Estate.name)) == before


def test_an_answer_is_not_shown_after_the_right_that_it_rests_on(
    ctx: Context, players: Players
) -> None:
    key = {"Idempotency-Key": "key-00000001"}
    right = {"role": "property_manager", "scope_id": str(players.village.estate)}
    right["person_id"] = str(players.village.actor("stranger").person_id)
    first = players.post("clerk", "/grants", right, **key)
    assert players.post("clerk", "/grants", right, **key).data == first.data
    other_right(ctx, players)
    assert players.post("clerk", "/grants", right, **key).data == first.data
    for grant in grants_of_person(ctx, players.village.actor("clerk").person_id):
        revoke(ctx, None, grant)
    again = players.post("clerk", "/grants", right, **key)
    assert refused(again, 403) == ["answer_withheld"]
    assert first.data not in again.data
    assert len(grants_of_person(ctx, players.village.actor("stranger").person_id)) == 1


def test_an_answer_is_not_shown_to_whoever_is_no_owner_any_more(
    tx: Session, players: Players
) -> None:
    key, wrong = {"Idempotency-Key": "key-00000001"}, {"what": "房屋", "text": "应为 102"}
    me = players.village.actor("owner1").person_id
    first = players.post("owner1", "/me/rectification-requests", wrong, **key)
    assert players.post("owner1", "/me/rectification-requests", wrong, **key).data == first.data
    tx.execute(update(Owner).where(Owner.person_id == me).values(person_id=None))
    tx.commit()
    again = players.post("owner1", "/me/rectification-requests", wrong, **key)
    assert refused(again, 403) == ["answer_withheld"]


def test_what_ends_a_right_itself_can_be_answered_again(ctx: Context, players: Players) -> None:
    """A seat is no help to whoever takes it from oneself: the answer rests on what is left."""
    key = {"Idempotency-Key": "key-00000001"}
    me = players.village.actor("owner1").person_id

    def work(part: Context) -> idempotency.Answer:
        with part.sessions() as inner:
            inner.execute(update(Owner).where(Owner.person_id == me).values(person_id=None))
            inner.commit()
        return idempotency.Answer(200, "gone")

    actor = players.village.actor("owner1")
    for _ in range(2):
        answer = idempotency.answer_once(ctx, actor, key["Idempotency-Key"], "request", work)
        assert answer.body == "gone"


def test_neither_kept_out_nor_signed_out_nor_erased_gets_an_answer_again(
    ctx: Context, tx: Session, players: Players
) -> None:
    wrong = {"what": "房屋", "text": "应为 102"}
    people = ("owner0", "owner1", "owner2")
    for name in people:
        key = {"Idempotency-Key": f"key-{name}"}
        assert players.post(name, "/me/rectification-requests", wrong, **key).status_code == 201
    lock_out(ctx, None, players.village.actor("owner0").person_id, "手机丢失")
    end_sessions(ctx, None, players.village.actor("owner1").person_id)
    delete_account(ctx, players.village.actor("owner2"))
    for name in people:
        key = {"Idempotency-Key": f"key-{name}"}
        again = players.post(name, "/me/rectification-requests", wrong, **key)
        assert refused(again, 401) == ["session_invalid"]
    theirs = IdempotencyKey.person_id == players.village.actor("owner2").person_id
    assert tx.scalar(select(func.count()).where(theirs)) == 0


def other_right(ctx: Context, players: Players) -> None:
    """A right that comes takes nothing away."""
    clerk = players.village.actor("clerk").person_id
    with ctx.sessions() as inner:
        inner.execute(
            update(Owner)
            .where(Owner.person_id == players.village.actor("owner3").person_id)
            .values(person_id=clerk)
        )
        inner.commit()


def grants_of_person(ctx: Context, person_id: UUID) -> list[UUID]:
    with ctx.sessions() as inner:
        return list(inner.scalars(select(AccessGrant.id).where(AccessGrant.person_id == person_id)))


def kept(tx: Session) -> int:
    return tx.scalar(select(func.count()).select_from(IdempotencyKey)) or 0
