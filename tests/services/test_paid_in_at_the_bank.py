"""What owners pay in on special accounts, held against the statements of the bank."""

from backend.services.purchase import collecting, special_accounts
from backend.services.reconciling import matching
from tests.build.alone import DEPOSIT_FEN, house_of
from tests.build.bank_statements import BankDesk, Line
from tests.build.looking import today
from tests.build.sharing import of_sharing
from tests.build.village import Village


def test_a_deposit_that_was_undone_ends_at_its_line(village: Village) -> None:
    house = house_of(village)
    village.clock.advance(days=1)
    purchase = house.opened()
    house.funds(purchase)
    day, desk = today(village), BankDesk(village)
    came: Line = (day, DEPOSIT_FEN, "ZH-1", "缴存")
    statement = desk.takes([came], (day, day), 0)
    (line,) = desk.lines(statement.id)
    assert desk.matches(line).words == ""
    special_accounts.undo_fund(village.ctx, village.actor("reviewer"), purchase.id, "登错案件")
    (line,) = desk.lines(statement.id)
    assert "撤销，请取消核对" in line.words
    found = desk.balance(day)
    assert ([each.line.id for each in found.only_bank], found.only_ledger) == ([line.line.id], [])
    house.funds(purchase)
    matching.unmatch(desk.ctx, desk.actor, line.line.id, "缴存已撤销")
    (line,) = desk.lines(statement.id)
    assert line.fit
    assert (line.fit.fit, len(line.fit.things)) == ("proposed", 1)


def test_equal_shares_are_told_apart_by_the_banks_reference(village: Village) -> None:
    city = of_sharing(village)
    city.clock.advance(days=1)
    purchase = city.approved()
    first, second, third, _ = city.shares(purchase)
    for share in (first, second, third):
        city.collects(purchase, share)
    collecting.undo_share(
        city.ctx, city.actor("reviewer"), purchase.id, third.household_id, "认错了户"
    )
    day, desk = today(city), BankDesk(city)
    lines: list[Line] = [(day, each.fen, f"R-{each.place}", "保费") for each in (first, second)]
    statement = desk.takes(lines, (day, day), 0)
    assert [line.fit and line.fit.fit for line in desk.lines(statement.id)] == ["proposed"] * 2
