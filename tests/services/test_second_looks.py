"""What a clerk enters from a paper counts once another clerk compared it with the scan."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from backend.domain.approval import Answer
from backend.domain.errors import Refused
from backend.services.case.unanswered import sweep
from backend.services.files.uploads import read_file
from backend.services.public_notice import objections, second_looks
from backend.services.purchase import cosignatures, minutes
from backend.services.purchase.minutes import Minutes, SeatAnswer
from backend.services.purchase.paper_entries import PaperEntryView, Scanned
from backend.services.reads.todos import my_todos
from backend.store.messages import Outbox
from backend.store.notices import Evidence, Objection
from backend.store.proposals import PaperEntry
from backend.store.purchases import Purchase
from backend.store.registry import CommitteeMember, Owner
from tests.build.comparing import how_many_signed
from tests.build.looking import add_person, case, codes, suspended, today, vote
from tests.build.on_paper import signed, without_phone
from tests.build.village import Village, called


def scanned(village: Village) -> Scanned:
    return Scanned(village.upload("clerk"), village.clock())


def signatures(village: Village, purchase: Purchase, *owners: int) -> PaperEntryView:
    """Owners who signed on paper, as the clerk enters them."""
    clerk = village.actor("clerk")
    return cosignatures.enter(village.ctx, clerk, purchase.id, signed(*owners), scanned(village))


def met(village: Village, purchase: Purchase, *answers: Answer) -> PaperEntryView:
    """The minutes of a meeting, as the clerk enters them."""
    assert purchase.plan_id
    seats = [SeatAnswer(called("陈样", at), answer) for at, answer in enumerate(answers)]
    written = Minutes(today(village), seats, scanned(village))
    return minutes.enter(village.ctx, village.actor("clerk"), purchase.plan_id, written)


def look(village: Village, name: str, entry: PaperEntryView) -> PaperEntryView:
    return second_looks.confirm(village.ctx, village.actor(name), entry.id)


def papers_of(village: Village, purchase: Purchase) -> list[str]:
    with village.ctx.sessions() as tx:
        of_case = select(Evidence.kind).where(Evidence.subject == purchase.subject)
        return list(tx.scalars(of_case))


def test_signatures_on_paper_count_once_another_clerk_compared_them(village: Village) -> None:
    without_phone(village, 1, 2)
    add_person(village, "clerk2", "clerk")
    purchase = village.drafted("owners", "owner0")
    entry = signatures(village, purchase, 1, 2)
    assert how_many_signed(village.ctx, purchase.id) == 1
    assert papers_of(village, purchase) == []
    (waits,) = my_todos(village.ctx, village.actor("clerk2")).paper_entries
    assert (waits.id, len(waits.lines)) == (entry.id, 2)
    assert called("冯样", 1) not in "".join(waits.lines)
    assert read_file(village.ctx, village.actor("clerk2"), entry.file_sha256)
    assert look(village, "clerk2", entry).confirmed
    assert how_many_signed(village.ctx, purchase.id) == 3
    assert papers_of(village, purchase) == ["cosigned_form"]
    with village.ctx.sessions() as tx:
        kept = tx.scalars(select(Evidence.given_by)).one()
    assert kept == village.actor("clerk").person_id


def test_who_took_the_signature_back_meanwhile_did_not_sign(village: Village) -> None:
    add_person(village, "clerk2", "clerk")
    purchase = village.drafted("owners", "owner0")
    entry = signatures(village, purchase, 1, 2)
    owner = village.actor("owner1")
    cosignatures.cosign(village.ctx, owner, purchase.id)
    village.clock.advance(hours=1)
    cosignatures.withdraw_own(village.ctx, owner, purchase.id)
    look(village, "clerk2", entry)
    assert how_many_signed(village.ctx, purchase.id) == 2


def test_who_signed_here_for_another_flat_meanwhile_keeps_no_other_back(village: Village) -> None:
    add_person(village, "clerk2", "clerk")
    purchase = village.drafted("owners", "owner0")
    entry = signatures(village, purchase, 2, 3)
    name = called("冯样", 1)
    with village.ctx.sessions() as tx:  # flats 1 and 2 are of one person, as it turns out
        one, two = (tx.get_one(Owner, village.owners[at]) for at in (1, 2))
        two.name_sealed = village.ctx.cipher.seal(Owner.name_sealed, two.id, name)
        two.name_hash, two.person_id = one.name_hash, one.person_id
        tx.commit()
    cosignatures.cosign(village.ctx, village.actor("owner1"), purchase.id)
    look(village, "clerk2", entry)
    assert how_many_signed(village.ctx, purchase.id) == 3


def test_a_namesake_who_signed_meanwhile_sends_the_paper_back(village: Village) -> None:
    without_phone(village, 2)
    add_person(village, "clerk2", "clerk")
    purchase = village.drafted("owners", "owner0")
    entry = signatures(village, purchase, 2)
    name = called("冯样", 2)
    cosignatures.cosign(village.ctx, village.actor("owner1"), purchase.id)
    with village.ctx.sessions() as tx:
        one = tx.get_one(Owner, village.owners[1])
        one.name_sealed = village.ctx.cipher.seal(Owner.name_sealed, one.id, name)
        tx.commit()
    with pytest.raises(Refused, match="请退回") as refused:
        look(village, "clerk2", entry)
    assert codes(refused) == ["namesake_signed"]


def test_a_meeting_decides_only_once_its_minutes_are_compared(village: Village) -> None:
    purchase = village.planned()
    add_person(village, "clerk2", "clerk")
    with village.ctx.sessions() as tx:
        for member in tx.scalars(select(CommitteeMember)):
            member.person_id = None
        tx.commit()
    entry = met(village, purchase, Answer.APPROVE, Answer.APPROVE)
    assert case(village, purchase).state == "planned"
    look(village, "clerk2", entry)
    assert case(village, purchase).state == "approved"


def test_what_a_member_said_here_meanwhile_stands_before_the_minutes(village: Village) -> None:
    purchase = village.planned()
    add_person(village, "clerk2", "clerk")
    entry = met(village, purchase, Answer.REFUSE)
    vote(village, purchase, "member0", "approve")
    look(village, "clerk2", entry)
    vote(village, purchase, "member1", "approve")
    assert case(village, purchase).state == "approved"


def test_an_objection_holds_until_its_withdrawal_on_paper_is_compared(village: Village) -> None:
    purchase, _, objection = suspended(village)
    add_person(village, "clerk2", "clerk")
    paper = scanned(village)
    entry = objections.enter_withdrawal(village.ctx, village.actor("clerk"), objection.id, paper)
    assert case(village, purchase).state == "suspended"
    for stranger in ("manager", "owner1", "insurer"):
        with pytest.raises(Refused, match="not_found"):
            read_file(village.ctx, village.actor(stranger), paper.file_sha256)
    look(village, "clerk2", entry)
    assert case(village, purchase).state != "suspended"
    with village.ctx.sessions() as tx:
        assert tx.get_one(Objection, objection.id).withdrawal_sha256 == paper.file_sha256


def test_nobody_compares_what_they_or_who_stands_in_for_them_entered(village: Village) -> None:
    purchase = village.drafted("owners", "owner0")
    entry = signatures(village, purchase, 1)
    with pytest.raises(Refused) as refused:
        look(village, "clerk", entry)
    assert codes(refused) == ["own_paper_entry"]
    for other in ("reviewer", "manager", "owner0"):  # who gains by it least of all
        with pytest.raises(Refused) as refused:
            look(village, other, entry)
        assert codes(refused)[0] in ("role_required", "not_found")


def test_until_it_counts_it_may_be_taken_back_and_then_no_more(village: Village) -> None:
    add_person(village, "clerk2", "clerk")
    purchase = village.drafted("owners", "owner0")
    ctx, clerk = village.ctx, village.actor("clerk")
    wrong = signatures(village, purchase, 1)
    with pytest.raises(Refused) as refused:
        signatures(village, purchase, 2)
    assert codes(refused) == ["paper_entry_waiting"]
    assert second_looks.turn_down(ctx, clerk, wrong.id, "抄错了").confirmed is False
    assert how_many_signed(ctx, purchase.id) == 1
    right = signatures(village, purchase, 2)
    look(village, "clerk2", right)
    for again in (wrong, right):
        with pytest.raises(Refused) as refused:
            second_looks.turn_down(ctx, clerk, again.id, "再退")
        assert codes(refused) == ["paper_entry_decided"]
    with ctx.sessions() as tx:
        tx.get_one(PaperEntry, right.id).confirmed = False
        with pytest.raises(DBAPIError, match=r"is refused|permission denied"):
            tx.flush()


def test_a_paper_came_after_what_it_is_about_and_not_in_the_future(village: Village) -> None:
    purchase = village.drafted("owners", "owner0")
    clerk = village.actor("clerk")
    for off in (timedelta(days=-1), timedelta(minutes=1)):
        paper = Scanned(village.upload("clerk"), village.clock() + off)
        with pytest.raises(Refused) as refused:
            cosignatures.enter(village.ctx, clerk, purchase.id, signed(1), paper)
        assert codes(refused) == ["received_at_invalid"]


def test_the_other_clerks_are_asked_and_reminded(village: Village) -> None:
    other = add_person(village, "clerk2", "clerk").person_id
    entry = signatures(village, village.drafted("owners", "owner0"), 1)
    assert told(village, other) == ["纸质联名已录入"]
    village.clock.advance(days=3)
    assert sweep(village.ctx) == 1
    assert told(village, other)[-1] == "纸质材料待确认"
    look(village, "clerk2", entry)
    assert sweep(village.ctx) == 0


def told(village: Village, person_id: UUID) -> list[str]:
    """The state that each message to this person tells."""
    with village.ctx.sessions() as tx:
        theirs = select(Outbox).where(Outbox.person_id == person_id).order_by(Outbox.id)
        return [row.data.get("state") or row.data["count"] for row in tx.scalars(theirs)]
