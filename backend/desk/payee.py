"""收款账户, as it stands on the pages of those who compare it with the sealed contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.desk import gate
from backend.domain.wording import minute
from backend.http.parts import context
from backend.services.reads.payees import READERS, Payee, PayeeOrigin, payee_of

AS_IMPORTED = "随保险机构名单导入，没有更换过"


@dataclass(frozen=True)
class ShownPayee:
    """The account in rows of a table; `news` is why it is marked as new, if it is, and `warning`
    what must be done first."""

    rows: Sequence[tuple[str, str]]
    account: str
    news: str
    advice: str
    warning: str


def shown_payee(purchase_id: UUID) -> ShownPayee | None:
    """The account of this case, for who may compare it; None for others and before there is one."""
    found = payee_of(context(), gate.me(), purchase_id) if gate.holds(*READERS) else None
    return _shown(found) if found else None


def _shown(payee: Payee) -> ShownPayee:
    return ShownPayee(
        rows=(
            ("户名", payee.name),
            ("开户银行", payee.bank),
            ("由谁登记、确认", _origin(payee.origin)),
        ),
        account=payee.account,
        news=_news(payee),
        advice="和合同盖章页上写的逐字核对。" if payee.signed else "还没有签合同，这是登记的账户。",
        warning="合同签好之后，保险机构换了收款账户，合同上还是原来的账户：请退回资料，等合同上的账户改好，再拨付。"
        if payee.left
        else "",
    )


def _origin(origin: PayeeOrigin | None) -> str:
    if origin is None:
        return AS_IMPORTED
    return (
        f"{origin.entered_by}登记（{minute(origin.entered_at)}），"
        f"{origin.confirmed_by}确认（{minute(origin.confirmed_at)}）"
    )


def _news(payee: Payee) -> str:
    if payee.paid_elsewhere_before is None:
        return "还没有付过该保险机构。"
    return "上一次付给该保险机构的是另一个账户。" if payee.paid_elsewhere_before else ""
