"""What an objection carries besides its words, whether these are published, and its receipt."""

import io
import threading
from dataclasses import replace
from hashlib import sha256

import pytest
from PIL import Image
from pypdfium2 import PdfDocument
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.objection import Verdict
from backend.domain.wording import until
from backend.services.base.context import Context
from backend.services.files.uploads import PDF, read_file
from backend.services.public_notice import moderation, objections, receipts
from backend.services.public_notice.own_objections import OwnObjection, my_objections
from backend.services.reads import cases
from backend.store.audit import AuditEntry
from backend.store.notices import Objection, StoredFile, Upload
from backend.store.people import Identity
from tests.build.looking import at, case, codes, objection_of
from tests.build.no_platform import NoPlatform
from tests.build.objecting import WORDS, hand_in, object_to, picture, signature
from tests.build.papers import pdf
from tests.build.village import Village
from tests.build.waiting import PATIENCE_SECONDS

PUBLISHED = "我是1栋1单元**室的**，电话**。保费每台1300元偏高，请公布比选过程。"


class Moderator(NoPlatform):
    """A platform that thinks one thing of every text, and remembers what it was asked."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.asked: list[tuple[str, str]] = []

    def check_text(self, openid: str, text: str, scene: int = 2) -> Verdict:
        self.asked.append((openid, text))
        return self.verdict


def moderated(village: Village, verdict: Verdict) -> tuple[Context, Moderator]:
    """The village's context with such a platform, where owner0 is known."""
    platform = Moderator(verdict)
    with village.ctx.sessions() as tx:
        tx.add(
            Identity(
                person_id=village.actor("owner0").person_id,
                platform="mini_program",
                appid=platform.mini_appid,
                openid="openid-0",
                unionid=None,
                reachable=True,
                seen_at=village.clock(),
            )
        )
        tx.commit()
    return replace(village.ctx, platform=platform), platform


def own(village: Village) -> OwnObjection:
    return my_objections(village.ctx, village.actor("owner0"))[0]


def looks(village: Village) -> list[str]:
    """Every look at a paper of an objection, in the audit chain."""
    with village.ctx.sessions() as tx:
        query = select(AuditEntry.subject_id).where(
            AuditEntry.action == "file.read_objection_paper"
        )
        return list(tx.scalars(query))


# --- photos and signature ---


def test_an_objection_carries_photos_and_a_signature(village: Village) -> None:
    _, notice = village.posted()
    photos = [hand_in(village, "owner0", picture(shade)) for shade in (30, 200)]
    signed = hand_in(village, "owner0", signature())
    filed = object_to(village, notice, photos=photos, signed=signed)
    assert filed.status == "verified"
    assert objection_of(village, filed).signature_sha256 == signed
    assert own(village).photos == photos


def test_an_author_knows_until_when_the_centre_answers(village: Village) -> None:
    _, notice = village.posted()
    object_to(village, notice)
    due = own(village).answer_before
    assert due
    assert f"最晚在{until(due)}书面答复" in own(village).next
    village.clerk.answers(own(village).id, "三家报价已经附上。")
    assert own(village).answer_before is None
    assert "不认可的" in own(village).next


def test_a_picture_too_small_to_show_anything_is_no_photo(village: Village) -> None:
    _, notice = village.posted()
    tiny = io.BytesIO()
    Image.new("L", (20, 20), 255).save(tiny, "PNG")
    photo = hand_in(village, "owner0", tiny.getvalue())
    with pytest.raises(Refused, match=r"20×20像素.*320像素") as refused:
        object_to(village, notice, photos=[photo])
    assert [(r.code, r.field) for r in refused.value.refusals] == [("photo_too_small", "photos")]


def test_photos_and_signature_stay_between_author_and_centre(village: Village) -> None:
    purchase, notice = village.posted()
    photo = hand_in(village, "owner0", picture())
    signed = hand_in(village, "owner0", signature())
    for name in ("clerk", "cashier", "supervisor", "auditor"):
        with pytest.raises(Refused, match="not_found"):
            read_file(village.ctx, village.actor(name), signed)
    filed = object_to(village, notice, photos=[photo], signed=signed)
    for name in ("manager", "insurer", "member0", "owner1", "cashier", "supervisor"):
        for file in (photo, signed):
            with pytest.raises(Refused, match="not_found"):
                read_file(village.ctx, village.actor(name), file)
    assert looks(village) == []
    for name in ("owner0", "clerk", "auditor"):
        assert read_file(village.ctx, village.actor(name), signed)[1] == "image/png"
    assert looks(village) == [signed, signed]
    clerk, manager = village.actor("clerk"), village.actor("manager")
    seen = cases.read_case(village.ctx, clerk, purchase.id).objections[0]
    assert (seen.photos, seen.publication) == ([photo], "private")
    hidden = cases.read_case(village.ctx, manager, purchase.id).objections[0]
    assert (hidden.photos, hidden.publication, hidden.id) == ((), None, None)
    unmasked = cases.unmask_objection(village.ctx, clerk, filed.id, "核对签名")
    assert unmasked.signature_sha256 == signed


def test_papers_that_are_none_are_refused_and_nothing_is_filed(village: Village) -> None:
    purchase, notice = village.posted()
    photo, signed = hand_in(village, "owner0", picture()), hand_in(village, "owner0", signature())
    paper = hand_in(village, "owner0", pdf())
    dot = hand_in(village, "owner0", signature((300, 120), (303, 121)))
    foreign = hand_in(village, "owner1", picture(7))
    wrong = [
        ([photo, photo], None, "photo_repeated"),
        ([photo] * 7, None, "photos_too_many"),
        ([paper], None, "photo_not_a_picture"),
        ([foreign], None, "file_unknown"),
        (["0" * 64], None, "file_unknown"),
        ([], dot, "signature_too_small"),
        ([], paper, "photo_not_a_picture"),
        ([], foreign, "file_unknown"),
    ]
    for photos, signs, code in wrong:
        with pytest.raises(Refused) as refused:
            object_to(village, notice, photos=photos, signed=signs)
        assert codes(refused) == [code]
    assert case(village, purchase).state == "posted"
    assert object_to(village, notice, photos=[photo], signed=signed).number == "YY-2025-000001"


@pytest.mark.parametrize(
    "text",
    ["保费\0偏高", "保费\x1b[31m偏高", "保费\u202e高偏", "保费\ud800偏高", "\x85保费偏高\x07"],
)
def test_what_nobody_can_see_is_refused(village: Village, text: str) -> None:
    _, notice = village.posted()
    with pytest.raises(Refused) as refused:
        objections.file_objection(village.ctx, village.actor("owner0"), notice, "price", text)
    assert codes(refused) == ["text_characters_invalid"]


def test_2500_characters_are_heard_and_2501_are_not(village: Village) -> None:
    _, notice = village.posted()
    owner = village.actor("owner0")
    with pytest.raises(Refused) as refused:
        objections.file_objection(village.ctx, owner, notice, "price", "贵" * 2501)
    assert codes(refused) == ["text_too_long"]
    filed = objections.file_objection(village.ctx, owner, notice, "price", "贵" * 2500)
    assert filed.status == "verified"


# --- publication ---


@pytest.mark.parametrize(
    ("verdict", "asked", "publication", "text"),
    [
        ("pass", True, "published", PUBLISHED),
        ("review", True, "held", None),
        ("unchecked", True, "held", None),
        ("risky", True, "refused", None),
        ("pass", False, "private", None),
        ("risky", False, "private", None),
    ],
)
def test_words_are_published_only_if_asked_for_and_harmless(
    village: Village, verdict: Verdict, asked: bool, publication: str, text: str | None
) -> None:
    """Whatever becomes of the words, the objection itself is on record and suspends."""
    purchase, notice = village.posted()
    ctx, platform = moderated(village, verdict)
    filed = object_to(village, notice, ctx, publish=asked)
    assert platform.asked == [("openid-0", WORDS)]
    assert (filed.publication, filed.published_text) == (publication, text)
    assert (filed.publication_reason is not None) == (publication in ("held", "refused"))
    assert (filed.moderation, filed.status) == (verdict, "verified")
    assert case(village, purchase).state == "suspended"
    assert own(village).text == WORDS


def test_the_platform_is_asked_while_nobody_waits_for_the_case(village: Village) -> None:
    """The case moves on during the check; the objection counts from before it."""
    purchase, notice = village.posted()
    ctx, platform = moderated(village, Verdict.PASS)
    village.clock.set(at("2025-03-10 23:59"))
    asked, answered = threading.Event(), threading.Event()

    def slowly(openid: str, text: str, scene: int = 2) -> Verdict:
        asked.set()
        assert answered.wait(PATIENCE_SECONDS)
        return Verdict.PASS

    platform.check_text = slowly  # type: ignore[method-assign]  # this one test's own platform
    filing = threading.Thread(target=object_to, args=(village, notice, ctx))
    filing.start()
    assert asked.wait(PATIENCE_SECONDS)
    objections.file_objection(village.ctx, village.actor("owner1"), notice, "need", "不需要")
    village.clock.set(at("2025-03-11 00:05"))
    answered.set()
    filing.join(PATIENCE_SECONDS)
    assert own(village).status == "verified"
    assert case(village, purchase).state == "suspended"


def test_the_clerk_decides_on_words_that_were_held(village: Village) -> None:
    _, notice = village.posted()
    ctx, _ = moderated(village, Verdict.REVIEW)
    filed = object_to(village, notice, ctx, publish=True)
    clerk = village.actor("clerk")
    published = moderation.decide_publication(ctx, clerk, filed.id, True, "")
    assert (published.publication, published.published_text) == ("published", PUBLISHED)
    assert published.publication_reason is None
    again = moderation.decide_publication(ctx, clerk, filed.id, True, "")
    assert again.published_at == published.published_at
    with pytest.raises(Refused, match="text_required"):
        moderation.decide_publication(ctx, clerk, filed.id, False, " ")
    refused_now = moderation.decide_publication(ctx, clerk, filed.id, False, "含有他人信息")
    assert (refused_now.publication, refused_now.published_text) == ("refused", None)
    assert own(village).publication_reason == "含有他人信息"
    with pytest.raises(Refused, match="publication_decided"):
        moderation.decide_publication(ctx, clerk, filed.id, True, "")
    assert objection_of(village, filed).status == "verified"


def test_only_the_clerk_decides_and_only_what_the_author_asked_for(village: Village) -> None:
    _, notice = village.posted()
    filed = object_to(village, notice)
    for name in ("owner0", "manager", "reviewer", "stranger"):
        with pytest.raises(Refused, match="not_found"):
            moderation.decide_publication(village.ctx, village.actor(name), filed.id, True, "")
    with pytest.raises(Refused, match="publication_not_asked"):
        moderation.decide_publication(village.ctx, village.actor("clerk"), filed.id, True, "")


def test_who_withdraws_takes_the_words_back(village: Village) -> None:
    _, notice = village.posted()
    ctx, _ = moderated(village, Verdict.PASS)
    filed = object_to(village, notice, ctx, publish=True)
    objections.withdraw(ctx, village.actor("owner0"), filed.id)
    mine = own(village)
    assert (mine.publication, mine.published_text, mine.can_withdraw) == ("private", None, False)


# --- what the author reads ---


def test_the_author_reads_how_it_stands_in_words(village: Village) -> None:
    _, notice = village.posted()
    filed = object_to(village, notice)
    before = own(village)
    assert (before.notice_id, before.kind_name, before.status_name) == (
        notice,
        "保费或保额",
        "有效，暂缓实施",
    )
    assert (before.answered_at, before.can_withdraw) == (None, True)
    village.clock.set(at("2025-03-03 15:00"))
    village.clerk.answers(filed.id, "将公布比选记录")
    after = own(village)
    assert (after.answer, after.answered_at) == ("将公布比选记录", village.clock())


def receipt(village: Village, name: str, objection: Objection) -> list[str]:
    """The text of each page, as whoever copies it gets it."""
    number, content = receipts.receipt_of(village.ctx, village.actor(name), objection.id)
    assert number == objection.number
    with PdfDocument(content) as pdf:
        return [page.get_textpage().get_text_range().replace("\r\n", "") for page in pdf]


def test_the_receipt_says_what_was_received_and_its_words_can_be_copied(village: Village) -> None:
    _, notice = village.posted()
    village.clock.set(at("2025-03-03 10:20:30"))
    photo, signed = hand_in(village, "owner0", picture()), hand_in(village, "owner0", signature())
    filed = object_to(village, notice, photos=[photo], signed=signed)
    whole = "".join("".join(receipt(village, "owner0", filed)).split())
    for told in (
        "YY-2025-000001",
        "GS-2025-000001",
        "2025年3月3日 10:20:30",
        "保费或保额",
        WORDS,
        "1张",
        "手写签名",
        sha256(WORDS.encode()).hexdigest(),
        "暂缓实施",
        "5个工作日",
        "0743-8532500",
    ):
        assert "".join(told.split()) in whole


def test_a_long_objection_with_strange_letters_has_a_receipt_of_several_pages(
    village: Village,
) -> None:
    _, notice = village.posted()
    words = ("<b>保费偏高</b>\n" + "龘𠮷😀\u200d 保 费 " * 10 + "A" * 120) * 10
    owner = village.actor("owner0")
    filed = objections.file_objection(village.ctx, owner, notice, "other", words[:2500])
    pages = receipt(village, "owner0", filed)
    assert len(pages) > 1
    assert "<b>保费偏高</b>" in pages[0]
    assert "以〓代替" in pages[-1]
    assert "手写签名" not in pages[-1]


def test_only_the_author_has_the_receipt(village: Village) -> None:
    _, notice = village.posted()
    filed = object_to(village, notice)
    for name in ("owner1", "manager", "clerk", "auditor", "stranger"):
        with pytest.raises(Refused, match="not_found"):
            receipts.receipt_of(village.ctx, village.actor(name), filed.id)


def test_the_same_paper_uploaded_by_two_keeps_one_file_and_two_uploads(village: Village) -> None:
    content = picture()
    assert hand_in(village, "owner0", content) == hand_in(village, "owner1", content)
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(StoredFile.media_type)).all() != [PDF]
        assert len(tx.scalars(select(Upload)).all()) == 2
