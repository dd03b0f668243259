"""资金不足 ends when money comes in: whoever must act hears of it once, with it on the list."""

from datetime import timedelta

from sqlalchemy import select

from backend.services.case.shortages import tell_of_money
from backend.services.reads.todos import own_todos
from backend.store.messages import Outbox
from backend.wechat.templates import VALUE_LIMIT
from tests.build.looking import add_income, short_of_funds
from tests.build.village import Village


def heard(village: Village) -> list[tuple[str, str]]:
    """Who heard that money came, by role, and what they read."""
    with village.ctx.sessions() as tx:
        rows = tx.scalars(
            select(Outbox).where(Outbox.natural_key.startswith("money_came/")).order_by(Outbox.role)
        )
        return [(row.role, row.data["next"]) for row in rows]


def clerks_tasks(village: Village) -> list[tuple[str, bool]]:
    with village.ctx.sessions() as tx:
        return [(t.state, t.mine) for t in own_todos(tx, village.ctx, village.actor("clerk"))]


def income_comes(village: Village) -> None:
    village.clock.set(village.clock() + timedelta(days=2))
    add_income(village, 500_000)


def test_income_that_ends_a_shortage_is_told_to_the_clerk_and_to_those_who_applied(
    village: Village,
) -> None:
    short_of_funds(village)
    assert tell_of_money(village.ctx) == 0
    income_comes(village)
    assert tell_of_money(village.ctx) == 1
    assert heard(village) == [
        ("clerk", "统筹账户有入账，请重新查询资金"),
        ("property_manager", "统筹账户有入账，中心将重新查询"),
    ]
    assert all(len(words) <= VALUE_LIMIT for _, words in heard(village))


def test_it_is_told_once_however_much_comes(village: Village) -> None:
    short_of_funds(village)
    for _ in range(2):
        income_comes(village)
        tell_of_money(village.ctx)
    assert len(heard(village)) == 2
    assert tell_of_money(village.ctx) == 0


def test_the_case_is_the_clerks_to_take_up(village: Village) -> None:
    short_of_funds(village)
    income_comes(village)
    assert clerks_tasks(village) == [("short_of_funds", True)]


def test_income_from_before_ends_no_shortage(village: Village) -> None:
    add_income(village, 500_000)
    village.clock.set(village.clock() + timedelta(days=1))
    short_of_funds(village)
    assert tell_of_money(village.ctx) == 0
    assert heard(village) == []
