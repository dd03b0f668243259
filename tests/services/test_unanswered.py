"""What one officer entered and no other one answers is reminded of, and told in the end."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from backend.services.case import unanswered
from backend.services.registry import openings
from backend.store.messages import Outbox
from backend.store.proposals import PayeeChange
from tests.build.village import POOL_FEN, Village


def heard(village: Village) -> dict[str, set[str]]:
    """Who was reminded of what."""
    names = {actor.person_id: name for name, actor in village.people.items()}
    found: dict[str, set[str]] = {}
    with village.ctx.sessions() as tx:
        rows = select(Outbox).where(Outbox.natural_key.startswith("unanswered/"))
        for row in tx.scalars(rows):
            found.setdefault(row.data["count"], set()).add(names[row.person_id])
    return found


def another_account(village: Village) -> None:
    letter = village.upload("clerk")
    village.clerk.enters_payee(village.insurer, "示例银行", "6222000000000009", letter, "销户")


def another_balance(village: Village) -> None:
    clerk = village.actor("clerk")
    (opening,) = openings.list_openings(village.ctx, clerk, None, 20)
    right = openings.RightFigures(POOL_FEN + 1, None, [(village.pool, POOL_FEN + 1)])
    openings.enter(village.ctx, clerk, opening.id, right, village.upload("clerk"), "漏记")


@pytest.mark.parametrize(
    ("enter", "name"), [(another_account, "收款账户变更"), (another_balance, "期初更正")]
)
def test_the_others_are_reminded_once_and_the_supervisors_hear_in_the_end(
    village: Village, enter: Callable[[Village], None], name: str
) -> None:
    enter(village)
    village.clock.advance(days=2)
    assert unanswered.sweep(village.ctx) == 0
    village.clock.advance(days=1)
    for _ in range(2):
        assert unanswered.sweep(village.ctx) == 1
    reminded = {f"{name}待确认": {"reviewer", "cashier"}}
    assert heard(village) == reminded
    village.clock.advance(days=7)
    unanswered.sweep(village.ctx)
    assert heard(village) == {**reminded, f"{name}10天没有确认": {"supervisor"}}


def test_what_is_decided_is_not_reminded_of(village: Village) -> None:
    another_account(village)
    with village.ctx.sessions() as tx:
        change = tx.scalars(select(PayeeChange)).one()
    village.reviewer.turns_down_payee(change.id, "电话核实不属实")
    village.clock.advance(days=30)
    assert unanswered.sweep(village.ctx) == 0
    assert heard(village) == {}
