"""物业变更 and 承继: another company begins anew, a successor goes on, by two officers."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from backend.domain.errors import Refused
from backend.domain.local_time import local_date
from backend.services.people import companies, delegations, successions
from backend.store.mandates import Mandate
from backend.store.messages import Outbox
from backend.store.people import AccessGrant
from backend.store.queries.successions import SuccessionView
from backend.store.registry import CommitteeMember, Estate, Owner, PropertyCompany
from tests.build.looking import add_person, applied, codes
from tests.build.village import Village
from tests.build.waiting import at_once

GROUP, WHY = "示例物业集团公司", "吸收合并"


def enters(
    village: Village, name: str = GROUP, by: str = "clerk", file_sha256: str = "", why: str = WHY
) -> SuccessionView:
    paper = file_sha256 or village.upload(by)
    return successions.enter(village.ctx, village.actor(by), village.estate, name, paper, why)


def confirms(village: Village, one: UUID, by: str = "reviewer") -> SuccessionView:
    return successions.confirm(village.ctx, village.actor(by), one)


def turns_down(
    village: Village, one: UUID, by: str = "reviewer", why: str = "公告不是该公司的"
) -> SuccessionView:
    return successions.turn_down(village.ctx, village.actor(by), one, why)


def changes(village: Village, name: str | None, by: str = "clerk", why: str = "合同期满") -> None:
    companies.change_company(village.ctx, village.actor(by), village.estate, name, why)


def refused(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        act()
    return codes(refused)


def managed_by(village: Village) -> str | None:
    with village.ctx.sessions() as tx:
        company = PropertyCompany.id == Estate.property_company_id
        here = select(PropertyCompany.name).join(Estate, company)
        return tx.scalar(here.where(Estate.id == village.estate))


def mandated(village: Village) -> list[str]:
    """Whom the committee's mandate runs with."""
    with village.ctx.sessions() as tx:
        held = select(PropertyCompany.name).join(
            Mandate, Mandate.property_company_id == PropertyCompany.id
        )
        return list(tx.scalars(held.where(Mandate.not_over(local_date(village.clock())))))


def manages(village: Village) -> bool:
    with village.ctx.sessions() as tx:
        mine = AccessGrant.person_id == village.actor("manager").person_id
        return tx.scalars(select(AccessGrant).where(mine)).one().valid(village.clock())


def heard(village: Village, name: str) -> list[str]:
    """What somebody hears of the companies of the estate."""
    mine = select(Outbox.data).where(
        Outbox.person_id == village.actor(name).person_id,
        Outbox.natural_key.startswith("company/"),
    )
    with village.ctx.sessions() as tx:
        return [data["count"] for data in tx.scalars(mine.order_by(Outbox.id))]


def test_nothing_passes_on_until_another_officer_has_seen_the_notice_of_it(
    village: Village,
) -> None:
    add_person(village, "administrator", "administrator")
    assert refused(partial(enters, village, file_sha256="0" * 64)) == ["file_unknown"]
    entered = enters(village)
    assert (entered.estate, entered.former, entered.company) == ("示例小区", "示例物业", GROUP)
    for name in ("member0", "administrator", "reviewer"):
        assert heard(village, name) == ["物业承继登记待确认"]
    assert heard(village, "clerk") == heard(village, "cashier") == []
    assert (managed_by(village), mandated(village)) == ("示例物业", ["示例物业"])
    for by, code in (("clerk", "own_succession"), ("cashier", "role_required")):
        assert refused(partial(confirms, village, entered.id, by)) == [code]
    assert refused(partial(enters, village, "乙物业公司")) == ["succession_open"]
    assert refused(partial(changes, village, "乙物业公司")) == ["succession_open"]
    assert confirms(village, entered.id).confirmed
    assert (managed_by(village), mandated(village)) == (GROUP, [GROUP])
    assert manages(village), "its people go on"
    for name in ("member0", "administrator"):
        assert heard(village, name)[1:] == ["物业公司已由新公司承继"]
    for again in (confirms, turns_down):
        assert refused(partial(again, village, entered.id)) == ["succession_decided"]
    assert refused(partial(confirms, village, uuid4())) == ["not_found"]


def test_what_was_turned_down_changes_nothing_and_may_be_entered_anew(village: Village) -> None:
    entered = enters(village)
    assert refused(partial(turns_down, village, entered.id, why=" ")) == ["text_required"]
    done = turns_down(village, entered.id)
    assert (done.confirmed, done.turned_down_because) == (False, "公告不是该公司的")
    assert heard(village, "clerk") == ["物业承继登记已退回"]
    turns_down(village, enters(village).id, "clerk", "登记错了小区")
    assert heard(village, "clerk") == ["物业承继登记已退回"], "not of one's own word"
    assert (managed_by(village), mandated(village)) == ("示例物业", ["示例物业"])


def test_of_two_officers_who_decide_at_once_one_does(village: Village) -> None:
    add_person(village, "administrator", "administrator")
    one = enters(village).id

    def says(decide: Callable[[], object]) -> list[str]:
        try:
            decide()
        except Refused as refusal:
            return [each.code for each in refusal.refusals]
        return []

    decisions = partial(confirms, village, one), partial(turns_down, village, one, "administrator")
    answers = at_once([partial(says, each) for each in decisions])
    assert sorted(answers) == [[], ["succession_decided"]]
    assert managed_by(village) == (GROUP if answers[0] == [] else "示例物业")
    assert mandated(village) == [managed_by(village)]


def test_neither_who_stands_in_for_the_one_who_entered_it_nor_who_lives_there_confirms(
    village: Village,
) -> None:
    one = enters(village).id
    with village.ctx.sessions() as tx:
        mine = AccessGrant.person_id == village.actor("clerk").person_id
        own = tx.scalars(select(AccessGrant.id).where(mine)).one()
        tx.get_one(Owner, village.owners[0]).person_id = village.actor("reviewer").person_id
        tx.commit()
    until = village.clock() + timedelta(days=7)
    cashier = village.actor("cashier").person_id
    delegations.delegate(village.ctx, village.actor("clerk"), own, cashier, until)
    assert refused(partial(confirms, village, one, "cashier")) == ["own_succession"]
    for act in (confirms, turns_down):
        assert refused(partial(act, village, one)) == ["officer_is_party"]


def test_of_two_successors_the_last_one_alone_has_the_mandate(village: Village) -> None:
    for name in (GROUP, "示例物业"):
        confirms(village, enters(village, name).id)
        assert (managed_by(village), mandated(village)) == (name, [name])


def test_without_a_committee_the_owners_who_applied_hear_of_it(village: Village) -> None:
    village.drafted("owners", "owner0")
    with village.ctx.sessions() as tx:
        tx.execute(update(CommitteeMember).values(left_on=local_date(village.clock())))
        tx.commit()
    enters(village)
    told = [heard(village, name) for name in ("owner0", "owner1", "member0")]
    assert told == [["物业承继登记待确认"], [], []]


def test_another_company_begins_anew_and_what_it_had_does_not_come_back_with_it(
    village: Village,
) -> None:
    applied(village)
    changes(village, " 示例物业 ")
    assert heard(village, "member0") == [], "the company that is there already"
    changes(village, "另一物业公司")
    assert (managed_by(village), mandated(village)) == ("另一物业公司", [])
    assert not manages(village)
    with village.ctx.sessions() as tx:
        clerks = Outbox.person_id == village.actor("clerk").person_id
        left = Outbox.natural_key.startswith("without_company/")
        (data,) = tx.scalars(select(Outbox.data).where(clerks, left))
    assert (data["estate"], data["count"]) == ("示例小区", "1件无人办理")
    changes(village, "示例物业")
    assert mandated(village) == []
    assert heard(village, "member0") == ["物业公司已更换", "物业公司已更换"]
    confirms(village, enters(village).id)
    assert mandated(village) == [], "there was none to pass on"


def test_a_company_that_left_has_no_successor(village: Village) -> None:
    changes(village, None)
    assert (managed_by(village), manages(village)) == (None, False)
    assert heard(village, "member0") == ["物业公司已撤出"]
    assert refused(partial(enters, village)) == ["not_managed"]


def test_only_keepers_who_say_why_register_a_company_by_its_full_name(village: Village) -> None:
    for act in (enters, changes):
        assert refused(partial(act, village, GROUP, "reviewer")) == ["role_required"]
        assert refused(partial(act, village, GROUP, why=" ")) == ["text_required"]
        assert refused(partial(act, village, "无物业")) == ["name_invalid"]
    assert refused(partial(enters, village, "示例物业")) == ["name_invalid"]
    clerk, nowhere = village.actor("clerk"), uuid4()
    change = partial(companies.change_company, village.ctx, clerk, nowhere, GROUP, WHY)
    assert refused(change) == ["not_found"]
    assert managed_by(village) == "示例物业"
