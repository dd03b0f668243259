"""The source (资金来源) of a case: the accounts that pay, each by its weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.domain.city.schema import SourceAccount
from backend.domain.money import split

# What a sentence calls that which pays on a route; the accounts themselves have names of their own.
OF_CITY = "全市统筹使用的增值收益"
SOURCE_WORDS: Mapping[SourceAccount, str] = {
    "pooled_income": "统筹账户",
    "city_pool": OF_CITY,
    "maintenance_fund": "维修资金账户",
    "special_account": "电梯保险专户",
}


@dataclass(frozen=True)
class Share:
    """One account of a source: its weight among them, and what it can spend on the case (fen)."""

    account: UUID
    weight: int
    available_fen: int


def source_words(kind: SourceAccount) -> str:
    """What pays, in a sentence."""
    return SOURCE_WORDS[kind]


def paid_by(kind: SourceAccount) -> str:
    """What pays, to whoever has heard of no account yet."""
    return f"增值收益{SOURCE_WORDS[kind]}" if kind == "pooled_income" else SOURCE_WORDS[kind]


def parts(amount_fen: int, weights: Mapping[UUID, int]) -> dict[UUID, int]:
    """What each account pays of an amount (fen), by largest remainder; none pays nothing.

    Raises Refused as `money.split`.
    """
    named = {str(account): account for account in weights}
    shares = split(amount_fen, [(name, weights[account]) for name, account in named.items()])
    return {named[share.name]: share.fen for share in shares if share.fen}


def parts_back(
    amount_fen: int, paid: Mapping[UUID, int], came: Mapping[UUID, int]
) -> dict[UUID, int]:
    """What each account gets of an amount (fen) that comes back: in proportion to what it paid and
    has not got back yet, so that several refunds never bring it more than it paid [D]."""
    return parts(amount_fen, {account: fen - came.get(account, 0) for account, fen in paid.items()})


def payable(shares: Sequence[Share]) -> int:
    """An amount (fen) of which every account can pay its part, as large as is certain.

    A part is never above its exact share rounded up (`parts`). 0 without a source.
    """
    whole = sum(share.weight for share in shares)
    return min((share.available_fen * whole // share.weight for share in shares), default=0)
