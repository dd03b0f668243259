"""What the centre does with the special account of an independent owner (JS annex 二（三）)."""

from collections.abc import Mapping
from uuid import UUID

from backend.desk.acts.act import PHOTO_OR_PDF, REASON, Act, with_reason
from backend.desk.acts.centre import UPKEEP
from backend.desk.forms import Field, Given, Known
from backend.desk.values import Kind
from backend.domain.actions import Action
from backend.domain.money import yuan
from backend.services.base.context import Actor, Context
from backend.services.purchase import collecting, special_accounts
from backend.services.purchase.special_accounts import Receipt
from backend.services.reads.banks import list_banks
from backend.services.reads.cases import CaseView


def _banks(ctx: Context, actor: Actor, view: CaseView) -> Known:
    found = [(str(each.id), f"{each.name} {each.number}") for each in list_banks(ctx, actor)]
    only = {"bank_id": found[0][0]} if len(found) == 1 else {}
    return Known(only, {"bank_id": found})


def _open(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return special_accounts.open_account(ctx, actor, case, given["title_check"])


def _fund(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    names = ("amount_fen", "bank_id", "received_on", "bank_reference", "receipt_sha256")
    return special_accounts.fund(ctx, actor, case, Receipt(*(given[name] for name in names)))


def _open_for_house(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    statement, record = given["upkeep_statement"], given["upkeep_record_sha256"]
    return collecting.open_house_account(ctx, actor, case, statement, record)


def _to_pay(ctx: Context, actor: Actor, view: CaseView) -> Known:
    """The flats that have not paid, each with its share; of one that is left its sum too."""
    rows = collecting.read_shares(ctx, actor, view.purchase.id).rows
    unpaid = [row for row in rows if not row.received_on]
    flats = [(str(row.household_id), f"{row.place} 应缴{yuan(row.fen)}") for row in unpaid]
    banks = _banks(ctx, actor, view)
    return Known(banks.values, {"household_id": flats, **banks.choices})


def _have_paid(ctx: Context, actor: Actor, view: CaseView) -> Known:
    rows = collecting.read_shares(ctx, actor, view.purchase.id).rows
    paid = [row for row in rows if row.received_on]
    flats = [(str(row.household_id), f"{row.place} {row.bank_reference}") for row in paid]
    return Known(choices={"household_id": flats})


def _collect(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    names = ("amount_fen", "bank_id", "received_on", "bank_reference", "receipt_sha256")
    receipt = Receipt(*(given[name] for name in names))
    return collecting.collect(ctx, actor, case, given["household_id"], receipt)


def _undo_share(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return collecting.undo_share(ctx, actor, case, given["household_id"], given["reason"])


# What a receipt says beside its amount.
RECEIPT = (
    Field("bank_id", "存入哪个银行专户", Kind.ID),
    Field("received_on", "银行到账日", Kind.DAY),
    Field("bank_reference", "银行回单的流水号", Kind.LINE),
    Field("receipt_sha256", "银行回单", Kind.FILE, PHOTO_OR_PDF),
)
SPECIAL_ACCOUNTS: Mapping[str, Act] = {
    Action.OPEN_ACCOUNT: Act(
        (
            Field(
                "title_check",
                "产权证明的核对情况",
                hint="看了哪种证明、编号、产权人与名册是否一致、有没有其他产权人。",
            ),
        ),
        _open,
    ),
    Action.FUND: Act(
        (
            Field(
                "amount_fen",
                "缴存金额",
                Kind.YUAN,
                "回单上的一笔。分几笔缴的、不足的、多出一年以上保费的，不予登记，请原路退回。",
            ),
            *RECEIPT,
        ),
        _fund,
        _banks,
    ),
    Action.UNDO_FUND: with_reason(special_accounts.undo_fund),
    Action.OPEN_HOUSE_ACCOUNT: Act(UPKEEP, _open_for_house),
    Action.COLLECT_SHARE: Act(
        (
            Field("household_id", "哪一户", Kind.ID),
            Field(
                "amount_fen", "缴款金额", Kind.YUAN, "须与应缴的数一致；多缴、少缴的请原路退回。"
            ),
            *RECEIPT,
        ),
        _collect,
        _to_pay,
    ),
    Action.UNDO_SHARE: Act(
        (Field("household_id", "哪一户", Kind.ID), REASON), _undo_share, _have_paid
    ),
}
