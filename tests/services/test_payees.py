"""A premium goes to another account of an insurer only when two officers say so."""

import pytest
from sqlalchemy import select, update

from backend.domain.errors import Refused
from backend.services.reads.payees import Payee, payee_of, who_entered
from backend.services.reads.todos import my_todos
from backend.store.audit import AuditEntry
from backend.store.messages import Outbox
from backend.store.purchases import Purchase
from backend.store.queries.payees import PayeeChangeView
from backend.store.registry import Insurer
from tests.build.looking import also, codes
from tests.build.village import Village
from tests.build.workbooks import (
    balances_rows,
    bring_balances,
    bring_registry,
    lines,
    registry_rows,
)

OLD, NEW = "6222000000000001", "6222000000000009"


def entered(village: Village, by: str = "clerk", account: str = NEW) -> PayeeChangeView:
    letter = village.upload(by)
    who = village.person(by)
    return who.enters_payee(village.insurer, "示例银行", account, letter, "原账户已销户")


def account(village: Village) -> str:
    with village.ctx.sessions() as tx:
        return tx.get_one(Insurer, village.insurer).bank_account


def told(village: Village) -> dict[str, set[str]]:
    """Who heard what about accounts."""
    names = {actor.person_id: name for name, actor in village.people.items()}
    heard: dict[str, set[str]] = {}
    with village.ctx.sessions() as tx:
        rows = select(Outbox).where(Outbox.natural_key.startswith("payee/"))
        for row in tx.scalars(rows):
            heard.setdefault(row.data["count"], set()).add(names[row.person_id])
    return heard


def test_what_one_officer_enters_pays_nobody_else(village: Village) -> None:
    purchase = village.reviewed()
    entered(village)
    assert account(village) == OLD
    payment = village.cashier.orders_payment(purchase.id)
    assert payment.payee_account == OLD


def test_the_others_and_the_insurer_itself_hear_of_it_at_once(village: Village) -> None:
    change = entered(village)
    assert told(village) == {"收款账户变更待确认": {"reviewer", "cashier", "insurer"}}
    for name in ("reviewer", "cashier", "clerk"):
        assert my_todos(village.ctx, village.actor(name)).payee_changes == [change]
    for name in ("manager", "insurer", "owner0", "supervisor"):
        assert not my_todos(village.ctx, village.actor(name)).payee_changes


def test_another_officer_confirms_it_and_contracts_name_it_from_then_on(village: Village) -> None:
    change = entered(village)
    done = village.reviewer.confirms_payee(change.id)
    assert (done.confirmed, done.former_account, account(village)) == (True, OLD, NEW)
    assert told(village)["收款账户已变更"] == {"clerk", "cashier", "insurer"}
    assert not my_todos(village.ctx, village.actor("cashier")).payee_changes
    purchase = village.reviewed()
    assert village.cashier.orders_payment(purchase.id).payee_account == NEW


def test_what_was_signed_with_the_former_account_is_paid_only_when_the_contract_was_put_right(
    village: Village,
) -> None:
    purchase = village.reviewed()
    village.reviewer.confirms_payee(entered(village).id)
    with pytest.raises(Refused) as refused:
        village.cashier.orders_payment(purchase.id)
    assert codes(refused) == ["payee_account_changed"]
    village.cashier.returns_papers(purchase.id, "收款账户已更换")
    village.manager.amends_contract(purchase.id, village.contract(), "收款账户变更")
    village.manager.requests_payment(purchase.id)
    village.reviewer.reviews_payment(purchase.id)
    assert village.cashier.orders_payment(purchase.id).payee_account == NEW


def test_nobody_confirms_their_own_entry_in_whatever_office(village: Village) -> None:
    change = entered(village)
    also(village, "clerk", "reviewer")
    with pytest.raises(Refused) as refused:
        village.clerk.confirms_payee(change.id)
    assert codes(refused) == ["own_payee_change"]
    assert account(village) == OLD


@pytest.mark.parametrize("name", ["clerk", "reviewer", "cashier"])
def test_any_of_the_officers_says_no_with_a_reason(village: Village, name: str) -> None:
    change = entered(village)
    with pytest.raises(Refused, match="text_required"):
        village.person(name).turns_down_payee(change.id, " ")
    village.person(name).turns_down_payee(change.id, "电话核实不属实")
    assert account(village) == OLD
    assert told(village)["收款账户变更已退回"] == {
        *({"clerk", "reviewer", "cashier"} - {name}),
        "insurer",
    }
    with pytest.raises(Refused, match="payee_change_decided"):
        village.cashier.confirms_payee(change.id)
    entered(village, "cashier")


def test_one_change_of_an_insurer_waits_at_a_time_and_changes_something(village: Village) -> None:
    with pytest.raises(Refused, match="payee_unchanged"):
        entered(village, account=OLD)
    entered(village)
    with pytest.raises(Refused, match="payee_change_waiting"):
        entered(village, "cashier", "6222000000000008")


@pytest.mark.parametrize("name", ["manager", "insurer", "supervisor"])
def test_nobody_else_has_a_word_in_it(village: Village, name: str) -> None:
    change = entered(village)
    told = {"supervisor": "role_required"}.get(name, "not_found")
    with pytest.raises(Refused, match=told):
        entered(village, name)
    with pytest.raises(Refused, match=told):
        village.person(name).confirms_payee(change.id)


def test_whoever_works_for_the_insurer_is_no_officer_of_it(village: Village) -> None:
    change = entered(village)
    also(village, "insurer", "reviewer")
    with pytest.raises(Refused) as refused:
        village.person("insurer").confirms_payee(change.id)
    assert codes(refused) == ["officer_is_party"]


def test_the_chain_knows_each_word_and_no_account(village: Village) -> None:
    village.reviewer.turns_down_payee(entered(village).id, "不属实")
    village.reviewer.confirms_payee(entered(village).id)
    with village.ctx.sessions() as tx:
        links = select(AuditEntry.action, AuditEntry.body).where(
            AuditEntry.action.like("insurer.%")
        )
        rows = tx.execute(links.order_by(AuditEntry.seq)).all()
    assert [action for action, _ in rows] == [
        *("insurer.enter_payee", "insurer.turn_down_payee"),
        *("insurer.enter_payee", "insurer.change_payee"),
    ]
    digest = village.ctx.cipher.digest("payee", f"示例银行\0{NEW}").hex()
    for _, body in rows:
        assert f'"after":"{digest}"' in body.decode()
        assert NEW not in body.decode()


def test_no_file_gives_a_known_insurer_another_account(village: Village) -> None:
    ctx = village.ctx
    assert bring_registry(ctx, registry_rows()).applied
    rows = balances_rows()
    assert bring_balances(ctx, rows).applied
    before = rows["保险机构"][0][3]
    rows["保险机构"][0][3] = "TEST-BX-2"
    report = bring_balances(ctx, rows)
    assert not report.applied
    assert ["另一位确认" in line for line in lines(report)] == [True]
    rows["保险机构"][0][3] = before
    assert bring_balances(ctx, rows).applied


def seen(village: Village, purchase: Purchase) -> Payee:
    """What the reviewer compares with the contract."""
    found = payee_of(village.ctx, village.actor("reviewer"), purchase.id)
    assert found is not None
    return found


def test_whoever_compares_an_account_sees_whose_it_is_and_that_nobody_was_paid_yet(
    village: Village,
) -> None:
    payee = seen(village, village.reviewed())
    assert (payee.name, payee.account, payee.signed) == ("示例保险", OLD, True)
    assert (payee.origin, payee.paid_elsewhere_before, payee.left) == (None, None, False)


def test_an_account_that_was_not_paid_last_is_new_and_says_who_gave_it(village: Village) -> None:
    paid = village.paid()
    assert seen(village, paid).paid_elsewhere_before is False
    change = entered(village)
    by = who_entered(village.ctx, village.actor("reviewer"), change)
    village.reviewer.confirms_payee(change.id)
    assert seen(village, paid).left, "the contract names the former account"
    with village.ctx.sessions() as tx:
        tx.execute(update(Purchase).where(Purchase.id == paid.id).values(contract_id=None))
        tx.commit()
    payee = seen(village, paid)
    assert (payee.account, payee.signed, payee.paid_elsewhere_before) == (NEW, False, True)
    assert payee.origin is not None
    assert (payee.origin.entered_by, payee.origin.entered_at) == (by, change.entered_at)
    assert payee.origin.confirmed_by != by
    for name in ("manager", "insurer"):
        with pytest.raises(Refused):
            payee_of(village.ctx, village.actor(name), paid.id)
