"""The photos of a notice: when they were taken, what they show, whether they are doubles."""

import io
import json
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from PIL import ExifTags, Image, ImageDraw
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.tokens import token_text
from backend.pictures.codes import code_image
from backend.services.printing.posters import make_poster
from backend.services.printing.requests import PosterRequest
from backend.services.public import lift_tokens
from backend.services.public_notice import notices
from backend.services.public_notice.notices import HandedIn, PostingGuide, SubmittedPhoto
from backend.store.audit import AuditEntry
from backend.store.notices import PublicNoticePhoto, StoredFile
from backend.store.posters import Poster
from backend.store.registry import LiftToken
from tests.build.in_parts import store_upload
from tests.build.looking import at, codes, notice_of
from tests.build.papers import pdf
from tests.build.village import Village

TOKENS = [token_text(bytes([place]) * 16) for place in (1, 2)]
SITE = "https://tibao.example.cn"


def lobby(seed: int, code: str | None = None) -> Image.Image:
    """A wall that every seed paints otherwise, with a notice that bears a code."""
    picture = Image.linear_gradient("L").resize((900, 700)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for place in range(14):
        x, y = (seed * 97 + place * 131) % 800, (seed * 53 + place * place * 37) % 600
        shade = (seed * 41 + place * 67) % 256
        draw.rectangle((x, y, x + 90, y + 70), fill=(shade, 40, 255 - shade))
    if code:
        picture.paste(code_image(code, 300), (300, 200))
    return picture


def taken(
    village: Village, picture: Image.Image, when: str | None = None, quality: int = 90
) -> str:
    """The manager's upload of a picture, with the time that the camera wrote."""
    exif, content = Image.Exif(), io.BytesIO()
    if when:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = when
    picture.save(content, "JPEG", quality=quality, exif=exif)
    manager = village.actor("manager")
    return store_upload(village.ctx, manager, content.getvalue()).sha256


def hand_in(village: Village, notice: UUID, file: str, **changed: Any) -> HandedIn:
    """The first unit's wide start photo, unless said otherwise."""
    place: dict[str, Any] = {"unit_id": village.units[0], "moment": "start", "framing": "wide"}
    photo = SubmittedPhoto(file_sha256=file, **(place | changed))
    return notices.add_photo(village.ctx, village.actor("manager"), notice, photo)


def hints(handed: HandedIn) -> list[str]:
    return [hint.code for hint in handed.warnings]


def photos(village: Village) -> list[PublicNoticePhoto]:
    with village.ctx.sessions() as tx:
        return list(tx.query(PublicNoticePhoto).order_by(PublicNoticePhoto.id))


@pytest.fixture
def notice(village: Village) -> UUID:
    """A notice to be posted in two units, whose lifts have codes."""
    with village.ctx.sessions() as tx:
        for token, lift in zip(TOKENS, village.lifts, strict=True):
            tx.add(LiftToken(token=token, lift_id=lift, issued_at=village.clock()))
        tx.commit()
    purchase = village.approved()
    return notices.draft_notice(village.ctx, village.actor("manager"), purchase.id).id


# --- when ---


def test_the_camera_s_time_counts_more_than_what_is_said(village: Village, notice: UUID) -> None:
    village.clock.set(at("2025-03-04 12:00"))
    file = taken(village, lobby(1), "2025:03:04 11:30:00")
    handed = hand_in(village, notice, file, captured_at=at("2025-03-04 11:59"))
    assert hints(handed) == []
    assert [photo.captured_at for photo in photos(village)] == [at("2025-03-04 11:30")]


@pytest.mark.parametrize("when", ["2025:03:03 08:59:59", "2025:03:04 12:00:01"])
def test_a_camera_s_time_before_the_draft_or_in_the_future_is_refused(
    village: Village, notice: UUID, when: str
) -> None:
    village.clock.set(at("2025-03-04 12:00"))
    with pytest.raises(Refused) as refused:
        hand_in(village, notice, taken(village, lobby(1), when), captured_at=village.clock())
    assert codes(refused) == ["photo_time_invalid"]


@pytest.mark.parametrize(
    ("said", "kept"), [(None, "2025-03-04 12:00"), ("2025-03-04 11:00", "2025-03-04 11:00")]
)
def test_without_a_camera_s_time_what_is_said_counts_or_the_upload(
    village: Village, notice: UUID, said: str | None, kept: str
) -> None:
    village.clock.set(at("2025-03-04 12:00"))
    file = taken(village, lobby(1))
    village.clock.set(at("2025-03-04 15:00"))
    captured_at: datetime | None = at(said) if said else None
    assert hints(hand_in(village, notice, file, captured_at=captured_at)) == ["time_not_seen"]
    assert photos(village)[0].captured_at == at(kept)


def test_an_end_photo_that_the_camera_took_too_early_is_refused(
    village: Village,
) -> None:
    _, notice = village.posted()
    village.clock.set(at("2025-03-11 09:00"))
    early = taken(village, lobby(1), "2025:03:09 23:59:59")
    with pytest.raises(Refused) as refused:
        hand_in(village, notice, early, moment="end", captured_at=village.clock())
    assert codes(refused) == ["photo_too_early"]


# --- doubles ---


@pytest.mark.parametrize("elsewhere", ["unit", "moment", "framing"])
def test_the_same_picture_elsewhere_is_a_double_even_if_saved_anew(
    village: Village, elsewhere: str
) -> None:
    if elsewhere != "moment":
        case = village.approved()
        notice = notices.draft_notice(village.ctx, village.actor("manager"), case.id).id
        moment = "start"
    else:
        _, notice = village.posted()
        village.clock.set(at("2025-03-10 09:00"))
        moment = "end"
    hand_in(village, notice, taken(village, lobby(3)))
    framing = "close" if elsewhere == "framing" else "wide"
    unit = village.units[elsewhere == "unit"]
    place = {"unit_id": unit, "moment": moment, "framing": framing}
    for again in (
        taken(village, lobby(3)),
        taken(village, lobby(3), quality=40),
        taken(village, lobby(3).resize((800, 622))),
        taken(village, lobby(3).crop((13, 10, 887, 690))),
    ):
        with pytest.raises(Refused) as refused:
            hand_in(village, notice, again, **place)
        assert codes(refused) == ["photo_is_a_double"]
        assert refused.value.kind == "conflict"
    hand_in(village, notice, taken(village, lobby(4)), **place)


def test_the_same_place_may_be_photographed_again(village: Village, notice: UUID) -> None:
    hand_in(village, notice, taken(village, lobby(3)))
    hand_in(village, notice, taken(village, lobby(3), quality=40))
    hand_in(village, notice, taken(village, lobby(3)))
    assert len(photos(village)) == 2


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (Image.new("RGB", (20, 20), "white"), "photo_too_small"),
        (lobby(1).resize((1200, 599)), "photo_too_small"),
        (Image.new("RGB", (900, 700), "white"), "photo_shows_nothing"),
        (Image.new("RGB", (900, 700), (12, 11, 10)), "photo_shows_nothing"),
    ],
    ids=["tiny and white", "too narrow", "white", "dark"],
)
def test_what_shows_no_notice_proves_no_posting(
    village: Village, notice: UUID, picture: Image.Image, code: str
) -> None:
    file = taken(village, picture)
    for framing in ("wide", "close"):
        with pytest.raises(Refused) as refused:
            hand_in(village, notice, file, framing=framing)
        assert codes(refused) == [code]
    assert photos(village) == []


def test_what_is_no_picture_proves_no_posting(village: Village, notice: UUID) -> None:
    paper = pdf()
    file = store_upload(village.ctx, village.actor("manager"), paper).sha256
    for framing in ("wide", "close"):
        with pytest.raises(Refused) as refused:
            hand_in(village, notice, file, framing=framing)
        assert codes(refused) == ["photo_not_a_picture"]
    assert photos(village) == []


@pytest.mark.parametrize(
    ("name", "whose", "code"),
    [
        ("stranger", "manager", "not_found"),
        ("insurer", "manager", "role_required"),
        ("manager", "clerk", "file_unknown"),
    ],
)
def test_nothing_is_decoded_for_those_who_may_not_hand_it_in(
    village: Village, notice: UUID, name: str, whose: str, code: str
) -> None:
    file = village.upload(whose)
    village.ctx.files.path(file).unlink()
    photo = SubmittedPhoto(village.units[0], "start", "close", file)
    with pytest.raises(Refused) as refused:
        notices.add_photo(village.ctx, village.actor(name), notice, photo)
    assert codes(refused) == [code]


# --- which poster ---


@pytest.mark.parametrize("code", ["token", "number"])
def test_a_close_photo_shows_the_code_of_its_own_unit_or_notice(
    village: Village, notice: UUID, code: str
) -> None:
    number = notice_of(village, notice).number
    printed = f"{SITE}/e/{TOKENS[0]}" if code == "token" else f"{SITE}/n/{number}"
    handed = hand_in(village, notice, taken(village, lobby(1, printed)), framing="close")
    assert hints(handed) == ["time_not_seen"]


@pytest.mark.usefixtures("cases_from_before")
def test_the_code_of_another_unit_or_notice_is_refused(village: Village, notice: UUID) -> None:
    other = village.drafted()
    with village.ctx.sessions() as tx:
        mine = notice_of(village, notice)
        foreign = "GS-2025-000099"
        values = {column.key: getattr(mine, column.key) for column in mine.__table__.columns} | {
            "number": foreign,
            "purchase_id": other.id,
        }
        del values["id"]
        tx.add(type(mine)(**values))
        tx.commit()
    for printed in (f"{SITE}/e/{TOKENS[1]}", f"{SITE}/n/{foreign}"):
        file = taken(village, lobby(1, printed))
        with pytest.raises(Refused) as refused:
            hand_in(village, notice, file, framing="close")
        assert codes(refused) == ["poster_of_other_place"]
        # From some steps away nobody looks at the code.
        hand_in(village, notice, file, framing="wide")


@pytest.mark.parametrize("printed", [None, "https://example.cn/", f"{SITE}/e/{'0' * 26}x"])
def test_a_close_photo_without_a_code_of_ours_is_taken_with_a_warning(
    village: Village, notice: UUID, printed: str | None
) -> None:
    handed = hand_in(village, notice, taken(village, lobby(1, printed)), framing="close")
    assert hints(handed) == ["code_not_seen", "time_not_seen"]


def test_a_photo_of_a_code_that_was_revoked_is_taken_with_a_warning(
    village: Village, notice: UUID
) -> None:
    file = taken(village, lobby(1, f"{SITE}/e/{TOKENS[0]}"))
    lift_tokens.revoke_token(village.ctx, village.actor("clerk"), village.lifts[0], "贴纸被复制")
    for _ in range(2):
        handed = hand_in(village, notice, file, framing="close")
        assert hints(handed) == ["code_revoked", "time_not_seen"]


def test_who_changes_a_lift_s_code_is_told_which_hanging_notices_bear_it(
    village: Village, notice: UUID
) -> None:
    ctx, clerk, lift = village.ctx, village.actor("clerk"), village.lifts[0]
    number = notice_of(village, notice).number
    poster(village, notice)
    poster(village, None)
    assert lift_tokens.issue_token(ctx, clerk, village.lifts[1], "贴纸被撕").reprint == []
    assert lift_tokens.revoke_token(ctx, clerk, lift, "贴纸被复制") == [number]
    assert lift_tokens.issue_token(ctx, clerk, lift, "重新张贴").reprint == [number]
    request = PosterRequest("lobby_notice", notice_id=notice, unit_id=village.units[0])
    make_poster(ctx, village.actor("manager"), request, SITE)
    assert lift_tokens.revoke_token(ctx, clerk, lift, "再次停用") == [number]
    with ctx.sessions() as tx:
        bodies = tx.scalars(
            select(AuditEntry.body).where(AuditEntry.action == "lift_token.revoke")
        ).all()
    assert [json.loads(body)["facts"]["reprint"] for body in bodies] == [[number]] * 2


def poster(village: Village, notice: UUID | None, unit: int = 0) -> str:
    """A poster that was printed: of this notice, or else a cab card."""
    sha256 = village.ctx.files.put(f"poster {notice} {unit}".encode())
    with village.ctx.sessions() as tx:
        now = village.clock()
        tx.add(StoredFile(sha256=sha256, media_type="image/png", size_bytes=1, stored_at=now))
        tx.flush()
        tx.add(
            Poster(
                sha256=sha256,
                kind="lobby_notice" if notice else "cab_card",
                paper="A3",
                format="png",
                bleed=False,
                lift_id=None if notice else village.lifts[unit],
                notice_id=notice,
                unit_id=village.units[unit],
                token=TOKENS[unit],
                content_hash="hash" if notice else None,
                missing="",
                made_by=None,
                made_at=now,
            )
        )
        tx.commit()
    return sha256


def test_a_photo_names_the_poster_that_it_shows(village: Village, notice: UUID) -> None:
    mine, next_door = poster(village, notice), poster(village, notice, 1)
    card = poster(village, None)
    file = taken(village, lobby(1))
    for shown, code in (
        (card, "poster_unknown"),
        ("0" * 64, "poster_unknown"),
        (next_door, "poster_of_other_place"),
    ):
        with pytest.raises(Refused) as refused:
            hand_in(village, notice, file, poster_sha256=shown)
        assert codes(refused) == [code]
    hand_in(village, notice, file, poster_sha256=mine)
    assert photos(village)[0].poster_sha256 == mine


# --- how far it is ---


def posting(village: Village, notice: UUID, name: str = "manager") -> PostingGuide:
    return notices.read_posting(village.ctx, village.actor(name), notice)


def test_those_who_post_see_what_is_there_and_what_is_missing(
    village: Village, notice: UUID
) -> None:
    made = poster(village, notice)
    poster(village, None)
    first = taken(village, lobby(1))
    better = taken(village, lobby(2))
    hand_in(village, notice, first)
    hand_in(village, notice, better)
    seen = posting(village, notice)
    assert [one.sha256 for one in seen.posters] == [made]
    assert [place.name for place in seen.places] == ["1栋1单元", "1栋2单元"]
    assert {key: p.file_sha256 for key, p in seen.places[0].photos.items()} == {
        ("start", "wide"): better
    }
    assert seen.places[1].photos == {}
    assert "公示期7天" in seen.how_long
    for name, code in (("stranger", "not_found"), ("insurer", "role_required")):
        with pytest.raises(Refused) as refused:
            posting(village, notice, name)
        assert codes(refused) == [code]
    assert posting(village, notice, "clerk").notice.id == notice


def test_the_posting_of_a_running_notice_names_its_last_day(village: Village) -> None:
    _, notice = village.posted()
    seen = posting(village, notice)
    assert "2025年3月10日" in seen.how_long
    assert all(len(place.photos) == 2 for place in seen.places)


def test_a_draft_that_was_taken_back_is_not_said_to_begin(village: Village, notice: UUID) -> None:
    row = notice_of(village, notice)
    village.person("manager").undoes_draft(row.purchase_id, "没有人张贴")
    seen = posting(village, notice)
    assert "已作废" in seen.how_long
    assert "公示期" not in seen.how_long
