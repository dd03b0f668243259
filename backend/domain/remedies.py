"""救济途径: what somebody may do whose objection was dismissed, of which the plans say nothing.

Against what the centre decided: 行政复议 within 60 days from knowing of it (行政复议法 of 2023,
20), the court within 15 days from the decision on that (行政诉讼法 45) or directly within six
months (46). Against what the committee decided: 民法典 280, within one year (法释〔2020〕17号, 12).

Whether the centre's word is an act that these roads are open against is not settled by us. The city
says which of them are told, with its source; until it has said so all are told, with that doubt.
"""

from collections.abc import Mapping

from backend.domain.city.schema import ObjectionRules, Remedy

WORDS: Mapping[Remedy, str] = {
    "reconsideration": "可以自知道之日起60日内，依照《行政复议法》第二十条申请行政复议；"
    "对复议决定不服的，可以自收到复议决定书之日起15日内，依照《行政诉讼法》第四十五条提起诉讼。",
    "litigation": "可以自知道之日起6个月内，"
    "依照《行政诉讼法》第四十六条直接向人民法院提起行政诉讼。",
    "revocation": "认为业主委员会的决定侵害您的合法权益的，可以自知道该决定之日起一年内，"
    "依照《民法典》第二百八十条、法释〔2020〕17号第十二条请求人民法院撤销。",
}
AGAINST_THE_CENTRE: tuple[Remedy, ...] = ("reconsideration", "litigation")
UNDECIDED = "中心的决定是否属于可以复议、起诉的行政行为，由复议机关或人民法院认定。"


def remedy_words(rules: ObjectionRules) -> str:
    """The remedies that the city tells, one sentence each; empty where it tells none."""
    chosen = rules.remedies
    against = [WORDS[each] for each in AGAINST_THE_CENTRE if each in chosen.value]
    words = f"不服中心决定的，{'也'.join(against)}" if against else ""
    if words and chosen.is_default:
        words += UNDECIDED
    return words + (WORDS["revocation"] if "revocation" in chosen.value else "")
