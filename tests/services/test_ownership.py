"""A flat is sold while cases run: what its owner could do ends, what was done stays."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from backend.domain.errors import Refused
from backend.domain.local_time import local_date
from backend.services.case import handover
from backend.services.messages import leases
from backend.services.people import ownership, roster, whoami
from backend.services.people.account_deletion import delete_account
from backend.services.people.ownership import OwnerAt
from backend.services.public_notice import objections
from backend.services.public_notice.objections import PaperObjection
from backend.services.reads import cases, todos
from backend.services.reads.joint import joint_applications
from backend.store.cipher import Cipher
from backend.store.messages import Outbox
from backend.store.people import Person
from backend.store.registry import CommitteeMember, Owner
from tests.build.comparing import entered_with_scan
from tests.build.context import SETTINGS
from tests.build.looking import add_person, case, codes, letters, objection_of, vote
from tests.build.owners_case import applied_by_owners, posted_by_owners
from tests.build.village import Village, called


def at_home(number: int) -> OwnerAt:
    return OwnerAt("E1", "1栋", f"{number % 2 + 1}单元", f"{number + 1}01", called("冯样", number))


def sells(village: Village, number: int) -> None:
    """The centre enters that the owner of this number has sold."""
    clerk = village.actor("clerk")
    ownership.end_ownership(village.ctx, clerk, at_home(number), "不动产登记簿已变更")


def bound_to(village: Village, number: int) -> object:
    with village.ctx.sessions() as tx:
        return tx.get_one(Owner, village.owners[number]).person_id


def test_who_sold_is_no_owner_any_more(village: Village) -> None:
    sells(village, 0)
    owner = village.actor("owner0")
    assert whoami.who_am_i(village.ctx, owner).homes == []
    _, notice = village.posted()
    with pytest.raises(Refused):
        objections.file_objection(village.ctx, owner, notice, "price", "太贵")


def test_who_sold_is_found_while_one_key_takes_the_others_place(village: Village) -> None:
    before = SETTINGS.secret_key.get_secret_value()
    changing = replace(village.ctx, cipher=Cipher("another secret for tests only", before))
    ownership.end_ownership(changing, village.actor("clerk"), at_home(0), "不动产登记簿已变更")
    assert bound_to(village, 0) is None


def test_an_owner_says_so_by_themselves_and_of_nobody_else(village: Village) -> None:
    with pytest.raises(Refused) as refused:
        ownership.give_up_home(village.ctx, village.actor("owner1"), village.owners[0])
    assert codes(refused) == ["not_found"]
    ownership.give_up_home(village.ctx, village.actor("owner0"), village.owners[0])
    assert bound_to(village, 0) is None


def test_only_a_clerk_enters_it_with_a_reason_for_a_name_that_is_there(village: Village) -> None:
    for name, owner, reason, code in (
        ("manager", at_home(0), "x", "not_found"),
        ("reviewer", at_home(0), "x", "role_required"),
        ("clerk", at_home(0), " ", "text_required"),
        ("clerk", OwnerAt("E1", "9栋", "1单元", "101", "某某"), "x", "place_unknown"),
        ("clerk", OwnerAt("E1", "1栋", "1单元", "101", "李四"), "x", "name_not_on_roster"),
    ):
        with pytest.raises(Refused) as refused:
            ownership.end_ownership(village.ctx, village.actor(name), owner, reason)
        assert codes(refused) == [code]


def test_a_signature_of_who_sold_before_the_application_does_not_count(village: Village) -> None:
    purchase = village.drafted("owners", "owner0")
    for name in ("owner0", "owner1", "owner2"):
        village.person(name).cosigns(purchase.id)
    sells(village, 2)
    with pytest.raises(Refused) as refused:
        village.person("owner0").applies(purchase.id, village.upload("owner0"))
    assert codes(refused) == ["too_few_cosigners"]
    village.person("owner3").cosigns(purchase.id)
    village.person("owner0").applies(purchase.id, village.upload("owner0"))


def test_an_application_that_was_made_stands_and_the_others_go_on(village: Village) -> None:
    purchase = applied_by_owners(village)
    sells(village, 0)
    with pytest.raises(Refused):
        village.person("owner0").withdraws(purchase.id, "不要了")
    with pytest.raises(Refused) as refused:
        cases.read_case(village.ctx, village.actor("owner0"), purchase.id)
    assert codes(refused) == ["not_found"]
    assert joint_applications(village.ctx, village.actor("owner0")) == []
    village.clerk.queries_funds(purchase.id, "正常")
    recent = {name for name, _, data in letters(village, purchase) if data["state"] != "已申请"}
    assert {"owner1", "owner2"} <= recent
    assert "owner0" not in recent
    village.person("owner1").withdraws(purchase.id, "不办了")


def test_what_waited_for_the_former_owner_does_not_leave(village: Village) -> None:
    purchase = applied_by_owners(village)
    village.clerk.queries_funds(purchase.id, "正常")
    sells(village, 1)
    taken = [each.person_id for each in leases.take_due(village.ctx, 1000)]
    assert village.actor("owner1").person_id not in taken
    assert village.actor("owner0").person_id in taken


def test_when_all_who_applied_have_sold_the_administrators_hear(village: Village) -> None:
    add_person(village, "administrator", "administrator")
    posted_by_owners(village)
    assert handover.sweep(village.ctx) == 0
    for number in range(3):
        sells(village, number)
    handover.sweep(village.ctx)
    (lack,) = todos.my_todos(village.ctx, village.actor("administrator")).unattended
    assert (lack.role_name, lack.cases) == ("业主", 1)


def test_an_objection_made_before_the_sale_stands_and_its_author_reads_the_answer(
    village: Village,
) -> None:
    purchase, notice = village.posted()
    objection = village.person("owner0").objects(notice, "price", "太贵")
    assert case(village, purchase).state == "suspended"
    sells(village, 0)
    village.clerk.answers(objection.id, "保费经比选")
    assert objection_of(village, objection).answer == "保费经比选"
    with village.ctx.sessions() as tx:
        author = tx.scalar(
            select(type(objection).author()).where(type(objection).id == objection.id)
        )
    assert author == village.actor("owner0").person_id
    village.person("owner0").withdraws_objection(objection.id)


@pytest.mark.parametrize(("sold_first", "stands"), [(True, False), (False, True)])
def test_a_paper_counts_if_it_came_before_the_sale(
    village: Village, sold_first: bool, stands: bool
) -> None:
    _, notice = village.posted()
    received = village.clock()
    village.clock.advance(minutes=1)
    sells(village, 1)
    village.clock.advance(minutes=1)
    came = village.clock() if sold_first else received
    paper = PaperObjection("need", "不同意投保", called("冯样", 1), came, village.owners[1])
    if stands:
        entered_with_scan(village.ctx, village.actor("clerk"), notice, paper)
        return
    with pytest.raises(Refused) as refused:
        entered_with_scan(village.ctx, village.actor("clerk"), notice, paper)
    assert codes(refused) == ["owner_unknown"]


def test_with_the_last_flat_ends_a_seat_on_the_committee(village: Village) -> None:
    purchase = village.planned()
    with village.ctx.sessions() as tx:
        seat = tx.scalars(select(CommitteeMember).order_by(CommitteeMember.id)).first()
        assert seat
        seat.person_id = village.actor("owner0").person_id
        tx.commit()
    vote(village, purchase, "member1", "approve")
    sells(village, 0)
    with village.ctx.sessions() as tx:
        left = tx.get_one(CommitteeMember, seat.id).left_on
    assert left == local_date(village.clock())
    vote(village, purchase, "member2", "approve")
    assert case(village, purchase).state == "approved"


def test_a_sale_entered_by_mistake_is_taken_back(village: Village) -> None:
    sells(village, 0)
    clerk = village.actor("clerk")
    for _ in range(2):
        ownership.restore_ownership(village.ctx, clerk, at_home(0), "登记错误")
    assert bound_to(village, 0) == village.actor("owner0").person_id


def test_the_former_entry_is_bound_neither_by_phone_nor_by_name(village: Village) -> None:
    sells(village, 0)
    stranger, clerk = village.actor("stranger"), village.actor("clerk")
    verification = roster.open_owner_verification(
        village.ctx, stranger, "E1", "1栋", "1单元", "101", called("冯样", 0)
    )
    (view,) = roster.open_verifications(village.ctx, clerk)
    assert not view.on_roster
    with pytest.raises(Refused) as refused:
        roster.close_verification(village.ctx, clerk, verification, True, "核对")
    assert codes(refused) == ["name_not_on_roster"]


def test_the_new_owner_hears_what_is_open_when_they_are_verified(village: Village) -> None:
    village.posted()
    sells(village, 0)
    with village.ctx.sessions() as tx:
        flat = tx.get_one(Owner, village.owners[0]).household_id
        owner_id = uuid7()
        tx.add(
            Owner(
                id=owner_id,
                household_id=flat,
                name_sealed=village.ctx.cipher.seal(Owner.name_sealed, owner_id, "周新"),
                name_hash=village.ctx.cipher.digest("name", "周新"),
            )
        )
        tx.commit()
    new = village.actor("stranger")
    verification = roster.open_owner_verification(
        village.ctx, new, "E1", "1栋", "1单元", "101", "周新"
    )
    roster.close_verification(village.ctx, village.actor("clerk"), verification, True, "产权证")
    with village.ctx.sessions() as tx:
        (letter,) = tx.scalars(select(Outbox).where(Outbox.person_id == new.person_id))
    assert (letter.template, letter.data["role"]) == ("handover", "业主")
    assert (letter.data["count"], letter.data["estate"]) == ("1件正在办理", "示例小区")


def test_who_sold_and_leaves_us_is_forgotten_on_the_roster_too(village: Village) -> None:
    sells(village, 0)
    delete_account(village.ctx, village.actor("owner0"))
    with village.ctx.sessions() as tx:
        assert tx.get_one(Owner, village.owners[0]).former_person_id is None
        assert tx.get_one(Person, village.actor("owner0").person_id).left_at
