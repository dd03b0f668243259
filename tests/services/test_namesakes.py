"""Two members of one name sit on one committee when their phones tell them apart."""

from typing import Any

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import keep_phone
from backend.services.people import grants, roster
from backend.store.people import Person
from backend.store.registry import CommitteeMember
from tests.build.proving import proved
from tests.build.workbooks import bring_registry, lines, registry_rows

ONE, OTHER, THIRD = "19900000021", "19900000022", "19900000023"


def committee(*members: tuple[str, str | None, str | None]) -> dict[str, list[list[Any]]]:
    """The small inventory with these members: phone, position, the day they left."""
    rows = registry_rows()
    rows["业委会"] = [
        ["2024-07-01", "2027-06-30", "陈 样二" if n else "陈样二", position, phone, "否", left]
        for n, (position, phone, left) in enumerate(members)
    ]
    return rows


def seats(ctx: Context) -> dict[bytes | None, str]:
    with ctx.sessions() as tx:
        return {
            member.phone_hash: member.position for member in tx.scalars(select(CommitteeMember))
        }


def digests(ctx: Context, **positions: str) -> dict[bytes | None, str]:
    return {ctx.cipher.digest("phone", phone): name for name, phone in positions.items()}


def test_each_is_found_again_by_the_phone(ctx: Context) -> None:
    both = committee(("主任", ONE, None), ("委员", OTHER, None))
    assert bring_registry(ctx, both).counts["委员"].added == 2
    assert bring_registry(ctx, both).changes == 0
    swapped = committee(("副主任", OTHER, None), ("主任", ONE, None))
    assert bring_registry(ctx, swapped).counts["委员"].changed == 1
    assert seats(ctx) == digests(ctx, 主任=ONE, 副主任=OTHER)


def test_one_alone_may_change_the_phone_and_get_a_namesake_later(ctx: Context) -> None:
    assert bring_registry(ctx, committee(("主任", ONE, None))).applied
    assert bring_registry(ctx, committee(("主任", OTHER, None))).counts["委员"].changed == 1
    both = committee(("主任", OTHER, None), ("委员", THIRD, None))
    assert bring_registry(ctx, both).counts["委员"].added == 1
    assert seats(ctx) == digests(ctx, 主任=OTHER, 委员=THIRD)


@pytest.mark.parametrize("phones", [(ONE, ONE), (ONE, None), (None, None), (None, ONE)])
def test_without_two_phones_they_are_one_and_the_way_is_told(
    ctx: Context, phones: tuple[str | None, str | None]
) -> None:
    rows = committee(("主任", phones[0], None), ("委员", phones[1], None))
    said = lines(bring_registry(ctx, rows))
    assert any("确是同名的两位委员，请在“委员电话”各填各的电话" in line for line in said), said
    assert seats(ctx) == {}


@pytest.mark.parametrize(
    "then",
    [
        [("主任", None, None)],  # which of the two?
        [("主任", ONE, None)],  # and the other?
        [("主任", ONE, None), ("委员", THIRD, None)],  # a new one, or another phone?
    ],
)
def test_who_is_meant_is_never_guessed(
    ctx: Context, then: list[tuple[str, str | None, str | None]]
) -> None:
    assert bring_registry(ctx, committee(("主任", ONE, None), ("委员", OTHER, None))).applied
    before = seats(ctx)
    report = bring_registry(ctx, committee(*then))
    assert "有同名的委员" in "".join(lines(report))
    assert seats(ctx) == before


def test_one_without_a_phone_is_asked_for_it_before_a_namesake_comes(ctx: Context) -> None:
    assert bring_registry(ctx, committee(("主任", None, None))).applied
    both = committee(("主任", ONE, None), ("委员", OTHER, None))
    assert "请先单独导入那一位" in "".join(lines(bring_registry(ctx, both)))
    assert bring_registry(ctx, committee(("主任", ONE, None))).applied
    assert bring_registry(ctx, both).applied


def newcomer(ctx: Context, phone: str | None = None, proved: bool = True) -> Actor:
    with ctx.sessions() as tx:
        person = Person(id=uuid7(), created_at=ctx.clock())
        if phone:
            keep_phone(ctx.cipher, person, phone)
            person.phone_verified_at = ctx.clock() if proved else None
        tx.add(person)
        tx.commit()
    return Actor(person.id)


def test_the_centre_binds_the_one_whose_phone_was_proved(ctx: Context) -> None:
    assert bring_registry(ctx, committee(("主任", ONE, None), ("委员", OTHER, None))).applied
    clerk = proved(newcomer(ctx).person_id)
    grants.grant(ctx, None, clerk.person_id, Role.CLERK)
    unproved = newcomer(ctx, OTHER, proved=False)
    for someone, bound in ((newcomer(ctx), False), (unproved, False), (newcomer(ctx, OTHER), True)):
        asked = roster.open_member_verification(ctx, someone, "TEST-01", "陈样二")
        (waiting,) = roster.open_verifications(ctx, clerk)
        assert (waiting.on_roster, waiting.taken) == (True, False)
        if bound:
            roster.close_verification(ctx, clerk, asked, verified=True, reason="备案名册")
            continue
        with pytest.raises(Refused, match="name_of_several"):
            roster.close_verification(ctx, clerk, asked, verified=True, reason="备案名册")
        roster.close_verification(ctx, clerk, asked, verified=False, reason="请先核验手机号")
    with ctx.sessions() as tx:
        (seat,) = tx.scalars(select(CommitteeMember).where(CommitteeMember.person_id.is_not(None)))
        assert seat.position == "委员"
