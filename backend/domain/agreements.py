"""What was agreed with a bank for the fund's deposits (存款协议): how the bank was chosen, who was
asked and offered what, and the rate agreed for each term (JS 四（一）1, SG 五（三）)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from backend.domain.errors import Refusal, Refused
from backend.domain.income import percent
from backend.domain.normal import normal_name


class AgreementKind(StrEnum):
    """How the bank was chosen: by the best offer (竞优存放), or for deposits of several terms and
    sizes together (规模组合存款)."""

    BEST_OFFER = "best_offer"
    PORTFOLIO = "portfolio"


AGREEMENT_NAMES = {
    AgreementKind.BEST_OFFER: "竞优存放",
    AgreementKind.PORTFOLIO: "规模组合存款",
}


@dataclass(frozen=True)
class Offer:
    """What a bank offered for a term: months (0: on demand), the rate as a fraction of one, and
    whether that was agreed."""

    bank: str
    months: int
    rate: Decimal
    agreed: bool


@dataclass(frozen=True)
class Agreed:
    """A rate that was agreed for a term, and the highest that was offered for it, with whose."""

    months: int
    rate: Decimal
    best: Offer

    @property
    def words(self) -> str:
        """How it stands to what was offered, where it is not the best."""
        if self.rate >= self.best.rate:
            return ""
        return f"同期限最高报价 {percent(self.best.rate)}（{self.best.bank}）"


def check(kind: AgreementKind, offers: Sequence[Offer], from_on: date, until_on: date) -> None:
    """Whether the offers make an agreement. Raises Refused with all that is wrong:
    `agreement_days`, `offers_too_few`, `offer_repeated`, `agreed_rate_repeated`,
    `agreed_banks_differ`, `agreed_rate_missing`."""
    wrong = []
    if until_on < from_on:
        message = "协议的最后一天早于第一天，请核对。"
        wrong.append(Refusal("agreement_days", message, "until_on"))
    wrong += [*_wrong_together(kind, offers), *_wrong_rows(offers)]
    if wrong:
        raise Refused(*wrong)


def _wrong_together(kind: AgreementKind, offers: Sequence[Offer]) -> Iterator[Refusal]:
    banks = {normal_name(offer.bank) for offer in offers}
    agreed = {normal_name(offer.bank) for offer in offers if offer.agreed}
    if kind is AgreementKind.BEST_OFFER and len(banks) < 2:
        message = "竞优存放要有两家以上银行的报价，请把没有选上的也登记。"
        yield Refusal("offers_too_few", message, "offers")
    if not agreed:
        message = "还没有标出约定的利率，请在约定的那一行选“约定”。"
        yield Refusal("agreed_rate_missing", message, "offers")
    if len(agreed) > 1:
        message = "一份协议只与一家银行约定，另一家的协议请另行登记。"
        yield Refusal("agreed_banks_differ", message, "offers")


def _wrong_rows(offers: Sequence[Offer]) -> Iterator[Refusal]:
    asked: set[tuple[str, int]] = set()
    agreed: set[int] = set()
    for number, offer in enumerate(offers):
        if (key := (normal_name(offer.bank), offer.months)) in asked:
            message = "这家银行同一存期的报价已在前面，请合并成一行。"
            yield Refusal("offer_repeated", message, f"offers.{number}.bank")
        asked.add(key)
        if offer.agreed and offer.months in agreed:
            message = "同一存期只能约定一个利率，请核对。"
            yield Refusal("agreed_rate_repeated", message, f"offers.{number}.agreed")
        if offer.agreed:
            agreed.add(offer.months)


def agreed_rates(offers: Sequence[Offer]) -> Sequence[Agreed]:
    """The agreed rates by term, the shortest first."""
    return [
        Agreed(
            one.months,
            one.rate,
            max((each for each in offers if each.months == one.months), key=lambda each: each.rate),
        )
        for one in sorted((each for each in offers if each.agreed), key=lambda each: each.months)
    ]
