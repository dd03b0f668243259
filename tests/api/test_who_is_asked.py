"""Whose office needs a second factor changes nothing without it, over the API as at the desk."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from pyotp import TOTP
from sqlalchemy import delete, select, update

from backend.clock import system_clock
from backend.http.routes import DECLARATIONS, PROVED
from backend.services.base.context import Context
from backend.services.people import second_factors
from backend.store.people import AccessGrant, LoginSession, SecondFactor
from tests.build.asked import asking
from tests.build.calling import refused, told
from tests.build.players import Players, appoint, change
from tests.build.village import TOKEN, Village

AT_THE_DESK_ALONE = {
    *("batches/batches.make", "batches/batches.void", "people/second_factors.reset"),
    *("registry/insurers.select", "workbooks/imports.apply"),
    *("people/desk_accounts.invite", "people/desk_accounts.invite_anew"),
    *("people/desk_accounts.confirm", "people/invitations.invite", "people/invitations.confirm"),
}
# What only opens the transaction of the one that asks.
PASSED_ON = {"people/grants.grant": "people/grants.give"}
WHY = {"reason": "核对过原件"}
FLAT = {"estate_code": "E1", "building": "1栋", "unit": "1单元", "room": "101", "name": "冯样零"}


def called_by(app: Flask, endpoint: str) -> Iterator[str]:
    """What a view calls of the services, by module and name."""
    view = inspect.unwrap(app.view_functions[endpoint])
    for node in ast.walk(ast.parse(inspect.getsource(view))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = getattr(view, "__globals__", {}).get(node.value.id)
            name = getattr(module, "__name__", "")
            if name.startswith("backend.services."):
                room = name.removeprefix("backend.services.").replace(".", "/")
                called = f"{room}.{node.attr}"
                yield PASSED_ON.get(called, called)


def test_every_route_to_such_a_service_says_that_it_asks(app: Flask) -> None:
    ours = app.view_functions.keys() & DECLARATIONS.keys()  # not those of other tests' apps
    asked = {one: asking().intersection(called_by(app, one)) for one in ours}
    codes = set(PROVED.split())
    declared = {one for one, route in DECLARATIONS.items() if codes <= route.refuses}
    assert declared == {one for one, services in asked.items() if services}
    assert set().union(*asked.values()) == asking() - AT_THE_DESK_ALONE


def asked_of(village: Village, case: UUID) -> Mapping[str, Mapping[str, Any] | None]:
    """Every such request, as somebody sends it who holds all offices; beyond the question nothing
    of it need be right."""
    with village.ctx.sessions() as tx:
        own = AccessGrant.person_id == village.actor("clerk").person_id, AccessGrant.role == "clerk"
        grant = tx.scalars(select(AccessGrant.id).where(*own)).one()
    estate, other = f"/estates/{village.estate}", uuid4()
    letter = {"file_sha256": "0" * 64} | WHY
    return {
        "/grants": {"person_id": str(other), "role": "auditor"},
        f"/grants/{grant}/delegation": {"person_id": str(other), "until": "2025-06-01T09:00+08:00"},
        f"/lockouts/{other}/end": WHY,
        f"/owner-verifications/{other}/decision": {"verified": True} | WHY,
        "/ownership-restorations": FLAT | WHY,
        f"{estate}/sole-manager": {"manager": "冯样零，不动产权证"} | WHY,
        f"{estate}/company": {"name": "乙物业"} | WHY,
        f"{estate}/company-departure": WHY,
        f"{estate}/succession": {"name": "乙物业"} | letter,
        f"/successions/{other}/confirmation": None,
        f"/insurers/{village.insurer}/payee-changes": {"bank_name": "甲", "bank_account": "1"}
        | letter,
        f"/payee-changes/{other}/confirmation": None,
        f"/purchases/{case}/payment-order": {},
    }


def test_who_never_enrolled_or_proved_it_long_ago_changes_nothing(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.reviewed().id
    for role in ("cashier", "administrator"):
        appoint(village, "clerk", role)
    requests = asked_of(village, case)
    assert len(requests) == sum(set(PROVED.split()) <= one.refuses for one in DECLARATIONS.values())
    me = village.actor("clerk").person_id
    change(ctx, update(LoginSession).where(LoginSession.person_id == me).values(proved_at=None))
    for path, body in requests.items():
        assert refused(players.post("clerk", path, body), 403) == ["second_factor_needed"], path
    change(ctx, delete(SecondFactor).where(SecondFactor.person_id == me))
    change(
        ctx,
        update(LoginSession).where(LoginSession.person_id == me).values(proved_at=system_clock()),
    )
    for path, body in requests.items():
        answer = players.post("clerk", path, body)
        assert refused(answer, 409) == ["second_factor_missing"], path
        assert "请在电脑上打开工作台" in told_why(answer.json)


def told_why(answer: Any) -> str:
    return str(answer["errors"][0]["message"])


def test_a_cashier_enrols_proves_and_pays_with_the_request_that_was_refused(
    players: Players, village: Village, ctx: Context
) -> None:
    case = village.reviewed()
    me = village.actor("cashier").person_id
    change(ctx, delete(SecondFactor).where(SecondFactor.person_id == me))
    change(ctx, update(LoginSession).where(LoginSession.person_id == me).values(proved_at=None))
    key, order = {"Idempotency-Key": "paid-in-the-end"}, f"/purchases/{case.id}/payment-order"
    assert refused(players.post("cashier", order, {}, **key), 409) == ["second_factor_missing"]
    totp = TOTP(second_factors.new_secret(ctx, TOKEN))
    now = totp.timecode(system_clock().timestamp())
    second_factors.enrol(ctx, village.actor("cashier"), TOKEN, totp.generate_otp(now))
    assert refused(players.post("cashier", order, {}, **key), 403) == ["second_factor_needed"]
    digits = {"digits": totp.generate_otp(now + 1)}
    assert players.post("cashier", "/me/second-factor", digits).status_code == 204
    assert told(players.post("cashier", order, {}, **key))["amount_fen"] == 260_000
