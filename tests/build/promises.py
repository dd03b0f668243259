"""What public words may promise only where a city has switched it on, and cities that have not.

A promise is how people would read it (`says`), and where it is switched on. One of `NEVER` belongs
to no city file: an insurer may promise it in a plan, we do not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend.domain.city.parse import parse_city
from backend.domain.city.schema import CityProfile
from backend.domain.typed_table import DEFAULT, Sourced
from backend.store.city_files import load_city

NEVER = "no city file"


@dataclass(frozen=True)
class Promise:
    """`name`, the pattern of its words, and the value of a city file that switches it on."""

    name: str
    says: re.Pattern[str]
    switch: str


def _promise(name: str, says: str, switch: str) -> Promise:
    return Promise(name, re.compile(says), switch)


PROMISES = (
    _promise("accounts are open", r"每(一)?笔|笔笔|账目公开|随时(可)?查账|每次用钱", "oversight"),
    _promise(
        "somebody looks on", r"第三方|纪检|审计部门|(评估|监督).{0,6}(效果|通报)", "oversight"
    ),
    _promise(
        "insurers compete", r"公平|竞争|招标|招投标|磋商|遴选确定|公开遴选", "insurer.procedure"
    ),
    _promise("insurers are compared", r"(比较|比选条件：|选定时看)", "insurer.criteria"),
    _promise("no vote", r"(不用|无需|不必|不需要)[^，。]{0,6}(表决|投票)", "routes.vote"),
    _promise(
        "plans are posted",
        r"方案(先|都|要|要先|在小区)公示|公示\d+天|公示的方案和",
        "routes.public_notice",
    ),
    _promise("nobody pays", r"不用另外交钱|不动[^。]{0,8}本金|增值收益.{0,14}买", "routes.account"),
    _promise("objecting on the phone", r"小程序[^。；]{0,9}提出?异议", "objection.channels"),
    _promise("objecting on paper", r"纸质意见|签名的书面意见", "objection.channels"),
    _promise(
        "an answer in days", r"[\d一二三四五六七八九十]+个?(工作)?日内[^。]{0,4}答复", "limits"
    ),
    _promise("the committee decides", r"新方案时会通知|【方案】|请您审议", "approval.asked_for"),
    _promise("remedies", r"复议(?!机关)|行政诉讼|起诉|救济途径", "objection.remedies"),
    _promise("weekends move the end", r"或周末", "roll_weekends"),
    _promise("three officers", r"三个人", "different_officers"),
    _promise("a hotline", r"热线|24 ?小时|全天候|随时有人|全年无休", NEVER),
    _promise("speed", r"第一时间|\d+ ?分钟|分钟内(到|答|回|处)|马上到|立即到场|尽快到", NEVER),
    _promise("certainty", r"保证|确保|一定(会|能|赔)|绝不|全额赔|不会错过|必定", NEVER),
    _promise("watched upkeep", r"专业人员|监督维保|智能监", NEVER),
    _promise("telephone service", r"(电话|短信)(会)?通知您|给您打电话|上门", NEVER),
)

SWITCHED_OFF = {
    'channels = { value = ["mini_program", "paper"]': 'channels = { value = ["CHANNEL"]',
    'asked_for = { value = ["committee", "property_company"]': "asked_for = { value = []",
    "[roll_weekends]\nvalue = true": "[roll_weekends]\nvalue = false",
}
# The lists that a city may leave empty, whatever stands in them.
EMPTIED = (
    *(rf"({key} = {{ value = )\[[^]]*\]" for key in ("criteria", "procedure", "remedies")),
    r"(\[oversight\]\nvalue = )\[[^]]*\]",
)


def bare_city(channel: str = "paper") -> CityProfile:
    """A city whose routes are as the plans have them and that promises nothing of its own choice.
    Objections must come in somehow: by this one channel."""
    text = load_city("jishou").text
    for on, off in SWITCHED_OFF.items():
        assert on in text, on
        text = text.replace(on, off.replace("CHANNEL", channel))
    for pattern in EMPTIED:
        text, times = re.subn(pattern, r"\1[]", text)
        assert times == 1, pattern
    return parse_city(text)


def on_another_road() -> CityProfile:
    """A city whose only route asks for a vote, posts nothing and is paid by somebody else."""
    city = bare_city()
    route = replace(city.routes["R4"], vote=Sourced(True, DEFAULT))
    return replace(city, routes={"R4": route})


# What a city with a pool has switched on by having that route at all (JS 五（三）, annex 二（一）).
WITH_THE_POOL = {"routes.vote", "routes.public_notice", "routes.account", "limits"}


def broken(text: str, kept: set[str] = WITH_THE_POOL) -> Iterator[str]:
    """Each promise that these words make and that is not among those `kept`."""
    for promise in PROMISES:
        found = promise.says.search(text)
        if found and promise.switch not in kept:
            around = text[max(found.start() - 12, 0) : found.end() + 12]
            yield f"{promise.name}: …{around}…"
