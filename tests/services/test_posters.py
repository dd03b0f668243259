"""Posters of a village: what they say, who may print them, what their rows keep."""

import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import select, update

from backend.config import Settings
from backend.domain.errors import Refused
from backend.domain.local_time import local_date
from backend.domain.posters import PosterKind
from backend.domain.public_notice import NoticeState
from backend.domain.tokens import token_text
from backend.pictures.code_reader import read_codes
from backend.pictures.lobby_notice import LobbyNotice, draw_lobby_notice
from backend.pictures.sheet import PosterSheet
from backend.services.base import checkpoints
from backend.services.base.context import Context
from backend.services.printing import poster_words, posters
from backend.services.printing.posters import Made, make_poster, read_poster
from backend.services.printing.requests import PosterRequest
from backend.store.city_files import load_city
from backend.store.notices import PublicNotice, StoredFile
from backend.store.posters import Poster
from backend.store.queries.lifts import covers_of, lift_by_token
from backend.store.registry import Lift, LiftToken
from backend.store.signer import Signer
from tests.build.village import Village

URL = "https://tibao.example.cn"


@pytest.fixture
def coded(village: Village) -> dict[UUID, str]:
    """The village's lifts with their tokens."""
    tokens = {lift: token_text(bytes([n]) * 16) for n, lift in enumerate(village.lifts, 1)}
    with village.ctx.sessions() as tx:
        for lift, token in tokens.items():
            tx.add(LiftToken(token=token, lift_id=lift, issued_at=village.clock()))
        tx.commit()
    return tokens


def made(village: Village, request: PosterRequest, by: str = "manager") -> Made:
    return make_poster(village.ctx, village.actor(by), request, URL)


def codes_on(ctx: Context, poster: Made) -> list[str]:
    with Image.open(io.BytesIO(ctx.files.read(poster.sha256))) as picture:
        return read_codes(picture)


def drafted(village: Village) -> PublicNotice:
    case = village.approved()
    return village.manager.drafts_notice(case.id)


def refused(village: Village, request: PosterRequest, by: str = "manager") -> str:
    with pytest.raises(Refused) as caught:
        made(village, request, by)
    return caught.value.refusals[0].code


@pytest.mark.parametrize("kind", ["cab_card", "about_sheet"])
def test_a_lift_gets_a_poster_whose_code_leads_to_it(
    village: Village, coded: dict[UUID, str], kind: PosterKind
) -> None:
    lift = village.lifts[0]
    poster = made(village, PosterRequest(kind, lift_id=lift))
    assert codes_on(village.ctx, poster) == [f"{URL}/e/{coded[lift]}"]
    with village.ctx.sessions() as tx:
        row = tx.get_one(Poster, poster.sha256)
        assert (row.kind, row.lift_id, row.token) == (kind, lift, coded[lift])
        assert (row.unit_id, row.notice_id) == (village.units[0], None)
        assert row.made_by == village.actor("manager").person_id
        assert tx.get_one(StoredFile, poster.sha256).media_type == "image/png"


def test_a_notice_gets_a_poster_for_each_unit_with_that_unit_s_code(
    village: Village, coded: dict[UUID, str]
) -> None:
    notice = drafted(village)
    for unit, lift in zip(village.units, village.lifts, strict=True):
        request = PosterRequest("lobby_notice", notice_id=notice.id, unit_id=unit, paper="A3")
        poster = made(village, request)
        assert codes_on(village.ctx, poster) == [f"{URL}/e/{coded[lift]}"]
        with village.ctx.sessions() as tx:
            row = tx.get_one(Poster, poster.sha256)
            assert (row.notice_id, row.unit_id, row.paper) == (notice.id, unit, "A3")
            assert row.content_hash == notice.content_hash


def test_a_notice_says_the_last_checkpoint_so_that_it_lies_with_everybody(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = drafted(village)
    drawn: list[LobbyNotice] = []

    def noting(words: LobbyNotice, *rest: Any) -> PosterSheet:
        drawn.append(words)
        return draw_lobby_notice(words, *rest)

    monkeypatch.setattr(posters, "draw_lobby_notice", noting)
    request = PosterRequest("lobby_notice", notice_id=notice.id, unit_id=village.units[0])
    made(village, request)
    checkpoints.sign_day(village.ctx, Signer(Settings().signing_key()))
    made(village, request)
    with village.ctx.sessions() as tx:
        point = next(checkpoints.latest(tx, local_date(village.clock())))
    before, after = (words.fingerprint for words in drawn)
    assert notice.content_hash in before
    assert "检查点" not in before, "there is none yet"
    kept = f"审计检查点 2025年3月3日第{point.seq}条 {point.hash.hex()[:20]}"
    assert after == f"{before}　{kept}"


def test_a_unit_whose_lift_has_no_code_gets_the_notice_s_address(village: Village) -> None:
    notice = drafted(village)
    request = PosterRequest("lobby_notice", notice_id=notice.id, unit_id=village.units[0])
    assert codes_on(village.ctx, made(village, request)) == [f"{URL}/n/{notice.number}"]


def test_the_same_poster_is_kept_once(village: Village, coded: dict[UUID, str]) -> None:
    request = PosterRequest("cab_card", lift_id=village.lifts[0], format="pdf", bleed=True)
    assert made(village, request) == made(village, request, "clerk")
    with village.ctx.sessions() as tx:
        assert len(tx.scalars(select(Poster)).all()) == 1


def test_a_poster_is_read_by_those_who_print(village: Village, coded: dict[UUID, str]) -> None:
    poster = made(village, PosterRequest("cab_card", lift_id=village.lifts[0]))
    content, media_type = read_poster(village.ctx, village.actor("clerk"), poster.sha256)
    assert content.startswith(b"\x89PNG")
    assert media_type == "image/png"
    for name, code in (("owner0", "role_required"), ("stranger", "not_found")):
        with pytest.raises(Refused) as caught:
            read_poster(village.ctx, village.actor(name), poster.sha256)
        assert caught.value.refusals[0].code == code


@pytest.mark.parametrize(
    ("by", "code"),
    [("owner0", "role_required"), ("auditor", "role_required"), ("stranger", "not_found")],
)
def test_others_do_not_print(village: Village, coded: dict[UUID, str], by: str, code: str) -> None:
    assert refused(village, PosterRequest("cab_card", lift_id=village.lifts[0]), by) == code


def test_what_cannot_be_printed_is_said(village: Village) -> None:
    assert refused(village, PosterRequest("cab_card")) == "poster_incomplete"
    assert refused(village, PosterRequest("cab_card", lift_id=uuid4())) == "not_found"
    assert (
        refused(village, PosterRequest("cab_card", lift_id=village.lifts[0])) == "lift_code_missing"
    )
    assert refused(village, PosterRequest("lobby_notice", notice_id=uuid4())) == "poster_incomplete"
    nowhere = PosterRequest("lobby_notice", notice_id=uuid4(), unit_id=village.units[0])
    assert refused(village, nowhere) == "not_found"
    notice = drafted(village)
    elsewhere = PosterRequest("lobby_notice", notice_id=notice.id, unit_id=uuid4())
    assert refused(village, elsewhere) == "place_not_in_notice"


def test_a_notice_that_is_over_is_not_posted_again(village: Village) -> None:
    case, notice = village.posted()
    village.clock.advance(days=10)
    village.photograph(notice, "end")
    village.clerk.clears(case.id, "未收到纸质异议")
    over = PosterRequest("lobby_notice", notice_id=notice, unit_id=village.units[0])
    assert refused(village, over) == "poster_not_possible"


def test_a_name_too_long_for_any_paper_is_refused_and_nothing_is_kept(
    village: Village, coded: dict[UUID, str]
) -> None:
    with village.ctx.sessions() as tx:
        lift = village.lifts[0]
        tx.execute(update(Lift).where(Lift.id == lift).values(name="很长的名字" * 200))
        tx.commit()
    assert refused(village, PosterRequest("cab_card", lift_id=lift)) == "poster_too_long"
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(Poster)).all() == []


def test_a3_is_offered_for_a_notice_alone(village: Village, coded: dict[UUID, str]) -> None:
    with village.ctx.sessions() as tx:
        tx.execute(update(Lift).values(name="很长的名字" * 200))
        tx.commit()
    with pytest.raises(Refused) as caught:
        made(village, PosterRequest("about_sheet", lift_id=village.lifts[0]))
    assert "A3" not in caught.value.refusals[0].message
    notice = drafted(village)
    with pytest.raises(Refused, match="可改用 A3") as caught:
        made(village, PosterRequest("lobby_notice", notice_id=notice.id, unit_id=village.units[0]))
    assert caught.value.refusals[0].code == "poster_too_long"


@pytest.mark.parametrize("length", [800, 3000])
def test_an_address_too_long_for_a_readable_code_is_refused(
    village: Village, coded: dict[UUID, str], length: int
) -> None:
    request = PosterRequest("cab_card", lift_id=village.lifts[0])
    with pytest.raises(Refused) as caught:
        make_poster(village.ctx, None, request, "https://example.cn/" + "a" * length)
    assert caught.value.refusals[0].code == "poster_code_unreadable"


def test_the_card_names_the_insurer_of_an_insured_lift(
    village: Village, coded: dict[UUID, str]
) -> None:
    token = coded[village.lifts[0]]
    ctx = village.ctx
    village.insured()
    with ctx.sessions() as tx:
        lift = lift_by_token(tx, token)
        (cover,) = covers_of(tx, village.lifts[0])
    assert lift is not None
    card = poster_words.cab_card(ctx.city, lift, cover, URL)
    assert card.insurance == "示例保险\n保到2026年3月31日24:00"
    assert poster_words.cab_card(ctx.city, lift, None, URL).insurance == "扫码查看"
    assert card.emergency_phone == "119"
    assert "全国消防救援电话" in card.foot


def test_the_notice_carries_everything_that_must_be_published(village: Village) -> None:
    """Domain §8, point by point."""
    _, notice_id = village.posted()
    with village.ctx.sessions() as tx:
        notice = tx.get_one(PublicNotice, notice_id)
        words = poster_words.lobby_notice(notice, "1栋1单元", URL, village.ctx.city)
    text = repr(words)
    for needed in (
        *village.codes,
        "1栋1单元1号梯",
        "9年",
        "1栋统筹账户",
        "10,000元",
        "2,600元",
        "7,400元",
        "示例保险",
        "公开遴选",
        "故障维修",
        "人为损坏",
        "150,000元",
        "0元",
        "2025年4月1日",
        "2026年3月31日",
        "30分钟到场",
        "2025年3月3日",
        "2025年3月10日（周一）24:00",
        "受影响的业主",
        "提出异议",
        "不公布异议人",
        "0743-8532500",
        notice.content_hash,
    ):
        assert needed in text, needed


def test_a_suspended_notice_names_no_deadline(village: Village) -> None:
    _, notice_id = village.posted()
    with village.ctx.sessions() as tx:
        notice = tx.get_one(PublicNotice, notice_id)
        notice.state = NoticeState.SUSPENDED
        words = poster_words.lobby_notice(notice, "1栋1单元", URL, village.ctx.city)
    assert words.deadline == ("公示状态", "暂缓实施，截止时间待定")
    assert "3月10日" not in repr(words)
    assert "恢复后接着余下的天数继续" in words.period_note


def test_before_the_start_the_dates_are_left_to_be_filled_in(village: Village) -> None:
    words = poster_words.lobby_notice(drafted(village), "1栋1单元", URL, village.ctx.city)
    assert (words.start, words.deadline[1]) == ("公示开始 ____年__月__日", "____年__月__日24:00")
    assert "顺延" in words.period_note


@pytest.mark.parametrize("city", ["jishou", "shaoguan"])
def test_the_about_sheet_follows_the_city_and_says_what_its_plan_leaves_open(
    village: Village, coded: dict[UUID, str], city: str
) -> None:
    profile = load_city(city)
    with village.ctx.sessions() as tx:
        lift = lift_by_token(tx, coded[village.lifts[0]])
    assert lift is not None
    about = poster_words.about_sheet(profile, lift, URL)
    answers = " ".join(answer for _, answer in about.answers)
    assert "每笔账" not in answers  # there is no page of entries yet (Civil Code 281)
    assert ("本栋或本单元" in answers) == (city == "jishou")
    assert ("参照外市方案" in answers) == (city == "shaoguan")
    assert profile.plan.title in about.foot
    where = {"jishou": "楼栋门口、单元门厅", "shaoguan": "单元门厅、电梯轿厢"}[city]
    assert f"，在{where}" in answers
    condition = {"jishou": "够付一年保费", "shaoguan": "小区有意愿"}
    assert [known for known, words in condition.items() if words in answers] == [city]
