from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import wiring
from backend.app import create_app
from backend.config import Settings
from backend.http.parts import ApiParts
from backend.programs import api as api_program
from backend.services.base.context import Context
from backend.services.people.sessions import forget_ended
from backend.store.guesses import Guesses, impatient_redis
from backend.store.people import AccessGrant, Identity, LoginSession, Person
from backend.store.registry import Committee, CommitteeMember, Household, Owner
from tests.build.calling import LoginCode, SignIn, refused, told
from tests.build.sample_case import sample_case


def test_a_login_code_of_the_platform_opens_a_session(
    client: FlaskClient, login_code: LoginCode
) -> None:
    opened = told(client.post("/api/v1/sessions", json={"code": login_code("张三")}))
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {opened['token']}"})
    assert told(me)["person_id"] == opened["person_id"]
    assert datetime.fromisoformat(opened["expires_at"]) > datetime.now(UTC) + timedelta(days=6)


def test_the_same_person_stays_the_same_person(sign_in: SignIn) -> None:
    first, second, other = sign_in("张三"), sign_in("张三"), sign_in("李四")
    assert first.id == second.id != other.id
    assert first.token != second.token


def test_a_login_code_works_once(client: FlaskClient, login_code: LoginCode) -> None:
    code = login_code("张三")
    client.post("/api/v1/sessions", json={"code": code})
    again = client.post("/api/v1/sessions", json={"code": code})
    assert refused(again, 401) == ["login_code_invalid"]


def test_a_platform_that_does_not_answer_is_said_so(settings: Settings) -> None:
    away = replace(settings, wechat_url="http://127.0.0.1:9")
    client = create_app(api_program.api_parts(wiring.build(away))).test_client()
    answer = client.post("/api/v1/sessions", json={"code": "x"})
    assert refused(answer, 503) == ["platform_unavailable"]


def test_whoever_wrote_to_the_service_account_before_is_recognised_by_unionid(
    tx: Session, client: FlaskClient, login_code: LoginCode, sign_in: SignIn, ctx: Context
) -> None:
    unionid = tx.scalar(select(Identity.unionid).where(Identity.person_id == sign_in("王五").id))
    assert unionid
    tx.execute(update(Identity).values(appid="elsewhere", openid="elsewhere"))
    follower = Person(name_sealed=None, created_at=datetime.now(UTC))
    tx.add(follower)
    tx.flush()
    tx.add(
        Identity(
            person_id=follower.id,
            platform="service_account",
            appid=ctx.platform.service_appid,
            openid="o-follower",
            unionid=unionid,
            reachable=True,
            seen_at=datetime.now(UTC),
        )
    )
    tx.commit()
    assert sign_in("王五").id == follower.id


def test_a_session_ends_everywhere_when_its_person_signs_out(
    client: FlaskClient, sign_in: SignIn
) -> None:
    person = sign_in("张三")
    assert client.get("/api/v1/me", headers=person.headers).status_code == 200
    assert client.delete("/api/v1/sessions/current", headers=person.headers).status_code == 204
    gone = client.get("/api/v1/me", headers=person.headers)
    assert refused(gone, 401) == ["session_invalid"]


def test_signing_out_leaves_other_sessions_alone(client: FlaskClient, sign_in: SignIn) -> None:
    phone, tablet = sign_in("张三"), sign_in("张三")
    client.delete("/api/v1/sessions/current", headers=phone.headers)
    assert client.get("/api/v1/me", headers=tablet.headers).status_code == 200


def test_an_expired_session_is_refused_and_forgotten(
    tx: Session, ctx: Context, client: FlaskClient, sign_in: SignIn
) -> None:
    person = sign_in("张三")
    tx.execute(update(LoginSession).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    tx.commit()
    assert client.get("/api/v1/me", headers=person.headers).status_code == 401
    forget_ended(ctx)
    assert tx.scalars(select(LoginSession)).all() == []


def test_sessions_work_while_redis_is_away(parts: ApiParts, sign_in: SignIn) -> None:
    person = sign_in("张三")
    without = replace(parts, guesses=Guesses(impatient_redis("redis://127.0.0.1:9/0"), "lifts"))
    client = create_app(without).test_client()
    assert client.get("/api/v1/me", headers=person.headers).status_code == 200
    assert client.delete("/api/v1/sessions/current", headers=person.headers).status_code == 204
    assert client.get("/api/v1/me", headers=person.headers).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Bearer nonsense", "Bearer 令牌"])
def test_without_a_valid_token_nothing_is_shown(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/v1/me", headers={"Authorization": header.encode().decode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_only_the_hash_of_a_token_is_stored(tx: Session, sign_in: SignIn, ctx: Context) -> None:
    person = sign_in("张三")
    stored = tx.scalars(select(LoginSession.token_hash)).all()
    assert stored == [ctx.cipher.digest("session", person.token)]


def test_me_lists_everything_a_person_may_act_as(
    tx: Session, client: FlaskClient, sign_in: SignIn, ctx: Context
) -> None:
    person = sign_in("张三")
    case = sample_case(tx)
    household = Household(unit_id=case.unit, room="101", area_dm2=9000)
    today = ctx.clock().date()
    committee = Committee(
        estate_id=case.estate,
        term_from=today - timedelta(days=100),
        term_until=today + timedelta(days=100),
    )
    tx.add_all([household, committee])
    tx.flush()
    sealed = {"name_sealed": b"", "phone_sealed": None, "phone_hash": None, "person_id": person.id}
    tx.add_all(
        [
            Owner(household_id=household.id, name_hash=b"o", **sealed),
            CommitteeMember(
                committee_id=committee.id,
                position="主任",
                name_hash=b"m",
                left_on=None,
                recused=False,
                **sealed,
            ),
            _grant(person.id, "clerk", ctx.clock() + timedelta(days=1)),
            _grant(person.id, "auditor", ctx.clock() - timedelta(days=1)),
        ]
    )
    tx.commit()
    me = told(client.get("/api/v1/me", headers=person.headers))
    assert [home["room"] for home in me["homes"]] == ["101"]
    assert [seat["position"] for seat in me["seats"]] == ["主任"]
    assert [(grant["role"], grant["role_name"]) for grant in me["grants"]] == [
        ("clerk", "中心经办")
    ]


def _grant(person_id: object, role: str, valid_until: datetime) -> AccessGrant:
    return AccessGrant(
        person_id=person_id,
        role=role,
        scope_kind="city",
        scope_id=None,
        granted_by=None,
        granted_at=datetime.now(UTC),
        valid_until=valid_until,
    )
