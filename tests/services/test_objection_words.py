"""Whose words are published and when; what is on record before the platform says a word."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from backend.domain.errors import Refused
from backend.domain.objection import Verdict
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import keep_name
from backend.services.public_notice import moderation, objections, receipts
from backend.services.public_notice.eligibility import part_in_notice
from backend.services.public_notice.objections import PaperObjection
from backend.services.public_notice.own_objections import my_objections, objections_by
from backend.services.public_notice.photos import Attached
from backend.store.audit import AuditEntry
from backend.store.notices import Objection
from backend.store.people import Identity, OwnerVerification, Person
from backend.store.registry import Household, Owner
from tests.build.comparing import entered_with_scan
from tests.build.in_parts import file_objection
from tests.build.looking import at, case, codes, letters, objection_of
from tests.build.no_platform import NoPlatform
from tests.build.village import Village

WORDS = "我是1栋1单元101室的冯样零，小名阿宝。保费每台1300元偏高。"
MASKED = "我是1栋1单元**室的**，小名阿宝。保费每台1300元偏高。"


class Platform(NoPlatform):
    """A platform that does what the test says when it is asked."""

    def __init__(self, answer: Callable[[], Verdict]) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def check_text(self, openid: str, text: str, scene: int = 2) -> Verdict:
        self.asked.append(text)
        return self.answer()


def saying(
    village: Village, name: str, answer: Callable[[], Verdict] = lambda: Verdict.PASS
) -> tuple[Context, Platform]:
    """The village's context with such a platform, where this person is known."""
    platform = Platform(answer)
    with village.ctx.sessions() as tx:
        tx.add(
            Identity(
                person_id=village.actor(name).person_id,
                platform="mini_program",
                appid=platform.mini_appid,
                openid=f"openid-{name}",
                unionid=None,
                reachable=True,
                seen_at=village.clock(),
            )
        )
        tx.commit()
    return replace(village.ctx, platform=platform), platform


def object_to(
    ctx: Context, actor: Actor, notice: UUID, text: str = WORDS, publish: bool = True
) -> Objection:
    return file_objection(ctx, actor, notice, text, publish=publish)


def waiting(village: Village, name: str = "stranger") -> Actor:
    """Somebody who asks to be verified for the first flat, and waits for the centre's word."""
    actor = village.actor(name)
    with village.ctx.sessions() as tx:
        home = tx.scalars(select(Household.id).order_by(Household.id)).first()
        assert home
        tx.add(
            OwnerVerification(
                person_id=actor.person_id,
                kind="owner",
                subject_id=home,
                state="open",
                made_at=village.clock(),
            )
        )
        tx.commit()
    return actor


def bind(village: Village, actor: Actor | None) -> UUID:
    """The first owner on the roster is this person from now on."""
    with village.ctx.sessions() as tx:
        tx.get_one(Owner, village.owners[0]).person_id = actor.person_id if actor else None
        tx.commit()
    return village.owners[0]


def call(village: Village, actor: Actor, name: str) -> None:
    with village.ctx.sessions() as tx:
        keep_name(village.ctx.cipher, tx.get_one(Person, actor.person_id), name)
        tx.commit()


def told(village: Village, objection: Objection) -> list[tuple[str, dict[str, Any]]]:
    """What the audit chain says of the objection, in order."""
    with village.ctx.sessions() as tx:
        rows = tx.execute(
            select(AuditEntry.action, AuditEntry.body)
            .where(AuditEntry.subject_id == str(objection.id))
            .order_by(AuditEntry.seq)
        ).all()
    return [(action, json.loads(body)["facts"]) for action, body in rows]


# --- an author who is not known yet ---


def test_words_of_one_who_is_not_verified_wait_until_they_are(village: Village) -> None:
    _, notice = village.posted()
    author = waiting(village)
    call(village, author, "阿宝")
    ctx, platform = saying(village, "stranger")
    filed = object_to(ctx, author, notice)
    assert platform.asked == [WORDS]
    assert (filed.status, filed.moderation, filed.publication) == ("received", "pass", "held")
    assert filed.published_text is None
    assert "身份核实后再公布" in str(filed.publication_reason)
    clerk = village.actor("clerk")
    with pytest.raises(Refused, match="author_not_verified"):
        moderation.decide_publication(ctx, clerk, filed.id, True, "")
    verified = objections.verify(ctx, clerk, filed.id, bind(village, author), None)
    assert (verified.status, verified.publication) == ("verified", "published")
    assert verified.published_text == MASKED.replace("阿宝", "**")
    assert verified.publication_reason is None


def test_words_that_did_not_pass_stay_held_when_their_author_is_verified(village: Village) -> None:
    _, notice = village.posted()
    author = waiting(village)
    ctx, _ = saying(village, "stranger", lambda: Verdict.REVIEW)
    filed = object_to(ctx, author, notice)
    clerk = village.actor("clerk")
    verified = objections.verify(ctx, clerk, filed.id, bind(village, author), None)
    assert (verified.publication, verified.published_text) == ("held", None)
    decided = moderation.decide_publication(ctx, clerk, filed.id, True, "")
    assert decided.published_text == MASKED


def test_words_of_one_who_is_no_owner_are_never_published(village: Village) -> None:
    _, notice = village.posted()
    author = waiting(village)
    ctx, _ = saying(village, "stranger")
    filed = object_to(ctx, author, notice)
    clerk = village.actor("clerk")
    settled = objections.verify(ctx, clerk, filed.id, None, "不是本栋业主")
    assert (settled.status, settled.publication) == ("not_entitled", "private")
    assert settled.publication_reason is None
    with pytest.raises(Refused, match="publication_not_asked"):
        moderation.decide_publication(ctx, clerk, filed.id, True, "")


def test_what_the_platform_called_risky_no_clerk_publishes(village: Village) -> None:
    _, notice = village.posted()
    ctx, _ = saying(village, "owner0", lambda: Verdict.RISKY)
    filed = object_to(ctx, village.actor("owner0"), notice)
    with pytest.raises(Refused, match="publication_decided"):
        moderation.decide_publication(ctx, village.actor("clerk"), filed.id, True, "")


def test_words_that_may_still_tell_somebody_s_door_wait_for_the_clerk(village: Village) -> None:
    _, notice = village.posted()
    ctx, _ = saying(village, "owner0")
    filed = object_to(ctx, village.actor("owner0"), notice, "请到门口五零一找我")
    assert (filed.moderation, filed.publication) == ("pass", "held")
    assert "由中心审核" in str(filed.publication_reason)


# --- on record first ---


def test_an_objection_is_on_record_though_the_process_dies_at_the_platform(
    village: Village,
) -> None:
    purchase, notice = village.posted()

    def dies() -> Verdict:
        raise SystemExit

    ctx, _ = saying(village, "owner0", dies)
    owner = village.actor("owner0")
    with pytest.raises(SystemExit):
        object_to(ctx, owner, notice)
    [mine] = my_objections(ctx, owner)
    assert (mine.status, mine.publication, mine.text) == ("verified", "held", WORDS)
    assert case(village, purchase).state == "suspended"
    decided = moderation.decide_publication(ctx, village.actor("clerk"), mine.id, True, "")
    assert decided.published_text == MASKED


def test_what_cannot_be_filed_never_reaches_the_platform(village: Village) -> None:
    _, notice = village.posted()
    ctx, platform = saying(village, "owner0")
    owner = village.actor("owner0")
    for kind, text, photos in (
        ("noise", WORDS, []),
        ("price", "\u200b", []),
        ("price", WORDS, ["0" * 64]),
    ):
        with pytest.raises(Refused):
            objections.file_objection(ctx, owner, notice, kind, text, Attached(photos))
    with pytest.raises(Refused, match="not_found"):
        object_to(ctx, owner, UUID(int=0))
    object_to(ctx, owner, notice)
    with pytest.raises(Refused, match="objection_already_filed"):
        object_to(ctx, owner, notice)
    stranger, other = saying(village, "stranger")
    with pytest.raises(Refused, match="not_an_affected_owner"):
        object_to(stranger, village.actor("stranger"), notice)
    assert (platform.asked, other.asked) == ([WORDS], [])


def test_an_objection_on_time_that_comes_upon_a_cleared_case_holds_the_registration(
    village: Village,
) -> None:
    """It was handed in before the end, and the clearing was quicker."""
    purchase, notice = village.posted()
    village.clock.set(at("2025-03-11 00:00"))
    village.photograph(notice, "end")
    village.clerk.clears(purchase.id, "未收到纸质异议")
    handed_in = replace(village.ctx, clock=lambda: at("2025-03-10 23:59"))
    filed = object_to(handed_in, village.actor("owner0"), notice)
    assert filed.status == "verified"
    assert case(village, purchase).state == "suspended"
    with pytest.raises(Refused) as refused:
        village.reviewer.registers(purchase.id)
    assert codes(refused) == ["step_not_possible"]
    news = [template for _, template, _ in letters(village, purchase)]
    assert "objection_received" in news


def test_what_the_clerk_did_while_the_platform_thought_stays(village: Village) -> None:
    _, notice = village.posted()
    clerk = village.actor("clerk")
    ctx = village.ctx

    def meanwhile() -> Verdict:
        [mine] = my_objections(ctx, village.actor("owner0"))
        moderation.decide_publication(ctx, clerk, mine.id, False, "含有他人姓名")
        return Verdict.PASS

    asking, _ = saying(village, "owner0", meanwhile)
    filed = object_to(asking, village.actor("owner0"), notice)
    assert (filed.publication, filed.publication_reason) == ("refused", "含有他人姓名")
    assert filed.moderation == "pass"


def test_a_verdict_is_written_once(village: Village) -> None:
    _, notice = village.posted()
    ctx, _ = saying(village, "owner0")
    filed = object_to(ctx, village.actor("owner0"), notice)
    unasked = object_to(village.ctx, village.actor("owner1"), notice)
    for objection, verdict in ((filed, "risky"), (filed, "unchecked"), (unasked, None)):
        with village.ctx.sessions() as tx, pytest.raises(DBAPIError):
            tx.execute(
                update(Objection).where(Objection.id == objection.id).values(moderation=verdict)
            )


# --- whose it is ---


def test_who_holds_the_flat_later_sees_nothing_of_the_objection(village: Village) -> None:
    _, notice = village.posted()
    author, later = village.actor("owner0"), village.actor("stranger")
    ctx, _ = saying(village, "owner0")
    filed = object_to(ctx, author, notice)
    bind(village, later)
    assert my_objections(ctx, later) == []
    assert part_in_notice(ctx, later, notice).filed is None
    for reach in (
        lambda: receipts.receipt_of(ctx, later, filed.id),
        lambda: objections.withdraw(ctx, later, filed.id),
        lambda: moderation.take_back(ctx, later, filed.id),
    ):
        with pytest.raises(Refused, match="not_found"):
            reach()
    with pytest.raises(Refused, match="objection_already_filed") as refused:
        object_to(ctx, later, notice)
    assert filed.number not in refused.value.refusals[0].message
    assert [one.id for one in my_objections(ctx, author)] == [filed.id]
    assert objections.withdraw(ctx, author, filed.id).status == "withdrawn"


def test_paper_is_of_the_owner_on_the_roster(village: Village) -> None:
    _, notice = village.posted()
    clerk = village.actor("clerk")
    paper = PaperObjection("need", "不同意", "业主零", village.clock(), village.owners[0])
    filed = entered_with_scan(village.ctx, clerk, notice, paper)
    assert [one.id for one in my_objections(village.ctx, village.actor("owner0"))] == [filed.id]
    assert my_objections(village.ctx, clerk) == []


# --- taken back ---


def test_the_author_takes_the_words_back_and_the_objection_stands(village: Village) -> None:
    purchase, notice = village.posted()
    ctx, _ = saying(village, "owner0")
    author = village.actor("owner0")
    filed = object_to(ctx, author, notice)
    for name in ("owner1", "clerk", "manager", "stranger"):
        with pytest.raises(Refused, match="not_found"):
            moderation.take_back(ctx, village.actor(name), filed.id)
    assert objection_of(village, filed).publication == "published"
    moderation.take_back(ctx, author, filed.id)
    moderation.take_back(ctx, author, filed.id)
    after = objection_of(village, filed)
    assert (after.publication, after.published_text, after.status) == (
        "private",
        None,
        "verified",
    )
    assert case(village, purchase).state == "suspended"
    with pytest.raises(Refused, match="publication_not_asked"):
        moderation.decide_publication(ctx, village.actor("clerk"), filed.id, True, "")
    actions = [action for action, _ in told(village, filed)]
    assert actions.count("objection.unpublish") == 1


def test_all_words_of_one_person_are_taken_back_at_once(village: Village) -> None:
    _, notice = village.posted()
    ctx, _ = saying(village, "owner0")
    author = village.actor("owner0")
    filed = object_to(ctx, author, notice)
    neighbour = object_to(village.ctx, village.actor("owner1"), notice)
    with ctx.sessions() as tx:
        moderation.unpublish_all(tx, ctx, author.person_id)
        tx.commit()
        [mine] = objections_by(tx, ctx, author.person_id)
    assert (mine.id, mine.publication, mine.published_text) == (filed.id, "private", None)
    assert objection_of(village, neighbour).publication == "held"


# --- what the chain says ---


def test_the_chain_says_what_was_asked_decided_and_published(village: Village) -> None:
    _, notice = village.posted()
    ctx, _ = saying(village, "owner0")
    author = village.actor("owner0")
    filed = object_to(ctx, author, notice)
    moderation.decide_publication(ctx, village.actor("clerk"), filed.id, False, "另有原因")
    moderation.take_back(ctx, author, filed.id)
    chain = told(village, filed)
    assert [action for action, _ in chain] == [
        "objection.file",
        "objection.moderate",
        "objection.decide_publication",
        "objection.unpublish",
    ]
    received, judged, decided, taken_back = (facts for _, facts in chain)
    assert (received["publish_text"], received["signed"]) == (True, False)
    assert "signature_sha256" not in received
    assert judged == {
        "number": filed.number,
        "asked": True,
        "verdict": "pass",
        "publication": "published",
        "published_sha256": sha256(MASKED.encode()).hexdigest(),
    }
    assert (decided["publication"], taken_back["publication"]) == ("refused", "private")


def test_the_chain_says_when_nothing_was_to_be_published(village: Village) -> None:
    _, notice = village.posted()
    ctx, _ = saying(village, "owner0", lambda: Verdict.RISKY)
    filed = object_to(ctx, village.actor("owner0"), notice, publish=False)
    assert told(village, filed)[1] == (
        "objection.moderate",
        {"number": filed.number, "asked": False, "verdict": "risky", "publication": "private"},
    )
