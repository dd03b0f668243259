"""The pages of 收益与账户, in the order of their tabs."""

from collections.abc import Sequence

TABS: Sequence[tuple[str, str]] = (
    ("income.accounts", "账户"),
    ("income.deposits", "存款"),
    ("agreements.agreements", "存款协议"),
    ("income.interest", "结息"),
    ("closes.closes", "年度分配"),
    ("statements.statements", "银行流水"),
    ("transfers.transfers", "划转"),
    ("past_income.past_income", "以前年度"),
    ("fund_batches.batches", "资金系统"),
    ("locks.locks", "锁账"),
)
