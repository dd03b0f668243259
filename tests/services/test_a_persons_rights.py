"""One person as the keepers of rights see them, everybody's own rights, and the city's values."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from backend.domain.city.parse import sourced_values
from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.base.context import Actor
from backend.services.people import delegations, desk_accounts, grants, lockouts
from backend.services.reads import city_values, people_pages
from backend.store.city import CityProfileRecord
from backend.store.people import AccessGrant, Person
from backend.store.registry import Estate, Insurer
from tests.build.clock import ManualClock
from tests.build.looking import add_person
from tests.build.sessions import desk_session_of
from tests.build.village import Village


@pytest.fixture(autouse=True)
def administrator(village: Village, real_time: ManualClock) -> Actor:
    return add_person(village, "administrator", "administrator")


def test_who_keeps_rights_reads_a_person_and_what_they_may_do_about_them(
    village: Village, administrator: Actor
) -> None:
    ctx, cashier = village.ctx, village.actor("cashier").person_id
    desk_session_of(ctx, cashier)
    seen = people_pages.read_person(ctx, administrator, cashier)
    assert [right.role for right in seen.rights] == ["cashier"]
    assert (seen.desk_sessions, seen.phone_sessions) == (1, 1)
    assert (seen.account, seen.account_number, seen.phone) == ("", "", None)
    assert seen.factor_at is not None
    assert seen.may_keep_out
    assert {*seen.may_give} == {
        Role.ADMINISTRATOR,
        Role.AUDITOR,
        Role.CASHIER,
        Role.CLERK,
        Role.REVIEWER,
        Role.SUPERVISOR,
        Role.DISTRICT,
    }
    lockout = lockouts.lock_out(ctx, administrator, cashier, "手机丢失")
    out = people_pages.read_person(ctx, village.actor("clerk"), cashier)
    assert (out.lockout_id, out.locked_at) == (lockout, village.clock())
    assert (out.desk_sessions, out.phone_sessions, out.may_keep_out) == (0, 0, False)
    assert {*out.may_give} == {Role.PROPERTY_MANAGER, Role.INSURER}
    own = people_pages.read_person(ctx, administrator, administrator.person_id)
    assert (list(own.may_give), own.may_keep_out) == ([], False)


def test_the_number_of_who_has_no_wechat_is_read_by_administrators_alone(
    village: Village, administrator: Actor
) -> None:
    ctx = village.ctx
    person = desk_accounts.invite(ctx, administrator, "无微信", None)
    seen = people_pages.read_person(ctx, administrator, person)
    assert (seen.name, seen.account) == ("无**", "等本人第一次登录")
    assert len(seen.account_number) == 8
    assert people_pages.read_person(ctx, village.actor("clerk"), person).account_number == ""
    with ctx.sessions() as tx:
        left = update(Person).where(Person.id == person)
        tx.execute(left.values(left_at=village.clock()))
        tx.commit()
    assert people_pages.read_person(ctx, administrator, person).may_give == []


def test_who_holds_nothing_is_nobody_to_them_and_others_read_no_one(
    village: Village, administrator: Actor
) -> None:
    ctx, clerk = village.ctx, village.actor("clerk").person_id
    for person in (village.actor("owner0").person_id, uuid4()):
        with pytest.raises(Refused, match="not_found"):
            people_pages.read_person(ctx, administrator, person)
    for name, code in (("cashier", "role_required"), ("manager", "not_found")):
        actor = village.actor(name)
        with pytest.raises(Refused, match=code):
            people_pages.read_person(ctx, actor, clerk)
        with pytest.raises(Refused, match=code):
            people_pages.scopes(ctx, actor, [Role.INSURER])
        assert people_pages.givable(ctx, actor) == []
    with ctx.sessions() as tx:
        estate = tx.get_one(Estate, village.estate).name
        insurer = tx.get_one(Insurer, village.insurer).name
    companies = people_pages.givable(ctx, village.actor("clerk"))
    assert people_pages.scopes(ctx, village.actor("clerk"), companies) == [
        (village.estate, f"小区：{estate}"),
        (village.insurer, f"保险机构：{insurer}"),
    ]
    assert people_pages.scopes(ctx, administrator, [Role.CASHIER]) == []


def test_everybody_reads_what_they_may_do_what_they_lent_and_what_ends_soon(
    village: Village, administrator: Actor
) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    with ctx.sessions() as tx:
        mine = AccessGrant.person_id == clerk.person_id
        own = tx.scalars(select(AccessGrant.id).where(mine)).one()
    week = village.clock() + timedelta(days=7)
    cashier = village.actor("cashier")
    lent = delegations.delegate(ctx, clerk, own, cashier.person_id, week)
    seen = people_pages.my_rights(ctx, clerk)
    assert ([each.id for each in seen.rights], {*seen.delegable}) == ([own], {own})
    assert [each.id for each in seen.lent] == [lent]
    borrowed = people_pages.my_rights(ctx, cashier)
    assert {each.role for each in borrowed.rights} == {"cashier", "clerk"}
    assert lent not in borrowed.delegable
    assert people_pages.my_rights(ctx, village.actor("owner0")).rights == []
    assert people_pages.ending_soon(ctx, clerk) == ([], 0)
    mine_too, others = people_pages.ending_soon(ctx, administrator)
    assert (list(mine_too), others) == ([], 1), "what the cashier does in the clerk's stead"
    grants.grant(ctx, None, administrator.person_id, Role.ADMINISTRATOR, until=week)
    (ends,), others = people_pages.ending_soon(ctx, administrator)
    assert (ends.role, others) == ("administrator", 1), "one's own is not counted among others"
    ending, others = people_pages.ending_soon(ctx, cashier)
    assert ([each.role for each in ending], others) == (["clerk"], 0)
    village.clock.advance(days=8)
    assert people_pages.my_rights(ctx, clerk).lent == []


def test_an_officer_reads_every_value_of_the_city_and_since_when_it_is_in_force(
    village: Village,
) -> None:
    ctx, auditor = village.ctx, village.actor("auditor")
    seen = city_values.read_city(ctx, auditor)
    assert len(seen.values) == len(list(sourced_values(ctx.city)))
    assert [(each.version, each.since, each.is_in_force) for each in seen.versions] == [
        (ctx.city.version, None, True)
    ]
    year = seen.today.year
    assert [each.year for each in seen.calendar] == [year - 1, year, year + 1]
    assert seen.holiday == (ctx.city.local_holiday.name if ctx.city.local_holiday else None)
    for name in ("manager", "owner0"):
        with pytest.raises(Refused, match="not_found"):
            city_values.read_city(ctx, village.actor(name))


def test_each_version_says_how_many_cases_go_by_it(village: Village) -> None:
    village.drafted()
    ctx, code = village.ctx, village.ctx.city.code
    with ctx.sessions() as tx:
        version = CityProfileRecord.version
        known = tx.scalars(select(version).where(CityProfileRecord.code == code)).all()
    seen = city_values.read_city(ctx, village.actor("clerk"))
    assert {each.version for each in seen.versions} == {*known, ctx.city.version}
    assert [each.is_in_force for each in seen.versions].count(True) == 1
    assert sum(each.cases for each in seen.versions) == 1
