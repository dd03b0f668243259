"""People come and go while cases wait: what somebody held ends with the role, a successor hears
what is open, and where nobody is left the administrators do."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from backend.domain.channels import TEMPLATE
from backend.domain.errors import Refused
from backend.domain.local_time import local_date
from backend.domain.roles import Role
from backend.services.case import handover
from backend.services.messages import leases, outbox
from backend.services.people import grants, lockouts
from backend.services.reads import cases, todos
from backend.store.messages import Outbox
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase
from backend.store.registry import Committee, CommitteeMember
from tests.build.looking import add_person, case, codes, letters, vote
from tests.build.owners_case import applied_by_owners
from tests.build.players import populate_neighbours
from tests.build.sample_case import sample_purchase
from tests.build.village import Village, called


@pytest.fixture(autouse=True)
def administrator(village: Village) -> None:
    add_person(village, "administrator", "administrator")


def ends(village: Village, name: str) -> None:
    """All that was granted to this person is taken back."""
    keepers = {name: village.actor(name) for name in ("administrator", "clerk")}
    with village.ctx.sessions() as tx:
        mine = select(AccessGrant).where(AccessGrant.person_id == village.actor(name).person_id)
        rights = tx.scalars(mine).all()
    for right in rights:
        keeper = "clerk" if right.scope_id else "administrator"
        grants.revoke(village.ctx, keepers[keeper], right.id)


def applied(village: Village) -> Purchase:
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    return case(village, purchase)


def handovers(village: Village, name: str) -> list[str]:
    """Whom-for, how many and where of each message of this kind, in order."""
    with village.ctx.sessions() as tx:
        rows = tx.scalars(
            select(Outbox)
            .where(Outbox.person_id == village.actor(name).person_id, Outbox.template == "handover")
            .order_by(Outbox.id)
        )
        return [" ".join(row.data[key] for key in ("role", "count", "estate")) for row in rows]


def waiting_for(village: Village, name: str) -> list[str]:
    """How each message to this person stands, as far as it is not sent."""
    with village.ctx.sessions() as tx:
        return list(
            tx.scalars(
                select(Outbox.state).where(Outbox.person_id == village.actor(name).person_id)
            )
        )


def deliveries_to(village: Village, name: str) -> int:
    """How many messages a worker would take to this person now."""
    taken = leases.take_due(village.ctx, 1000)
    return sum(each.person_id == village.actor(name).person_id for each in taken)


# --- what somebody held ends with the role ---


@pytest.mark.parametrize(("name", "stage"), [("manager", "surveyed"), ("insurer", "surveyed")])
def test_what_waited_for_somebody_whose_role_ended_does_not_leave(
    village: Village, name: str, stage: str
) -> None:
    getattr(village, stage)()
    assert waiting_for(village, name)
    ends(village, name)
    assert deliveries_to(village, name) == 0
    leases.due_ids(village.ctx)
    assert set(waiting_for(village, name)) == {"superseded"}


def test_nor_when_the_same_person_goes_on_next_door(village: Village) -> None:
    """The case over there has messages of its own, and who manages there has a right to those."""
    village.surveyed()
    next_door = populate_neighbours(village)
    manager = village.actor("manager").person_id
    with village.ctx.sessions() as tx:
        clerk = village.actor("clerk").person_id
        rules = village.ctx.city.version
        other = sample_purchase(tx, next_door.estate, {next_door.pool: 1}, None, clerk, rules)
        about_it = outbox.Message(
            "next door", manager, "property_manager", TEMPLATE, "handover", {}, other.subject
        )
        outbox.write(tx, village.clock(), about_it)
        tx.commit()
    ends(village, "manager")
    grants.grant(village.ctx, None, manager, Role.PROPERTY_MANAGER, next_door.estate)
    assert deliveries_to(village, "manager") == 1


def test_nor_does_an_invitation_to_a_member_who_left_meanwhile(village: Village) -> None:
    purchase = village.planned()
    with village.ctx.sessions() as tx:
        mine = CommitteeMember.person_id == village.actor("member0").person_id
        tx.scalars(select(CommitteeMember).where(mine)).one().left_on = local_date(village.clock())
        tx.commit()
    assert "member0" in {name for name, _, _ in letters(village, purchase)}
    assert deliveries_to(village, "member0") == 0


def test_those_whose_role_goes_on_are_written_to_as_ever(village: Village) -> None:
    village.planned()
    ends(village, "manager")
    taken = {each.person_id for each in leases.take_due(village.ctx, 1000)}
    here = {name for name, actor in village.people.items() if actor.person_id in taken}
    assert {"member0", "member1", "member2", "clerk"} <= here
    assert "manager" not in here


def test_a_right_that_ends_by_its_day_ends_the_messages_too(village: Village) -> None:
    with village.ctx.sessions() as tx:
        mine = AccessGrant.person_id == village.actor("manager").person_id
        until = village.clock() + timedelta(days=1)
        tx.scalars(select(AccessGrant).where(mine)).one().valid_until = until
        tx.commit()
    village.surveyed()
    village.clock.advance(days=2)
    assert deliveries_to(village, "manager") == 0
    assert todos.my_todos(village.ctx, village.actor("manager")).items == []


def test_the_case_is_not_there_any_more_for_who_managed_the_estate(village: Village) -> None:
    purchase = applied(village)
    ends(village, "manager")
    with pytest.raises(Refused) as refused:
        cases.read_case(village.ctx, village.actor("manager"), purchase.id)
    assert codes(refused) == ["not_found"]


# --- a successor ---


def test_a_new_manager_hears_once_what_is_open(village: Village) -> None:
    village.drafted()
    ends(village, "manager")
    new, clerk = add_person(village, "new manager"), village.actor("clerk")
    for _ in range(2):
        grants.grant(village.ctx, clerk, new.person_id, Role.PROPERTY_MANAGER, village.estate)
    assert handovers(village, "new manager") == ["物业 1件待办理 示例小区"]


def test_the_clerk_who_is_left_hears_what_the_other_had_open(village: Village) -> None:
    applied(village)
    add_person(village, "second clerk", "clerk")
    ends(village, "clerk")
    for _ in range(2):
        handover.sweep(village.ctx)
    assert handovers(village, "second clerk") == ["中心经办 1件待办理 示例小区"]
    assert handovers(village, "administrator") == []


def test_so_does_the_clerk_who_is_left_when_the_other_is_kept_out(village: Village) -> None:
    purchase = applied(village)
    village.clerk.queries_funds(purchase.id, "正常")
    add_person(village, "second clerk", "clerk")
    clerk, administrator = village.actor("clerk"), village.actor("administrator")
    lockouts.lock_out(village.ctx, administrator, clerk.person_id, "住院")
    before = len(letters(village, purchase))
    village.manager.withdraws(purchase.id, "不办了")
    told = {name for name, _, _ in letters(village, purchase)[before:]}
    assert "second clerk" in told
    assert "clerk" not in told


def test_whoever_has_nothing_to_do_is_not_written_to(village: Village) -> None:
    new, clerk = add_person(village, "new manager"), village.actor("clerk")
    grants.grant(village.ctx, clerk, new.person_id, Role.PROPERTY_MANAGER, village.estate)
    assert handovers(village, "new manager") == []


# --- nobody is left ---


@pytest.mark.parametrize(("name", "role"), [("clerk", "中心经办"), ("insurer", "保险机构")])
def test_the_administrators_hear_of_a_role_in_which_nobody_is_left(
    village: Village, name: str, role: str
) -> None:
    purchase = applied(village)
    if name == "insurer":
        village.clerk.queries_funds(purchase.id, "正常")
    ends(village, name)
    handover.sweep(village.ctx)
    assert handovers(village, "administrator") == [f"{role} 1件无人办理 示例小区"]
    (lack,) = todos.my_todos(village.ctx, village.actor("administrator")).unattended
    assert (lack.role_name, lack.cases, lack.places) == (role, 1, ["示例小区"])


def test_they_hear_again_after_a_week_and_not_before(village: Village) -> None:
    applied(village)
    ends(village, "clerk")
    told = []
    for _ in range(15):
        handover.sweep(village.ctx)
        handover.sweep(village.ctx)
        told.append(len(handovers(village, "administrator")))
        village.clock.advance(days=1)
    assert told == [*[1] * 7, *[2] * 7, 3]


def test_they_hear_no_more_once_somebody_has_the_role(village: Village) -> None:
    applied(village)
    ends(village, "clerk")
    village.clock.advance(minutes=5)
    add_person(village, "new clerk")
    new = village.actor("new clerk").person_id
    grants.grant(village.ctx, village.actor("administrator"), new, Role.CLERK)
    assert handover.sweep(village.ctx) == 0
    assert handovers(village, "new clerk") == ["中心经办 1件待办理 示例小区"]
    assert todos.my_todos(village.ctx, village.actor("administrator")).unattended == []


def test_only_administrators_see_what_waits_for_nobody(village: Village) -> None:
    applied(village)
    ends(village, "clerk")
    for name in ("manager", "reviewer", "supervisor", "stranger"):
        assert todos.my_todos(village.ctx, village.actor(name)).unattended == []


def test_where_there_is_no_administrator_the_supervisor_hears(village: Village) -> None:
    applied(village)
    with village.ctx.sessions() as tx:
        for right in tx.scalars(
            select(AccessGrant).where(AccessGrant.role.in_(("clerk", "administrator")))
        ):
            right.valid_until = village.clock()
        tx.commit()
    handover.sweep(village.ctx)
    assert handovers(village, "supervisor") == ["中心经办 1件无人办理 示例小区"]


def test_a_clerk_with_a_flat_there_is_nobody_for_the_case(village: Village) -> None:
    purchase = applied(village)
    with village.ctx.sessions() as tx:
        member = tx.scalars(select(CommitteeMember).order_by(CommitteeMember.id)).first()
        assert member
        member.person_id = village.actor("clerk").person_id
        tx.commit()
    handover.sweep(village.ctx)
    assert case(village, purchase).state == "applied"
    assert handovers(village, "administrator") == ["中心经办 1件无人办理 示例小区"]


def test_a_case_that_somebody_can_see_to_is_told_to_nobody(village: Village) -> None:
    applied_by_owners(village)
    assert handover.sweep(village.ctx) == 0


# --- a new committee ---


def new_committee(village: Village, *names: str) -> None:
    """The term in office ends today, and another begins with these members."""
    today = local_date(village.clock())
    with village.ctx.sessions() as tx:
        tx.scalars(select(Committee)).one().term_until = today
        committee = Committee(
            estate_id=village.estate, term_from=today, term_until=date(2030, 1, 1)
        )
        tx.add(committee)
        tx.flush()
        for number, name in enumerate(names):
            member_id = uuid7()
            tx.add(
                CommitteeMember(
                    id=member_id,
                    committee_id=committee.id,
                    position="委员",
                    name_sealed=village.ctx.cipher.seal(
                        CommitteeMember.name_sealed, member_id, called("郑样", number)
                    ),
                    name_hash=village.ctx.cipher.digest("name", called("郑样", number)),
                    recused=False,
                    person_id=add_person(village, name).person_id,
                )
            )
        tx.commit()


def invited(village: Village, purchase: Purchase) -> list[str]:
    told = letters(village, purchase)
    return sorted(name for name, template, _ in told if template == "approval_invitation")


def test_the_members_of_a_new_committee_are_invited_once_and_decide(village: Village) -> None:
    purchase = village.planned()
    vote(village, purchase, "member0", "approve")
    village.clock.advance(days=1)
    new_committee(village, "new0", "new1", "new2")
    for _ in range(2):
        handover.invite_who_came(village.ctx)
    assert invited(village, purchase) == ["member0", "member1", "member2", "new0", "new1", "new2"]
    with pytest.raises(Refused):
        vote(village, purchase, "member1", "approve")
    for name in ("new0", "new1"):
        vote(village, purchase, name, "approve")
    assert case(village, purchase).state == "approved"


def test_a_committee_in_office_that_was_invited_is_not_invited_again(village: Village) -> None:
    purchase = village.planned()
    assert handover.invite_who_came(village.ctx) == 0
    assert invited(village, purchase) == ["member0", "member1", "member2"]


def test_a_term_that_ends_without_another_committee_is_told_to_the_administrators(
    village: Village,
) -> None:
    purchase = village.planned()
    with village.ctx.sessions() as tx:
        tx.scalars(select(Committee)).one().term_until = local_date(village.clock())
        tx.commit()
    handover.sweep(village.ctx)
    assert case(village, purchase).state == "planned"
    assert handovers(village, "administrator") == ["业委会委员 1件无人办理 示例小区"]


def test_what_a_committee_applied_for_is_the_next_committees(village: Village) -> None:
    purchase = village.drafted("committee", "member0")
    village.person("member0").applies(purchase.id, village.upload("member0"))
    new_committee(village, "new0", "new1", "new2")
    seen = cases.read_case(village.ctx, village.actor("new0"), purchase.id)
    assert seen.purchase.state == "applied"
    with pytest.raises(Refused) as refused:
        cases.read_case(village.ctx, village.actor("member0"), purchase.id)
    assert codes(refused) == ["not_found"]
    village.person("new0").withdraws(purchase.id, "换届后不再申请")
