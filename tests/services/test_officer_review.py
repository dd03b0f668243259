"""Officers and parties are different people; what was judged once is judged again in time."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from backend.domain.errors import Refused
from backend.domain.purchase import officer_refusals
from backend.domain.roles import Role
from backend.services.base.context import Context, MiniProgramLogin
from backend.services.case.case import see_case
from backend.services.messages.inbox import Vouched
from backend.services.people import identities, sessions
from backend.services.public_notice import notices, objections
from backend.services.public_notice.notices import SubmittedPhoto
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import applications, payments, registrations
from backend.services.reads import cases
from backend.store.audit import AuditEntry
from backend.store.people import AccessGrant, Identity
from backend.store.purchases import Cosignature, CoveragePeriod, PurchaseLift
from backend.store.registry import Building, CommitteeMember, Insurer, Lift, Mandate, Owner, Unit
from tests.build.looking import also, at, codes
from tests.build.no_platform import NoPlatform
from tests.build.village import Village
from tests.build.workbooks import (
    balances_rows,
    bring_balances,
    bring_registry,
    lines,
    registry_rows,
)

UNION = "union-of-one-person"


def paper(village: Village, owner: int | None = 1) -> PaperObjection:
    owner_id = None if owner is None else village.owners[owner]
    return PaperObjection("need", "不同意投保", "业主二", village.clock(), owner_id)


# --- clerk, reviewer and cashier, also beside the steps ---


def test_who_answered_an_objection_without_settling_it_does_not_register(village: Village) -> None:
    purchase, notice = village.posted()
    objection = objections.file_objection(
        village.ctx, village.actor("owner0"), notice, "need", "不同意"
    )
    also(village, "reviewer", "clerk")
    objections.answer(village.ctx, village.actor("reviewer"), objection.id, "已答复", False)
    objections.withdraw(village.ctx, village.actor("owner0"), objection.id)
    village.clock.set(at("2025-03-25 09:00"))
    village.photograph(notice, "end")
    notices.clear(village.ctx, village.actor("clerk"), purchase.id, "未收到纸质异议")
    with pytest.raises(Refused) as refused:
        registrations.register(village.ctx, village.actor("reviewer"), purchase.id)
    assert codes(refused) == ["same_officer"]


def test_who_verified_an_objection_does_not_pay(village: Village) -> None:
    purchase, notice = village.posted()
    also(village, "cashier", "clerk")
    objection = objections.enter_paper(
        village.ctx, village.actor("clerk"), notice, paper(village, None)
    )
    objections.verify(village.ctx, village.actor("cashier"), objection.id, village.owners[1], None)
    with village.ctx.sessions() as tx:
        case = see_case(tx, village.ctx, village.actor("cashier"), purchase.id)
        refusals = officer_refusals(case.facts, Role.CASHIER)
    assert [refusal.code for refusal in refusals] == ["same_officer"]


def test_who_objected_on_paper_is_no_officer_of_the_case(village: Village) -> None:
    purchase, notice = village.posted()
    objections.enter_paper(village.ctx, village.actor("clerk"), notice, paper(village))
    with village.ctx.sessions() as tx:
        tx.get_one(Owner, village.owners[1]).person_id = village.actor("cashier").person_id
        tx.flush()
        case = see_case(tx, village.ctx, village.actor("cashier"), purchase.id)
        refusals = officer_refusals(case.facts, Role.CASHIER)
    assert [refusal.code for refusal in refusals] == ["officer_is_party"]


def test_a_clerk_who_posted_the_notice_does_not_register(village: Village) -> None:
    purchase = village.approved()
    also(village, "reviewer", "clerk")
    notice = notices.draft_notice(village.ctx, village.actor("reviewer"), purchase.id)
    village.photograph(notice.id, "start")
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice.id, "end")
    notices.clear(village.ctx, village.actor("clerk"), purchase.id, "未收到纸质异议")
    with pytest.raises(Refused) as refused:
        registrations.register(village.ctx, village.actor("reviewer"), purchase.id)
    assert codes(refused) == ["same_officer"]


def test_who_registered_the_case_posts_no_photos_and_reads_no_objection(village: Village) -> None:
    purchase, notice = village.posted()
    objection = objections.file_objection(
        village.ctx, village.actor("owner0"), notice, "need", "不同意"
    )
    objections.withdraw(village.ctx, village.actor("owner0"), objection.id)
    village.clock.set(at("2025-03-25 09:00"))
    village.photograph(notice, "end")
    notices.clear(village.ctx, village.actor("clerk"), purchase.id, "未收到纸质异议")
    reviewer = village.actor("reviewer")
    registrations.register(village.ctx, reviewer, purchase.id)
    also(village, "reviewer", "clerk")
    photo = SubmittedPhoto(
        village.units[0], "end", "wide", village.upload("reviewer"), village.clock()
    )
    with pytest.raises(Refused) as refused:
        notices.add_photo(village.ctx, reviewer, notice, photo)
    assert codes(refused) == ["same_officer"]
    with pytest.raises(Refused) as refused:
        cases.unmask_objection(village.ctx, reviewer, objection.id, "核对")
    assert codes(refused) == ["same_officer"]
    seen = cases.read_case(village.ctx, reviewer, purchase.id).objections
    assert [each.text for each in seen] == [None]


# --- no officer is a party ---


@pytest.mark.parametrize(
    ("name", "role"), [("manager", "clerk"), ("insurer", "clerk"), ("clerk", "property_manager")]
)
def test_a_party_of_the_case_is_not_its_clerk(village: Village, name: str, role: str) -> None:
    purchase = village.drafted()
    form = village.upload("manager")
    applications.apply(village.ctx, village.actor("manager"), purchase.id, form)
    also(village, name, role, village.estate if role == "property_manager" else None)
    with pytest.raises(Refused) as refused:
        applications.query_funds(village.ctx, village.actor(name), purchase.id, "正常")
    assert codes(refused) == ["officer_is_party"]


def test_a_party_with_a_clerks_rights_handles_and_reads_no_objection(village: Village) -> None:
    purchase, notice = village.posted()
    objection = objections.file_objection(
        village.ctx, village.actor("owner0"), notice, "need", "不同意"
    )
    also(village, "manager", "clerk")
    also(village, "owner0", "clerk")
    for name in ("manager", "owner0"):
        actor = village.actor(name)
        with pytest.raises(Refused) as refused:
            objections.answer(village.ctx, actor, objection.id, "不成立", True)
        assert codes(refused) == ["officer_is_party"]
        with pytest.raises(Refused) as refused:
            cases.unmask_objection(village.ctx, actor, objection.id, "核对")
        assert codes(refused) == ["officer_is_party"]
        seen = cases.read_case(village.ctx, actor, purchase.id).objections
        assert [each.text for each in seen] == [None]


def test_a_clerk_of_the_case_does_not_act_for_the_company_later(village: Village) -> None:
    purchase = village.cleared()
    registrations.register(village.ctx, village.actor("reviewer"), purchase.id)
    with village.ctx.sessions() as tx:
        tx.execute(delete(AccessGrant).where(AccessGrant.role == "property_manager"))
        tx.commit()
    also(village, "clerk", "property_manager", village.estate)
    terms = village.contract(file_sha256=village.upload("clerk"))
    with pytest.raises(Refused) as refused:
        registrations.sign_contract(village.ctx, village.actor("clerk"), purchase.id, terms)
    assert codes(refused) == ["officer_is_party"]


# --- judged again when it matters ---


def test_a_lift_that_left_the_account_is_neither_planned_nor_posted(village: Village) -> None:
    purchase = village.approved()
    with village.ctx.sessions() as tx:
        elsewhere = Building(estate_id=village.estate, name="2栋")
        tx.add(elsewhere)
        tx.flush()
        unit = Unit(building_id=elsewhere.id, name="1单元")
        tx.add(unit)
        tx.flush()
        tx.execute(update(Lift).where(Lift.id == village.lifts[0]).values(unit_id=unit.id))
        tx.commit()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id)
    with pytest.raises(Refused) as refused:
        village.photograph(notice.id, "start")
    assert codes(refused) == ["lift_outside_circle"]


def test_a_plan_whose_cover_would_begin_in_the_past_is_not_posted(village: Village) -> None:
    purchase = village.approved()
    village.clock.set(at("2025-04-02 09:00"))
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id)
    with pytest.raises(Refused) as refused:
        village.photograph(notice.id, "start")
    assert codes(refused) == ["cover_begins_in_past"]


def test_no_premium_is_paid_or_given_back_for_cover_that_is_over(village: Village) -> None:
    purchase = village.payable()
    village.clock.set(at("2026-04-01 00:00"))
    with pytest.raises(Refused) as refused:
        payments.order_payment(village.ctx, village.actor("cashier"), purchase.id)
    assert codes(refused) == ["cover_ended"]
    village.clock.set(at("2026-03-31 23:00"))
    payments.order_payment(village.ctx, village.actor("cashier"), purchase.id)


def test_an_insurer_or_mandate_that_ended_signs_no_contract(village: Village) -> None:
    purchase = village.cleared()
    registrations.register(village.ctx, village.actor("reviewer"), purchase.id)
    with village.ctx.sessions() as tx:
        tx.execute(update(Insurer).values(selected_until=date(2025, 3, 1)))
        tx.execute(update(Mandate).values(valid_until=date(2025, 3, 1)))
        tx.commit()
    with pytest.raises(Refused) as refused:
        registrations.sign_contract(
            village.ctx, village.actor("manager"), purchase.id, village.contract()
        )
    assert codes(refused) == ["mandate_expired", "insurer_not_selected"]


def test_a_contract_is_not_older_than_the_registration(village: Village) -> None:
    purchase = village.cleared()
    registrations.register(village.ctx, village.actor("reviewer"), purchase.id)
    terms = village.contract(signed_on=date(2025, 3, 10))
    with pytest.raises(Refused) as refused:
        registrations.sign_contract(village.ctx, village.actor("manager"), purchase.id, terms)
    assert codes(refused) == ["contract_date_invalid"]


def test_a_member_who_is_recused_does_not_apply_for_the_committee(village: Village) -> None:
    purchase = village.drafted("committee", "member0")
    with village.ctx.sessions() as tx:
        member = CommitteeMember.person_id == village.actor("member0").person_id
        tx.execute(update(CommitteeMember).where(member).values(recused=True))
        tx.commit()
    with pytest.raises(Refused) as refused:
        village.drafted("committee", "member0")
    assert codes(refused) == ["recused"]
    with pytest.raises(Refused) as refused:
        applications.apply(
            village.ctx, village.actor("member0"), purchase.id, village.upload("member0")
        )
    assert codes(refused) == ["not_the_applicant"]
    applications.apply(
        village.ctx, village.actor("member1"), purchase.id, village.upload("member1")
    )


def test_one_person_with_three_flats_is_one_cosigner(village: Village) -> None:
    with village.ctx.sessions() as tx:
        person_id = village.actor("owner0").person_id
        tx.execute(
            update(Owner).where(Owner.id.in_(village.owners[:3])).values(person_id=person_id)
        )
        tx.commit()
    purchase = village.drafted("owners", "owner0")
    first = applications.cosign(village.ctx, village.actor("owner0"), purchase.id)
    with village.ctx.sessions() as tx:
        now = village.clock()
        tx.add(Cosignature(purchase_id=purchase.id, owner_id=village.owners[2], signed_at=now))
        tx.commit()
    assert first == 1
    assert applications.cosign(village.ctx, village.actor("owner0"), purchase.id) == 1
    with pytest.raises(Refused) as refused:
        applications.apply(
            village.ctx, village.actor("owner0"), purchase.id, village.upload("owner0")
        )
    assert codes(refused) == ["too_few_cosigners"]


def test_the_account_of_the_signing_is_paid_whatever_the_roster_says_later(
    village: Village,
) -> None:
    purchase = village.payable()
    with village.ctx.sessions() as tx:
        tx.execute(update(Insurer).values(bank_account="6222999999999999"))
        tx.commit()
    payment = payments.order_payment(village.ctx, village.actor("cashier"), purchase.id)
    assert payment.payee_account == "6222000000000001"


def test_another_account_of_an_insurer_leaves_a_trace_without_the_number(ctx: Context) -> None:
    assert bring_registry(ctx, registry_rows()).applied
    rows = balances_rows()
    assert bring_balances(ctx, rows).applied
    rows["保险机构"][0][3] = "TEST-BX-2"
    assert bring_balances(ctx, rows).applied
    with ctx.sessions() as tx:
        (body,) = tx.scalars(
            select(AuditEntry.body).where(AuditEntry.action == "insurer.change_payee")
        ).all()
    for number, when in (("TEST-BX-1", "before"), ("TEST-BX-2", "after")):
        digest = ctx.cipher.digest("payee", f"测试银行\0{number}").hex()
        assert f'"{when}":"{digest}"' in body.decode()
        assert number not in body.decode()


def test_a_member_in_office_cannot_be_left_out_of_the_term(ctx: Context) -> None:
    rows = registry_rows()
    assert bring_registry(ctx, rows).applied
    former = list(rows["业委会"][0])
    rows["业委会"][0][2] = "改名示"
    report = bring_registry(ctx, rows)
    assert ["请填离任日期" in line for line in lines(report)] == [True]
    former[6] = date(2025, 1, 1)
    rows["业委会"].append(former)
    assert bring_registry(ctx, rows).applied


# --- one person in both apps ---


class Union(NoPlatform):
    """The platform that vouches for one unionid at every login."""

    def login(self, code: str) -> MiniProgramLogin:
        return MiniProgramLogin(openid="mini-openid", unionid=UNION if code == "late" else None)

    def unionid(self, openid: str) -> str | None:
        return UNION


def people(ctx: Context) -> dict[str, object]:
    with ctx.sessions() as tx:
        rows = tx.scalars(select(Identity).where(Identity.openid.in_(["mini-openid", "fan"])))
        return {row.platform: row.person_id for row in rows}


def met(ctx: Context, openid: str) -> UUID:
    """Whom we take somebody for who writes to the service account."""
    with ctx.sessions() as tx:
        vouched = Vouched(ctx.platform.unionid(openid))
        person_id = identities.person_behind(tx, ctx, openid, vouched)
        tx.commit()
        return person_id


def joined(ctx: Context) -> int:
    with ctx.sessions() as tx:
        query = select(AuditEntry.id).where(AuditEntry.action == "identity.join")
        return len(tx.scalars(query).all())


def test_a_unionid_learned_late_joins_the_apps(village: Village) -> None:
    ctx = replace(village.ctx, platform=Union())
    mine = sessions.sign_in(ctx, "early").person_id
    fan = met(ctx, "fan")
    assert fan != mine
    assert sessions.sign_in(ctx, "late").person_id == mine
    assert people(ctx) == {"mini_program": mine, "service_account": mine}
    assert joined(ctx) == 1
    assert sessions.sign_in(ctx, "late").person_id == mine
    assert joined(ctx) == 1


def test_a_follower_with_rights_keeps_them_when_the_apps_are_joined(village: Village) -> None:
    ctx = replace(village.ctx, platform=Union())
    mine = sessions.sign_in(ctx, "early").person_id
    fan = met(ctx, "fan")
    village.people["fan"] = replace(village.actor("clerk"), person_id=fan)
    also(village, "fan", "auditor")
    assert sessions.sign_in(ctx, "late").person_id == fan
    assert mine not in people(ctx).values()


def test_two_people_with_rights_stay_two(village: Village) -> None:
    ctx = replace(village.ctx, platform=Union())
    mine = sessions.sign_in(ctx, "early").person_id
    fan = met(ctx, "fan")
    for name, person_id in (("mine", mine), ("fan", fan)):
        village.people[name] = replace(village.actor("clerk"), person_id=person_id)
        also(village, name, "auditor")
    assert sessions.sign_in(ctx, "late").person_id == mine
    assert people(ctx) == {"mini_program": mine, "service_account": fan}
    assert joined(ctx) == 0


# --- what the database keeps ---


def test_the_source_and_insurer_of_a_case_and_its_covers_stay(village: Village) -> None:
    village.posted()
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(CoveragePeriod)).all()
        assert tx.scalars(select(PurchaseLift)).all()
    for statement in (
        "UPDATE purchase_source SET account_id = gen_random_uuid()",
        "DELETE FROM purchase_source",
        "UPDATE purchase SET insurer_id = gen_random_uuid()",
        "DELETE FROM coverage_period",
        "DELETE FROM purchase_lift",
        "DELETE FROM cosignature",
    ):
        with village.ctx.sessions() as tx, pytest.raises(IntegrityError, match="is refused"):
            tx.execute(text(statement))
