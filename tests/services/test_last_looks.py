"""A sweep looks at what changed since it looked last, and once a day at everything."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from backend.domain.audit_actions import AuditAction
from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.services.case import handover, last_looks, renewals
from backend.services.people import grants, lockouts
from backend.store.messages import Outbox
from backend.store.people import AccessGrant
from tests.build.counting import Counter
from tests.build.looking import add_person
from tests.build.village import Village

SWEEPS = (handover.invite_who_came, handover.sweep, renewals.sweep)
Sweep = Callable[[Context], int]
# How far it looked, and whether the chain has grown.
IDLE = 2


@pytest.fixture(autouse=True)
def administrator(village: Village) -> None:
    add_person(village, "administrator", "administrator")


def told(village: Village) -> list[str]:
    """In which roles nobody is left, as the administrator heard."""
    mine = select(Outbox.data["role"].astext).where(
        Outbox.person_id == village.actor("administrator").person_id
    )
    with village.ctx.sessions() as tx:
        return list(tx.scalars(mine.order_by(Outbox.id)))


def takes_back(village: Village, name: str, keeper: str) -> None:
    mine = select(AccessGrant.id).where(AccessGrant.person_id == village.actor(name).person_id)
    with village.ctx.sessions() as tx:
        right = tx.scalars(mine).one()
    grants.revoke(village.ctx, village.actor(keeper), right)


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.__name__)
def test_where_nothing_changed_a_sweep_looks_at_nothing(village: Village, sweep: Sweep) -> None:
    village.planned()
    sweep(village.ctx)
    for _ in range(2):
        with Counter(village.ctx) as counter:
            assert sweep(village.ctx) == 0
        assert counter.queries == IDLE
    village.clock.advance(days=1)
    with Counter(village.ctx) as counter:
        sweep(village.ctx)
    assert counter.queries > IDLE, "a day has begun"


def test_a_case_that_moved_on_to_nobody_is_told_the_same_day(village: Village) -> None:
    purchase = village.drafted()
    takes_back(village, "insurer", "clerk")
    village.manager.applies(purchase.id, village.upload("manager"))
    handover.sweep(village.ctx)
    assert told(village) == []
    village.clerk.queries_funds(purchase.id, "正常")
    handover.sweep(village.ctx)
    assert told(village) == ["保险机构"]


def test_who_loses_a_part_is_missed_the_same_day_in_cases_that_did_not_move(
    village: Village,
) -> None:
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    handover.sweep(village.ctx)
    clerk = village.actor("clerk").person_id
    lockouts.lock_out(village.ctx, village.actor("administrator"), clerk, "离职")
    handover.sweep(village.ctx)
    assert told(village) == ["中心经办"]


def test_a_sweep_that_fails_looks_again(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    purchase = village.drafted()
    village.manager.applies(purchase.id, village.upload("manager"))
    takes_back(village, "clerk", "administrator")
    with monkeypatch.context() as broken:
        broken.setattr(handover, "waiting_cases", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            handover.sweep(village.ctx)
    handover.sweep(village.ctx)
    assert told(village) == ["中心经办"]


def test_a_manager_who_comes_is_looked_for_in_all_cases(village: Village) -> None:
    village.planned()
    handover.sweep(village.ctx)
    new = add_person(village, "new manager").person_id
    clerk = village.actor("clerk")
    grants.grant(village.ctx, clerk, new, Role.PROPERTY_MANAGER, village.estate)
    with village.ctx.sessions() as tx:
        assert last_looks.since_last_look(tx, village.ctx, "handovers").parts_changed


def test_what_may_change_a_part_was_thought_of() -> None:
    kinds = {action.partition(".")[0] for action in AuditAction}
    assert kinds >= last_looks.LEAVE_PARTS
    assert kinds - last_looks.LEAVE_PARTS == {
        *("estate", "grant", "holiday_year", "identity", "owner", "owner_verification", "person"),
        "registry",
    }
