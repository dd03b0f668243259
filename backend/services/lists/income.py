"""存款, 结息 and 年度分配表 as lists: what narrows them, and their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.domain.closing import Share
from backend.domain.deposits import (
    DEPOSIT_STATUS_NAMES,
    INTEREST_STATUS_NAMES,
    DepositStatus,
    InterestStatus,
)
from backend.domain.money import decimal_yuan
from backend.services.base.context import Actor, Context
from backend.services.lists.desk_list import Address, DeskList, Narrowed, one, one_form, words
from backend.services.reads import income_pages as pages
from backend.services.reads.income_pages import DepositLine, InterestLine
from backend.services.workbooks.lists import Value
from backend.store.queries.income_list import InterestFilter

DEPOSIT_HEADINGS = (
    "银行",
    "存单编号",
    "本金（元）",
    "年利率",
    "存期",
    "起息日",
    "到期日",
    "基准利率",
    "基准利率的来源",
    "情况",
    "已入账利息（元）",
    "其中法定利息（元）",
    "撤销的原因",
)
INTEREST_HEADINGS = (
    "银行",
    "存单编号",
    "银行流水号",
    "入账日",
    "计息自",
    "止息日（当天不计息）",
    "实得利息A（元）",
    "法定利息S（元）",
    "增值收益V（元）",
    "低于法定的差额（元）",
    "情况",
    "说明",
    "退回的原因",
)
SHARE_HEADINGS = (
    "账户编号",
    "账户名称",
    "权重（分×天）",
    "全部权重（分×天）",
    "舍去不足一分后（元）",
    "余数（以全部权重为分母）",
    "除不尽的1分",
    "本年应得（元）",
    "以前已分（元）",
    "差额（元）",
    "记为应收（元）",
    "抵还应收（元）",
    "这次入账（元）",
)
OWED = "低于法定利息"


@dataclass(frozen=True)
class AskedDeposits:
    """The deposits that an address asks for."""

    words: str
    status: DepositStatus | None

    @property
    def narrowing(self) -> Address:
        """What of the address narrows the list."""
        return one_form(words=self.words, status=str(self.status or ""))

    @property
    def active(self) -> Sequence[str]:
        """What narrows the list, in words."""
        found = [f"编号含“{self.words}”"] if self.words else []
        return found + ([DEPOSIT_STATUS_NAMES[self.status]] if self.status else [])


@dataclass(frozen=True)
class AskedInterest:
    """The interest that an address asks for."""

    words: str
    status: InterestStatus | None
    owed: bool

    @property
    def chosen(self) -> InterestFilter:
        """The same for the query."""
        return InterestFilter(self.words, self.status, self.owed)

    @property
    def narrowing(self) -> Address:
        """What of the address narrows the list."""
        owed = "1" if self.owed else ""
        return one_form(words=self.words, status=str(self.status or ""), owed=owed)

    @property
    def active(self) -> Sequence[str]:
        """What narrows the list, in words."""
        found = [f"编号、流水号含“{self.words}”"] if self.words else []
        found += [INTEREST_STATUS_NAMES[self.status]] if self.status else []
        return found + ([OWED] if self.owed else [])


@dataclass(frozen=True)
class AskedShares:
    """The shares that an address asks for: of which close (None: the latest), words in the
    account's number or name."""

    close_id: UUID | None
    words: str

    @property
    def narrowing(self) -> Address:
        """What of the address narrows the list."""
        return one_form(close=str(self.close_id or ""), words=self.words)

    @property
    def active(self) -> Sequence[str]:
        """What narrows the list, in words."""
        return [f"账户含“{self.words}”"] if self.words else []


def deposits_asked(address: Address) -> AskedDeposits:
    """The deposits that an address asks for."""
    which = one(address, "status")
    status = DepositStatus(which) if which in DEPOSIT_STATUS_NAMES else None
    return AskedDeposits(words(address), status)


def interest_asked(address: Address) -> AskedInterest:
    """The interest that an address asks for."""
    which = one(address, "status")
    status = InterestStatus(which) if which in INTEREST_STATUS_NAMES else None
    return AskedInterest(words(address), status, one(address, "owed") == "1")


def shares_asked(address: Address) -> AskedShares:
    """The shares that an address asks for."""
    try:
        return AskedShares(UUID(one(address, "close")), words(address))
    except ValueError:
        return AskedShares(None, words(address))


def _deposits(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    this = deposits_asked(address)

    def lines(most: int | None) -> Sequence[Sequence[Value]]:
        found = pages.whole_deposits(ctx, actor, this.words, this.status, most)
        return [_deposit(line) for line in found]

    return Narrowed(this.narrowing, this.active, lines)


def _interest(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    this = interest_asked(address)

    def lines(most: int | None) -> Sequence[Sequence[Value]]:
        return [_paid(line) for line in pages.whole_interest(ctx, actor, this.chosen, most)]

    return Narrowed(this.narrowing, this.active, lines)


def _shares(ctx: Context, actor: Actor, address: Address) -> Narrowed:
    this = shares_asked(address)

    def lines(most: int | None) -> Sequence[Sequence[Value]]:
        found = pages.whole_shares(ctx, actor, this.close_id, this.words, most)
        return [_share(share) for share in found]

    return Narrowed(this.narrowing, this.active, lines)


def _deposit(line: DepositLine) -> Sequence[Value]:
    view = line.view
    return (
        view.bank_name,
        view.number,
        decimal_yuan(view.principal_fen),
        view.rate,
        line.term,
        view.value_on,
        view.matures_on,
        view.benchmark,
        view.benchmark_source,
        line.status_name,
        decimal_yuan(view.actual_fen),
        decimal_yuan(view.statutory_fen),
        view.withdrawn_because,
    )


def _paid(line: InterestLine) -> Sequence[Value]:
    view = line.view
    return (
        view.bank_name,
        view.deposit_number,
        view.bank_reference,
        view.posted_on,
        view.from_on,
        view.until_on,
        decimal_yuan(view.actual_fen),
        decimal_yuan(view.statutory_fen),
        decimal_yuan(view.value_added_fen),
        decimal_yuan(view.owed_fen),
        line.status_name,
        view.note,
        view.turned_down_because,
    )


def _share(share: Share) -> Sequence[Value]:
    return (
        share.number,
        share.name,
        str(share.weight),
        str(share.whole_weight),
        decimal_yuan(share.floor_fen),
        str(share.remainder),
        share.extra,
        decimal_yuan(share.fen),
        decimal_yuan(share.before_fen),
        decimal_yuan(share.fen - share.before_fen),
        decimal_yuan(share.receivable_fen),
        decimal_yuan(share.settled_fen),
        decimal_yuan(share.moved_fen),
    )


DEPOSITS = DeskList("存款", DEPOSIT_HEADINGS, _deposits)
INTEREST = DeskList("存款利息", INTEREST_HEADINGS, _interest)
SHARES = DeskList("年度分配表", SHARE_HEADINGS, _shares)
