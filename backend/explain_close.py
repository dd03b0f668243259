"""Shows how a year's income was shared: every account's figure with its reckoning."""

from collections.abc import Iterator, Mapping, Sequence

from backend.domain.closing import CLOSE_STATE_NAMES, Share, explain
from backend.domain.households import IncomeMode
from backend.domain.money import yuan
from backend.store.queries.income import CloseView


def close_values(close: CloseView, shares: Sequence[Share], past: str) -> Mapping[str, object]:
    """A close as plain values for JSON; weights, which may be long, as digits. `past` says what of
    it is income of before these books."""
    return {
        "year": close.year,
        "revision": close.revision,
        "state": str(close.state),
        "mode": str(close.mode),
        "total_fen": close.total_fen,
        "statutory_fen": close.statutory_fen,
        "past_income": past,
        "households": close.households,
        "weight": close.weight,
        "shares": [
            {
                "account": share.number,
                "weight": str(share.weight),
                "fen": share.fen,
                "before_fen": share.before_fen,
                "moved_fen": share.moved_fen,
                "receivable_fen": share.receivable_fen,
                "settled_fen": share.settled_fen,
                "explanation": list(explain(share)),
            }
            for share in shares
        ],
    }


def close_text(close: CloseView, shares: Sequence[Share], past: str) -> str:
    """A close for people."""
    return "\n".join(_lines(close, shares, past))


def _lines(close: CloseView, shares: Sequence[Share], past: str) -> Iterator[str]:
    year = close.year
    yield (
        f"{year}年增值收益{yuan(close.total_fen)}，第{close.revision}次分配"
        f"（{CLOSE_STATE_NAMES[close.state]}），"
        + ("归各户" if close.mode is IncomeMode.HOUSEHOLD else f"{close.accounts}个统筹账户：")
    )
    for share in shares:
        yield f"{share.number}\t{yuan(share.fen)}"
        yield from (f"  {sentence}" for sentence in explain(share))
    yield f"{year}年法定利息{yuan(close.statutory_fen)}，归各户，共{close.households}户"
    if past:
        yield past
