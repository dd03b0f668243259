"""Keeping people out over HTTP, and what is left to them."""

import pytest
from flask.testing import FlaskClient

from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.services.people import grants
from tests.build.calling import LoginCode, SignedInPerson, SignIn, refused, told
from tests.build.proving import proves

API = "/api/v1"
WHY = {"reason": "手机丢失，本人电话报失"}


@pytest.fixture
def administrator(ctx: Context, sign_in: SignIn) -> SignedInPerson:
    person = sign_in("管理员")
    grants.grant(ctx, None, person.id, Role.ADMINISTRATOR)
    proves(ctx, person.id, Role.ADMINISTRATOR)
    return person


def test_somebody_kept_out_is_told_what_is_left_and_comes_back(
    client: FlaskClient, sign_in: SignIn, login_code: LoginCode, administrator: SignedInPerson
) -> None:
    person = sign_in("张三")
    body = {"person_id": str(person.id)} | WHY
    given = told(client.post(f"{API}/lockouts", json=body, headers=administrator.headers))
    again = told(client.post(f"{API}/lockouts", json=body, headers=administrator.headers))
    assert given == again
    assert refused(client.get(f"{API}/me", headers=person.headers), 401) == ["session_invalid"]
    away = client.post(f"{API}/sessions", json={"code": login_code("张三")})
    assert refused(away, 403) == ["locked_out"]
    assert "救援" in away.text
    listed = told(client.get(f"{API}/lockouts", headers=administrator.headers))["items"]
    assert [(row["id"], row["reason"], row["lifted_at"]) for row in listed] == [
        (given["id"], WHY["reason"], None)
    ]
    end = f"{API}/lockouts/{given['id']}/end"
    back = client.post(end, json={"reason": "到中心核对"}, headers=administrator.headers)
    assert back.status_code == 204
    assert sign_in("张三").id == person.id


def test_somebody_ends_all_of_their_sessions_and_an_administrator_those_of_another(
    client: FlaskClient, sign_in: SignIn, administrator: SignedInPerson
) -> None:
    phone, tablet, other = sign_in("张三"), sign_in("张三"), sign_in("李四")
    assert client.delete(f"{API}/sessions", headers=phone.headers).status_code == 204
    for gone in (phone, tablet):
        assert refused(client.get(f"{API}/me", headers=gone.headers), 401) == ["session_invalid"]
    assert client.get(f"{API}/me", headers=other.headers).status_code == 200
    theirs = f"{API}/people/{other.id}/sessions"
    assert client.delete(theirs, headers=administrator.headers).status_code == 204
    assert client.get(f"{API}/me", headers=other.headers).status_code == 401
    assert client.get(f"{API}/me", headers=administrator.headers).status_code == 200
