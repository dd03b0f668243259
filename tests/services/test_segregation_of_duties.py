"""Clerk, reviewer, cashier and the parties of a case are different people."""

import pytest
from sqlalchemy import update

from backend.domain.errors import Refused
from backend.domain.purchase import officer_refusals
from backend.domain.roles import Role
from backend.services.case.case import see_case
from backend.services.public_notice import answers, notices, objections
from backend.services.public_notice.notices import SubmittedPhoto
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import applications, registrations
from backend.services.reads import cases
from backend.store.people import AccessGrant
from backend.store.registry import Owner
from tests.build.comparing import entered_with_scan
from tests.build.looking import also, at, codes
from tests.build.village import Village


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
    village.reviewer.answers(objection.id, "已答复")
    objections.withdraw(village.ctx, village.actor("owner0"), objection.id)
    village.clock.set(at("2025-03-12 09:00"))
    village.photograph(notice, "end")
    notices.clear(village.ctx, village.actor("clerk"), purchase.id, "未收到纸质异议")
    with pytest.raises(Refused) as refused:
        registrations.register(village.ctx, village.actor("reviewer"), purchase.id)
    assert codes(refused) == ["same_officer"]


def test_who_verified_an_objection_does_not_pay(village: Village) -> None:
    purchase, notice = village.posted()
    also(village, "cashier", "clerk")
    objection = entered_with_scan(village.ctx, village.actor("clerk"), notice, paper(village, None))
    objections.verify(village.ctx, village.actor("cashier"), objection.id, village.owners[1], None)
    with village.ctx.sessions() as tx:
        case = see_case(tx, village.ctx, village.actor("cashier"), purchase.id)
        refusals = officer_refusals(case.facts, Role.CASHIER)
    assert [refusal.code for refusal in refusals] == ["same_officer"]


def test_who_objected_on_paper_is_no_officer_of_the_case(village: Village) -> None:
    purchase, notice = village.posted()
    entered_with_scan(village.ctx, village.actor("clerk"), notice, paper(village))
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
    village.clock.set(at("2025-03-12 09:00"))
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
        village.person(name).queries_funds(purchase.id, "正常")
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
            answers.answer(village.ctx, actor, objection.id, "不成立")
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
        ended = update(AccessGrant).values(valid_until=village.clock())
        tx.execute(ended.where(AccessGrant.role == "property_manager"))
        tx.commit()
    also(village, "clerk", "property_manager", village.estate)
    terms = village.contract(file_sha256=village.upload("clerk"))
    with pytest.raises(Refused) as refused:
        registrations.sign_contract(village.ctx, village.actor("clerk"), purchase.id, terms)
    assert codes(refused) == ["officer_is_party"]
