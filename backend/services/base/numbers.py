"""Numbers that people quote: one gap-free series per kind and year."""

from datetime import date

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.store.audit import NumberSeries

# The kinds that are numbered, and what their numbers begin with.
PREFIXES: dict[str, str] = {
    "purchase": "SQ",  # 申请
    "notice": "GS",  # 公示
    "objection": "YY",  # 异议
    "registration": "BA",  # 备案
    "payment": "BF",  # 拨付
    "payment_batch": "PC",  # 拨付批次
    "special_account": "ZH",  # 专户
}


def next_number(tx: Session, kind: str, on: date) -> str:
    """The next number of `kind` in the year of `on` (Asia/Shanghai), such as `SQ-2025-000001`.

    Gap-free: others wait for this number's transaction to end, and a rollback gives it back.
    """
    series = insert(NumberSeries).values(kind=kind, year=on.year, last=1)
    last = tx.scalar(
        series.on_conflict_do_update(
            index_elements=[NumberSeries.kind, NumberSeries.year],
            set_={"last": NumberSeries.last + 1},
        ).returning(NumberSeries.last)
    )
    return f"{PREFIXES[kind]}-{on.year}-{last:06d}"
