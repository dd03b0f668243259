"""What was judged once is judged again when it matters; what was agreed stays."""

from datetime import date

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from backend.domain.errors import Refused
from backend.services.base.context import Context
from backend.services.public_notice import notices
from backend.services.purchase import applications, cosignatures, payments, registrations
from backend.store.mandates import Mandate
from backend.store.purchases import CoveragePeriod, PurchaseLift
from backend.store.registry import Building, CommitteeMember, Insurer, Lift, Owner, Unit
from backend.store.signatures import Cosignature
from tests.build.looking import at, codes
from tests.build.village import Village
from tests.build.workbooks import (
    bring_registry,
    lines,
    registry_rows,
)

# By a right that the programs lack, or by a guard.
REFUSED = "is refused|permission denied"


def test_a_lift_that_left_the_account_is_neither_planned_nor_posted(village: Village) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id)
    with village.ctx.sessions() as tx:
        elsewhere = Building(estate_id=village.estate, name="2栋")
        tx.add(elsewhere)
        tx.flush()
        unit = Unit(building_id=elsewhere.id, name="1单元")
        tx.add(unit)
        tx.flush()
        tx.execute(update(Lift).where(Lift.id == village.lifts[0]).values(unit_id=unit.id))
        tx.commit()
    with pytest.raises(Refused) as refused:
        village.photograph(notice.id, "start")
    assert codes(refused) == ["lift_outside_circle"]


def test_a_plan_whose_cover_would_begin_in_the_past_is_not_posted(village: Village) -> None:
    purchase = village.approved()
    notice = notices.draft_notice(village.ctx, village.actor("manager"), purchase.id)
    village.clock.set(at("2025-04-02 09:00"))
    with pytest.raises(Refused) as refused:
        village.photograph(notice.id, "start")
    assert codes(refused) == ["cover_begins_in_past"]


def test_no_notice_is_drafted_of_cover_that_would_begin_in_the_past(village: Village) -> None:
    purchase = village.approved()
    village.clock.set(at("2025-04-02 09:00"))
    with pytest.raises(Refused) as refused:
        notices.draft_notice(village.ctx, village.actor("manager"), purchase.id)
    assert codes(refused) == ["cover_begins_in_past"]


def test_no_premium_is_paid_or_given_back_for_cover_that_is_over(village: Village) -> None:
    purchase = village.reviewed()
    village.clock.set(at("2026-04-01 00:00"))
    with pytest.raises(Refused) as refused:
        payments.order_payment(village.ctx, village.actor("cashier"), purchase.id)
    assert codes(refused) == ["cover_ended"]
    village.clock.set(at("2026-03-31 23:00"))
    cashier = village.actor("cashier")
    payments.order_payment(village.ctx, cashier, purchase.id, begun_cover_known=True)


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
    first = cosignatures.cosign(village.ctx, village.actor("owner0"), purchase.id)
    with village.ctx.sessions() as tx:
        now = village.clock()
        tx.add(Cosignature(purchase_id=purchase.id, owner_id=village.owners[2], signed_at=now))
        tx.commit()
    assert first == 1
    assert cosignatures.cosign(village.ctx, village.actor("owner0"), purchase.id) == 1
    with pytest.raises(Refused) as refused:
        applications.apply(
            village.ctx, village.actor("owner0"), purchase.id, village.upload("owner0")
        )
    assert codes(refused) == ["too_few_cosigners"]


def test_a_member_in_office_cannot_be_left_out_of_the_term(ctx: Context) -> None:
    rows = registry_rows()
    assert bring_registry(ctx, rows).applied
    former = list(rows["业委会"][0])
    rows["业委会"][0][2] = "林名示"
    report = bring_registry(ctx, rows)
    assert ["请填离任日期" in line for line in lines(report)] == [True]
    former[6] = date(2025, 1, 1)
    rows["业委会"].append(former)
    assert bring_registry(ctx, rows).applied


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
        with (
            village.ctx.sessions() as tx,
            pytest.raises(DBAPIError, match=f"{REFUSED}|is fixed with its plan"),
        ):
            tx.execute(text(statement))
