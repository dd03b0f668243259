"""What changes around a case in generated histories: lifts, accounts, companies, insurers."""

from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import update

from backend.domain.local_time import local_date
from backend.services.people import companies, successions
from backend.services.registry import accounts, lifts, openings
from backend.services.registry.accounts import NewAccount
from backend.store.registry import Insurer, Lift, Unit
from tests.build import banks
from tests.build.village import Village

Change = Callable[[Village, int], object]


def chosen(village: Village, number: int) -> UUID:
    """One of the lifts."""
    return village.lifts[number % len(village.lifts)]


def stop(village: Village, number: int) -> None:
    since = local_date(village.clock())
    lifts.stop(village.ctx, village.actor("clerk"), chosen(village, number), since, "曳引机更换")


def restart(village: Village, number: int) -> None:
    lifts.restart(village.ctx, village.actor("clerk"), chosen(village, number), "检验合格")


def retire(village: Village, number: int) -> None:
    today = local_date(village.clock())
    clerk = village.actor("clerk")
    lifts.retire(village.ctx, clerk, chosen(village, number), today, "报废", None)


def replace(village: Village, number: int) -> None:
    """Another lift hangs in its place; from now on it is the village's."""
    today, old = local_date(village.clock()), chosen(village, number)
    with village.ctx.sessions() as tx:
        unit = tx.get_one(Lift, old).unit_id
        new = Lift(unit_id=unit, registration_code=str(uuid4()), name="新梯", installed_on=today)
        tx.add(new)
        tx.commit()
    lifts.retire(village.ctx, village.actor("clerk"), old, today, "更换新梯", new.id)
    village.lifts[village.lifts.index(old)] = new.id


def building_of(village: Village) -> UUID:
    with village.ctx.sessions() as tx:
        return tx.get_one(Unit, village.units[0]).building_id


def split_account(village: Village, number: int) -> None:
    parts = [(unit, NewAccount(f"P-{uuid4()}", "单元统筹账户")) for unit in village.units]
    reviewer, building = village.actor("reviewer"), building_of(village)
    accounts.split_account(village.ctx, reviewer, building, parts, "维修办决定")


def merge_accounts(village: Village, number: int) -> None:
    reviewer, into = village.actor("reviewer"), NewAccount(f"P-{uuid4()}", "楼栋统筹账户")
    accounts.merge_accounts(village.ctx, reviewer, building_of(village), into, "改回")


def second_bank(village: Village, number: int) -> None:
    """More of the village's money comes, and lies at another bank."""
    banks.second_bank(village, f"BANK-{uuid4()}", 500_000 + number)


def correct_opening(village: Village, number: int) -> None:
    """One officer enters what the first pool began with, another one confirms it or says no."""
    clerk, cashier = village.actor("clerk"), village.actor("cashier")
    opening = openings.list_openings(village.ctx, clerk, None, 20)[0]
    more = (7, -7)[number % 2]
    right = openings.RightFigures(
        opening.bank_fen + more, None, [(village.pool, opening.pools_fen + more)]
    )
    paper = village.upload("clerk")
    entered = openings.enter(village.ctx, clerk, opening.id, right, paper, "漏记一笔")
    if village.clock().day % 3:
        openings.confirm(village.ctx, cashier, entered.id)
    else:
        openings.turn_down(village.ctx, cashier, entered.id, "与对账单不符")


def select_insurers(village: Village, until: date) -> None:
    with village.ctx.sessions() as tx:
        tx.execute(update(Insurer).values(selected_until=until))
        tx.commit()


def change_company(village: Village, number: int) -> None:
    clerk, name = village.actor("clerk"), f"示例物业{letters()}"
    companies.change_company(village.ctx, clerk, village.estate, name, "合同期满")


def merge_company(village: Village, number: int) -> None:
    """One officer enters it, another one confirms it, or now and then turns it down."""
    clerk, reviewer = village.actor("clerk"), village.actor("reviewer")
    name, paper = f"示例物业{letters()}", village.upload("clerk")
    entered = successions.enter(village.ctx, clerk, village.estate, name, paper, "吸收合并")
    if number % 3:
        successions.confirm(village.ctx, reviewer, entered.id)
    else:
        successions.turn_down(village.ctx, reviewer, entered.id, "公告不是该公司的")


def company_leaves(village: Village, number: int) -> None:
    clerk = village.actor("clerk")
    companies.change_company(village.ctx, clerk, village.estate, None, "撤出")


def letters() -> str:
    """No two companies have one name."""
    return "".join(chr(ord("甲") + int(digit, 16)) for digit in uuid4().hex[:12])


CHANGES: Mapping[str, Change] = {
    "a lift stops": stop,
    "a lift runs again": restart,
    "a lift is taken out": retire,
    "a lift is replaced": replace,
    "the account is split": split_account,
    "the accounts are merged": merge_accounts,
    "money lies at a second bank": second_bank,
    "an opening is corrected": correct_opening,
    "no insurer is selected": lambda village, _: select_insurers(village, date(2025, 1, 1)),
    "insurers are selected": lambda village, _: select_insurers(village, date(2035, 1, 1)),
    "another company manages": change_company,
    "the company is merged": merge_company,
    "the company leaves": company_leaves,
}
