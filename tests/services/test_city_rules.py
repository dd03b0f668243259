"""What a city says of photos and of objections is followed to the last step and the last word."""

from dataclasses import replace
from typing import Literal

import pytest

from backend.domain.city.parse import parse_city
from backend.domain.errors import Refused
from backend.services.printing import poster_words
from backend.services.public_notice import notices
from backend.services.public_notice.eligibility import part_in_notice
from backend.services.public_notice.notices import SubmittedPhoto
from backend.services.public_notice.objections import PaperObjection
from tests.build.looking import case, notice_of
from tests.build.village import Village

Way = Literal["mini_program", "paper"]
BOTH_WAYS = 'channels = { value = ["mini_program", "paper"]'
BOTH_PHOTOS = 'photos = { value = ["wide", "close"]'


def rule(village: Village, old: str, new: str) -> Village:
    """The village in a city that says this otherwise."""
    text = village.ctx.city.text
    assert old in text
    village.ctx = replace(village.ctx, city=parse_city(text.replace(old, new)))
    return village


def taking(village: Village, way: Way) -> Village:
    return rule(village, BOTH_WAYS, f'channels = {{ value = ["{way}"]')


def paper(village: Village) -> PaperObjection:
    return PaperObjection("need", "不同意投保", "业主一", village.clock(), village.owners[0])


def test_where_objections_come_on_paper_the_phone_takes_none_and_says_where_to(
    village: Village,
) -> None:
    purchase, notice = taking(village, "paper").posted()
    owner = village.person("owner0")
    with pytest.raises(Refused, match="objection_channel_closed") as refused:
        owner.objects(notice, "price", "保费偏高")
    assert "交给中心" in refused.value.refusals[0].message
    part = part_in_notice(village.ctx, village.actor("owner0"), notice)
    assert part.channels == ("paper",)
    how = notice_of(village, notice).content["how_to_object"]
    assert "将签名的纸质意见交给吉首市住房保障服务中心" in how
    assert "小程序" not in how
    assert village.clerk.enters_paper(notice, paper(village)).status == "verified"
    assert case(village, purchase).state == "suspended"


def test_where_objections_come_by_phone_the_clerk_enters_no_paper_and_nobody_is_sent_away(
    village: Village,
) -> None:
    purchase, notice = taking(village, "mini_program").posted()
    with pytest.raises(Refused, match="objection_channel_closed"):
        village.clerk.enters_paper(notice, paper(village))
    with pytest.raises(Refused, match="not_an_affected_owner") as refused:
        village.person("stranger").objects(notice, "price", "保费偏高")
    assert "纸质" not in refused.value.refusals[0].message
    assert "纸质" not in notice_of(village, notice).content["how_to_object"]
    assert village.person("owner0").objects(notice, "price", "保费偏高").status == "verified"
    assert case(village, purchase).state == "suspended"


@pytest.mark.parametrize(("way", "offered"), [("mini_program", True), ("paper", False)])
def test_a_poster_offers_the_phone_for_objecting_only_where_it_takes_them(
    village: Village, way: Way, offered: bool
) -> None:
    _, notice = taking(village, way).posted()
    words = poster_words.lobby_notice(notice_of(village, notice), "1栋1单元", "", village.ctx.city)
    assert ("提出异议" in words.scan) is offered


def test_a_case_takes_objections_as_when_it_began(village: Village) -> None:
    _, notice = village.posted()
    taking(village, "paper")
    assert village.person("owner0").objects(notice, "price", "保费偏高").status == "verified"


def test_where_close_photos_are_enough_the_notice_begins_and_ends_with_them(
    village: Village,
) -> None:
    purchase = rule(village, BOTH_PHOTOS, 'photos = { value = ["close"]').approved()
    notice = village.manager.drafts_notice(purchase.id)
    guide = notices.read_posting(village.ctx, village.actor("manager"), notice.id)
    assert guide.framings == ("close",)
    assert guide.hint.startswith("每个单元在公示开始和结束时各拍一张：近景看得清")
    for unit in village.units:
        assert case(village, purchase).state == "approved"
        file = village.upload("manager")
        photo = SubmittedPhoto(unit, "start", "close", file, village.clock())
        village.manager.adds_photo(notice.id, photo)
    assert case(village, purchase).state == "posted"
