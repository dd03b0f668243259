"""撤下: what was published is taken down with its reason, and restored by another officer."""

from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.services.base import audit
from backend.services.base.own_words import name_of
from backend.services.public.lifts import NoticePage, read_notice_photo, read_public_notice
from backend.services.public_notice.own_objections import my_objections
from backend.services.reads.cases import read_case
from backend.store.notices import PublicNoticePhoto
from backend.store.registry import CommitteeMember
from tests.build.looking import also, codes, notice_of, suspended
from tests.build.objecting import dismissed, object_to
from tests.build.village import Village, called


def page(village: Village, notice: UUID) -> NoticePage:
    shown = read_public_notice(village.ctx, notice_of(village, notice).number)
    assert shown
    return shown


def test_words_taken_down_leave_their_reason_and_nothing_else(village: Village) -> None:
    purchase, notice, objection = suspended(village)
    dismissed(village, objection.id, "三家报价已公布", "比选过程合规。")
    village.reviewer.takes_down_words(objection.id, "答复涉及个人信息")
    [shown] = page(village, notice).notice.objections
    assert shown.answer == "已撤下（答复涉及个人信息）"
    [seen] = read_case(village.ctx, village.actor("manager"), purchase.id).objections
    assert seen.answer == "已撤下（答复涉及个人信息）"
    [own] = my_objections(village.ctx, village.actor("owner0"))
    assert own.answer == "三家报价已公布\n复核决定：不予采纳。比选过程合规。"
    with village.ctx.sessions() as tx:
        assert audit.verify(tx).first_bad_seq is None


def test_the_author_reads_that_the_words_are_shown_no_more_and_why(village: Village) -> None:
    _, notice = village.posted()
    filed = object_to(village, notice, publish=True)
    village.clerk.decides_publication(filed.id, True, "没有个人信息")
    published = own_publication(village)
    assert published[0] == "原文已公布"
    village.clerk.takes_down_words(filed.id, "写到了别人的住址")
    assert own_publication(village) == ("原文公布过，已由中心撤下", "写到了别人的住址")
    village.reviewer.restores_words(filed.id, "核对无误")
    assert own_publication(village) == published


def own_publication(village: Village) -> tuple[str, str | None]:
    [own] = my_objections(village.ctx, village.actor("owner0"))
    return own.publication_name, own.publication_reason


def test_the_reason_does_not_say_who_wrote(village: Village) -> None:
    _, notice, objection = suspended(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    name = called("冯样", 0)
    village.clerk.takes_down_words(objection.id, f"{name}要求撤下，电话13800138000")
    [shown] = page(village, notice).notice.objections
    assert shown.answer == "已撤下（**要求撤下，电话**）"


def test_an_objection_that_is_not_answered_shows_no_trace_of_a_takedown(village: Village) -> None:
    _, notice = village.posted()
    filed = object_to(village, notice, publish=True)
    village.clerk.takes_down_words(filed.id, "照片说明有误")
    [shown] = page(village, notice).notice.objections
    assert shown.answer is None


def test_another_officer_restores_what_was_taken_down(village: Village) -> None:
    _, notice, objection = suspended(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    village.clerk.takes_down_words(objection.id, "待核对")
    with pytest.raises(Refused, match="own_takedown"):
        village.clerk.restores_words(objection.id, "核对无误")
    with pytest.raises(Refused, match="already_taken_down"):
        village.reviewer.takes_down_words(objection.id, "待核对")
    village.reviewer.restores_words(objection.id, "核对无误")
    [shown] = page(village, notice).notice.objections
    assert shown.answer == "三家报价已公布"
    with pytest.raises(Refused, match="not_taken_down"):
        village.reviewer.restores_words(objection.id, "再来一次")


def test_a_photo_taken_down_is_seen_by_nobody_and_still_proves_the_notice(
    village: Village,
) -> None:
    _, notice = village.posted()
    before = page(village, notice).photos
    number, first = notice_of(village, notice).number, before[0].sha256
    assert read_notice_photo(village.ctx, number, first)
    village.clerk.takes_down_photo(notice, first, "拍到了住户的脸")
    assert [each.sha256 for each in page(village, notice).photos] == [
        each.sha256 for each in before if each.sha256 != first
    ]
    assert read_notice_photo(village.ctx, number, first) is None
    village.reviewer.restores_photo(notice, first, "已核对，没有人脸")
    assert read_notice_photo(village.ctx, number, first)


def test_nobody_takes_down_for_those_who_gain_by_it(village: Village) -> None:
    _, notice, objection = suspended(village)
    also(village, "manager", "clerk")
    with pytest.raises(Refused) as refused:
        village.manager.takes_down_words(objection.id, "不好看")
    assert codes(refused) == ["officer_is_party"]
    with pytest.raises(Refused) as refused:
        village.manager.takes_down_photo(notice, page(village, notice).photos[0].sha256, "不好看")
    assert codes(refused) == ["officer_is_party"]


def test_the_reason_for_a_photo_names_nobody_who_may_be_on_it(village: Village) -> None:
    _, notice = village.posted()
    with village.ctx.sessions() as tx:
        photo = tx.scalars(
            select(PublicNoticePhoto.file_sha256).where(PublicNoticePhoto.notice_id == notice)
        ).first()
        member = tx.scalars(select(CommitteeMember)).first()
        assert photo
        assert member
        seat = name_of(village.ctx.cipher, member)
    owner = called("冯样", 3)
    reason = f"拍到了业主{owner}和委员{seat}，1栋1单元301室门口，电话 13800138000"
    made = village.clerk.takes_down_photo(notice, photo, reason)
    for telling in (owner, seat, "301", "13800138000"):
        assert telling not in made.reason
    assert made.reason.startswith("拍到了业主")
