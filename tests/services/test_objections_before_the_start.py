"""Paper that comes while the notice is still being posted: the first place hangs already."""

from uuid import UUID

import pytest

from backend.domain.errors import Refused
from backend.services.public_notice import objections
from backend.services.public_notice.notices import SubmittedPhoto
from backend.services.public_notice.objections import PaperObjection
from backend.services.reads.todos import my_todos
from backend.store.notices import Objection
from backend.store.purchases import Purchase
from tests.build.comparing import entered_with_scan, withdrawn_on_paper
from tests.build.looking import (
    assert_sound,
    at,
    case,
    codes,
    letters,
    limits,
    notice_of,
    objection_of,
    steps,
)
from tests.build.village import Village


@pytest.fixture
def posting(village: Village) -> tuple[Purchase, UUID]:
    """Drafted on Monday the 3rd; the first photo is there, three are missing."""
    purchase = village.approved()
    notice = village.manager.drafts_notice(purchase.id)
    file = village.upload("manager")
    photo = SubmittedPhoto(village.units[0], "start", "wide", file, village.clock())
    village.manager.adds_photo(notice.id, photo)
    return purchase, notice.id


def on_paper(village: Village, notice: UUID, received: str, owner: UUID | None = None) -> Objection:
    paper = PaperObjection("need", "不同意投保", "业主三", at(received), owner)
    return entered_with_scan(village.ctx, village.actor("clerk"), notice, paper)


def test_an_owner_s_paper_suspends_the_notice_as_soon_as_it_begins(
    village: Village, posting: tuple[Purchase, UUID]
) -> None:
    purchase, notice = posting
    village.clock.set(at("2025-03-05 10:00"))
    paper = on_paper(village, notice, "2025-03-04 16:30", village.owners[2])
    assert paper.status == "verified"
    assert case(village, purchase).state == "approved"
    assert "objection_answer" in limits(village, purchase)
    village.clock.set(at("2025-03-06 11:00"))
    village.photograph(notice, "start")
    assert [step.action for step in steps(village, purchase)][-2:] == ["post_notice", "suspend"]
    assert notice_of(village, notice).days_left == 7  # none of the seven days has passed
    assert_sound(village)


def test_the_whole_period_runs_once_it_is_settled(
    village: Village, posting: tuple[Purchase, UUID]
) -> None:
    purchase, notice = posting
    paper = on_paper(village, notice, "2025-03-03 09:00", village.owners[2])
    village.clock.set(at("2025-03-06 11:00"))
    village.photograph(notice, "start")
    village.clock.set(at("2025-03-12 11:00"))
    withdrawn_on_paper(village.ctx, village.actor("clerk"), paper.id, village.upload("clerk"))
    assert case(village, purchase).state == "posted"
    assert str(notice_of(village, notice).ends_on) == "2025-03-19"


def test_it_can_be_settled_before_the_notice_begins(
    village: Village, posting: tuple[Purchase, UUID]
) -> None:
    purchase, notice = posting
    paper = on_paper(village, notice, "2025-03-03 09:00", village.owners[2])
    village.clerk.answers(paper.id, "价格经遴选确定")
    assert {"objection_review", "posting"} <= limits(village, purchase).keys()
    assert f"复核未撤回的异议（{objection_of(village, paper).number}）" in {
        t.task for t in my_todos(village.ctx, village.actor("reviewer")).items
    }
    village.reviewer.dismisses(paper.id, "理由不成立")
    village.photograph(notice, "start")
    assert case(village, purchase).state == "posted"
    assert objection_of(village, paper).status == "inadmissible"
    assert_sound(village)


def test_an_unknown_author_holds_the_clearing(
    village: Village, posting: tuple[Purchase, UUID]
) -> None:
    purchase, notice = posting
    paper = on_paper(village, notice, "2025-03-03 09:00")
    assert paper.status == "received"
    told = {
        (name, data["task"])
        for name, template, data in letters(village, purchase)
        if template == "objection_received"
    }
    assert ("clerk", "核实异议人身份") in told
    village.photograph(notice, "start")
    assert case(village, purchase).state == "posted"
    village.clock.set(at("2025-03-11 09:00"))
    village.photograph(notice, "end")
    with pytest.raises(Refused) as no:
        village.clerk.clears(purchase.id, "未收到其他纸质异议")
    assert codes(no) == ["objection_open"]


def test_what_came_while_it_was_posted_may_be_entered_later(
    village: Village, posting: tuple[Purchase, UUID]
) -> None:
    purchase, notice = posting
    village.clock.set(at("2025-03-06 11:00"))
    village.photograph(notice, "start")
    paper = on_paper(village, notice, "2025-03-04 09:00", village.owners[2])
    assert paper.status == "verified"
    assert case(village, purchase).state == "suspended"
    assert notice_of(village, notice).days_left == 7


def test_not_what_came_before_the_notice_was_drafted(
    village: Village, posting: tuple[Purchase, UUID]
) -> None:
    _, notice = posting
    for received in ("2025-03-02 23:59", "2099-01-01 00:00"):
        with pytest.raises(Refused) as no:
            on_paper(village, notice, received)
        assert codes(no) == ["received_at_invalid"]


def test_owners_meet_no_notice_before_it_begins(
    village: Village, posting: tuple[Purchase, UUID]
) -> None:
    """What they read and sign on the phone is the notice that hangs everywhere."""
    with pytest.raises(Refused) as no:
        objections.file_objection(village.ctx, village.actor("owner0"), posting[1], "price", "太贵")
    assert codes(no) == ["not_found"]
