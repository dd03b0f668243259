"""The owners vote in a third city, whose rules are one file: ten days' notice and no committee."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Executable, insert, select, update
from sqlalchemy.exc import DBAPIError

from backend.domain.errors import Refused
from backend.domain.roles import Role
from backend.domain.routes.catalogue import table_of
from backend.domain.voting import VOTE_OUTCOME_NAMES, Choice, VoteOutcome
from backend.services.base.own_words import name_of
from backend.services.case import steps as case_steps
from backend.services.files import uploads
from backend.services.ordered import case_files
from backend.services.people import subject_access
from backend.services.public import lifts, words
from backend.services.public_notice import notices
from backend.services.purchase import (
    applications,
    payments,
    plans,
    policies,
    registrations,
)
from backend.services.purchase.paper_entries import Scanned
from backend.services.votes import ballots, counting, opening, reading, reminding, withdrawing
from backend.services.votes.paper import PaperBallot
from backend.store.notices import PublicNotice
from backend.store.proposals import PaperEntry
from backend.store.purchases import Purchase
from backend.store.registry import Household, LiftToken, Owner
from backend.store.votes import Ballot, Vote, VoteProperty
from tests.build.comparing import compare
from tests.build.counting import Counter
from tests.build.looking import add_person, assert_sound, case, codes, letters, limits, pool, steps
from tests.build.third_city import YUNXI
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village, called
from tests.build.voting import (
    COVER,
    counted,
    ended,
    entered,
    flat_of,
    in_yunxi,
    on_paper,
    opened,
    planned,
    sheet,
    vote_of,
    votes,
)

YES, NO, NEITHER = Choice.AGREE, Choice.REFUSE, Choice.ABSTAIN
MOST_PER_STEP, MOST_PER_LOOK = 25, 10


@pytest.fixture
def town(village: Village) -> Village:
    return in_yunxi(village)


def outcome(town: Village, vote: UUID) -> str | None:
    with town.ctx.sessions() as tx:
        return tx.get_one(Vote, vote).outcome


def hears(town: Village, purchase: Purchase, state: str) -> set[str]:
    """Whom the house told that the vote stands so."""
    return {name for name, _, data in letters(town, purchase) if data.get("state") == state}


def change(town: Village, *statements: Executable) -> None:
    with town.ctx.sessions() as tx:
        for statement in statements:
            tx.execute(statement)
        tx.commit()


def sold(town: Village, number: int, to: str) -> None:
    """The flat has another owner, who has an account."""
    buyer = add_person(town, to)
    with town.ctx.sessions() as tx:
        owner = tx.get_one(Owner, town.owners[number])
        owner.ended_at, owner.former_person_id, owner.person_id = (
            town.clock(),
            owner.person_id,
            None,
        )
        tx.add(
            Owner(
                household_id=owner.household_id,
                name_sealed=b"",
                name_hash=to.encode(),
                person_id=buyer.person_id,
            )
        )
        tx.commit()


# --- to the end ---


def test_the_third_city_goes_its_own_way_to_the_end_and_the_books_balance(town: Village) -> None:
    member, clerk, insurer = (town.actor(name) for name in ("member0", "clerk", "insurer"))
    purchase, vote = opened(town)
    assert case(town, purchase).state == "voting"
    assert limits(town, purchase).keys() == {"vote"}
    votes(town, vote, YES, YES)
    on_paper(town, vote, PaperBallot(flat_of(2), YES), PaperBallot(flat_of(3), NO))
    town.clock.advance(days=16)
    assert case_steps.sweep(town.ctx) == 1
    assert limits(town, purchase).keys() == {"vote_count"}
    counting.confirm_count(town.ctx, clerk, purchase.id, "按时收到的票都已录入")
    assert case(town, purchase).state == "voted"
    notice = notices.draft_notice(town.ctx, member, purchase.id)
    for unit in town.units:
        photo = notices.SubmittedPhoto(unit, "start", "wide", town.upload("member0"), town.clock())
        notices.add_photo(town.ctx, member, notice.id, photo)
    posted = town.clock()
    with town.ctx.sessions() as tx:
        hangs = tx.get_one(PublicNotice, notice.id)
        assert hangs.ends_on
        assert (hangs.ends_on - posted.date()).days == 10
        assert hangs.content["vote"][-1] == "结果：表决通过。"
        tx.add(LiftToken(token="a" * 26, lift_id=town.lifts[0], issued_at=town.clock()))
        tx.commit()
    scanned = lifts.read_public_lift(town.ctx, "a" * 26)
    assert scanned
    assert "有一份经业主表决通过的投保方案正在公示" in words.meaning(scanned)
    town.clock.advance(days=11)
    for unit in town.units:
        photo = notices.SubmittedPhoto(unit, "end", "wide", town.upload("member0"), town.clock())
        notices.add_photo(town.ctx, member, notice.id, photo)
    notices.clear(town.ctx, clerk, purchase.id, "未收到纸质异议")
    registrations.sign_contract(
        town.ctx, member, purchase.id, town.contract(file_sha256=town.upload("member0"))
    )
    payments.add_invoice(
        town.ctx, member, purchase.id, town.invoice(file_sha256=town.upload("member0"))
    )
    payments.request_payment(town.ctx, member, purchase.id)
    payments.review_payment(town.ctx, town.actor("reviewer"), purchase.id)
    payments.order_payment(town.ctx, town.actor("cashier"), purchase.id)
    receipt = town.upload("cashier")
    payments.confirm_payment(town.ctx, town.actor("cashier"), purchase.id, "BANK-3", receipt)
    policies.issue_policy(town.ctx, insurer, purchase.id, town.policy(**COVER))
    for day, state in ((COVER["cover_from"], "in_force"), (COVER["cover_ends_before"], "expired")):
        town.clock.set(town.clock().replace(year=day.year, month=day.month, day=day.day))
        assert case_steps.sweep(town.ctx) == 1
        assert case(town, purchase).state == state
    assert pool(town) == (POOL_FEN - 2 * PREMIUM_FEN, 0)
    assert limits(town, purchase) == {}
    assert_sound(town)
    taken = steps(town, purchase)
    for step in taken:
        assert table_of("R1", YUNXI).find(step.from_state, step.action)
    assert not {step.action for step in taken} & {"approve", "waive_approval", "register"}


# --- the roll ---


def test_a_roll_is_as_it_was_when_the_vote_was_opened(town: Village) -> None:
    """Neither a corrected area nor another flat changes it, nor does the database let it."""
    _, vote = opened(town)
    with town.ctx.sessions() as tx:
        rows = tx.scalars(select(VoteProperty).where(VoteProperty.vote_id == vote)).all()
        assert {(row.area_dm2, row.head) for row in rows} == {(10_000, n) for n in range(1, 5)}
    change(town, update(Household).values(area_dm2=1))
    new = {"vote_id": vote, "household_id": rows[0].household_id, "area_dm2": 1, "head": 9}
    with pytest.raises(DBAPIError, match="frozen"):
        change(town, insert(VoteProperty).values(new))
    with pytest.raises(DBAPIError, match="permission denied"):
        change(town, update(VoteProperty).values(area_dm2=1))
    votes(town, vote, YES, YES, YES)
    purchase = ended_case(town, vote)
    counting.confirm_count(town.ctx, town.actor("clerk"), purchase, "都已录入")
    again = counting.recount(town.ctx, town.actor("auditor"), vote)
    assert again.agrees
    assert again.counted.all.area_dm2 == 40_000


def ended_case(town: Village, vote: UUID) -> UUID:
    with town.ctx.sessions() as tx:
        purchase = tx.get_one(Purchase, tx.get_one(Vote, vote).purchase_id)
    ended(town, purchase)
    return purchase.id


def test_flats_without_owner_are_the_developers_if_it_is_said_so(town: Village) -> None:
    purchase = planned(town)
    gone = update(Owner).where(Owner.id.in_(town.owners[:2]))
    change(town, gone.values(ended_at=town.clock(), person_id=None))
    with pytest.raises(Refused) as no:
        opening.open_vote(town.ctx, town.actor("clerk"), purchase.id)
    assert codes(no) == ["flats_without_owner"]
    assert "1栋1单元101、1栋2单元201" in no.value.refusals[0].message
    opening.open_vote(town.ctx, town.actor("clerk"), purchase.id, unsold_confirmed=True)
    vote = vote_of(town, purchase)
    with town.ctx.sessions() as tx:
        heads = [row.head for row in tx.scalars(select(VoteProperty))]
    assert len(set(heads)) == 3
    assert len(heads) == 4
    unsold = (PaperBallot(flat_of(at, "示例置业"), YES) for at in (0, 1))
    on_paper(town, vote, *unsold)
    votes(town, vote, None, None, YES, YES)
    assert counted(town, purchase).state == "voted"


def test_who_is_one_person_on_the_roll(town: Village) -> None:
    """By account; without one, by name and phone together, never by the name alone."""
    purchase = planned(town)
    with town.ctx.sessions() as tx:
        owners = [tx.get_one(Owner, owner) for owner in town.owners]
        owners[1].person_id = owners[0].person_id
        for owner in owners[2:]:
            owner.person_id = None
            owner.name_sealed = town.ctx.cipher.seal(Owner.name_sealed, owner.id, "冯样九")
            owner.phone_sealed = town.ctx.cipher.seal(Owner.phone_sealed, owner.id, "13800000000")
        tx.commit()
    opening.open_vote(town.ctx, town.actor("member0"), purchase.id)
    with town.ctx.sessions() as tx:
        assert len({row.head for row in tx.scalars(select(VoteProperty))}) == 2


def is_also(town: Village, number: int, flats_of: int, phone: str = "13800000000") -> None:
    """On the roster the flat of another is this owner's, with name and phone, not yet verified."""
    with town.ctx.sessions() as tx:
        mine, other = (tx.get_one(Owner, town.owners[at]) for at in (number, flats_of))
        name = name_of(town.ctx.cipher, mine)
        other.person_id, other.name_hash = None, mine.name_hash
        other.name_sealed = town.ctx.cipher.seal(Owner.name_sealed, other.id, name)
        for entry in (mine, other):
            entry.phone_sealed = town.ctx.cipher.seal(Owner.phone_sealed, entry.id, phone)
        tx.commit()


def test_an_owner_of_two_flats_is_one_person_though_only_one_of_them_was_verified(
    town: Village,
) -> None:
    purchase = planned(town)
    is_also(town, 0, flats_of=2)
    opening.open_vote(town.ctx, town.actor("member0"), purchase.id)
    with town.ctx.sessions() as tx:
        assert len({row.head for row in tx.scalars(select(VoteProperty))}) == 3


# --- who opens it, and takes it back ---


def test_only_whom_the_city_names_opens_a_vote(town: Village) -> None:
    purchase = planned(town)
    for name in ("insurer", "reviewer", "owner0"):
        with pytest.raises(Refused) as no:
            opening.open_vote(town.ctx, town.actor(name), purchase.id)
        assert codes(no) == ["role_required"]
    opening.open_vote(town.ctx, town.actor("clerk"), purchase.id)
    told = {name for name, _, data in letters(town, purchase) if data["state"] == "业主表决已开始"}
    assert told == {f"owner{number}" for number in range(4)}
    with pytest.raises(Refused) as no:
        opening.open_vote(town.ctx, town.actor("clerk"), purchase.id)
    assert codes(no) == ["step_not_possible"]


def test_a_vote_is_taken_back_before_the_first_ballot_and_opened_anew(town: Village) -> None:
    purchase, vote = opened(town)
    withdrawing.withdraw_vote(town.ctx, town.actor("member0"), purchase.id, "截止日写错")
    assert (case(town, purchase).state, outcome(town, vote)) == ("planned", "withdrawn")
    opening.open_vote(town.ctx, town.actor("member0"), purchase.id)
    again = vote_of(town, purchase)
    votes(town, again, YES)
    with pytest.raises(Refused) as no:
        withdrawing.withdraw_vote(town.ctx, town.actor("member0"), purchase.id, "不办了")
    assert codes(no) == ["ballots_cast"]
    with pytest.raises(Refused) as no:
        ballots.cast(town.ctx, town.actor("owner0"), vote, YES)
    assert codes(no) == ["vote_closed"]
    assert len(hears(town, purchase, "表决已撤回")) == 4
    withdrawing.void_vote(town.ctx, town.actor("reviewer"), purchase.id, "通知的截止日有误")
    assert (case(town, purchase).state, outcome(town, again)) == ("planned", "void")
    assert_sound(town)


def test_a_vote_that_passed_by_mistake_is_voided_with_its_notice(town: Village) -> None:
    purchase, vote = opened(town)
    votes(town, vote, YES, YES, YES, YES)
    counted(town, purchase)
    notices.draft_notice(town.ctx, town.actor("member0"), purchase.id)
    assert pool(town) == (POOL_FEN, 2 * PREMIUM_FEN)
    withdrawing.void_vote(town.ctx, town.actor("reviewer"), purchase.id, "纸质票录错")
    assert (pool(town), outcome(town, vote)) == ((POOL_FEN, 0), "void")
    assert limits(town, purchase).keys() == {"vote_opening"}


# --- what it comes to ---


@pytest.mark.parametrize(
    ("choices", "state"),
    [
        ((YES, YES), "vote_failed"),  # two of four: below three quarters
        ((YES, YES, NO, NO), "vote_failed"),  # a tie
        ((YES, YES, NO), "voted"),  # two thirds of three agree: above three fifths
    ],
)
def test_the_house_passes_or_loses_by_the_citys_thresholds(
    town: Village, choices: tuple[Choice, ...], state: str
) -> None:
    purchase, vote = opened(town)
    votes(town, vote, *choices)
    assert counted(town, purchase).state == state
    last = steps(town, purchase)[-1]
    assert (last.role, last.actor_id) == (Role.SYSTEM, None)
    came_to = VOTE_OUTCOME_NAMES[VoteOutcome(outcome(town, vote) or "")]
    assert hears(town, purchase, came_to) >= {f"owner{number}" for number in range(4)}


def test_a_lost_vote_leads_to_another_one_or_to_another_plan(town: Village) -> None:
    purchase, _ = opened(town)
    assert counted(town, purchase).state == "vote_failed"
    assert limits(town, purchase).keys() == {"reconsideration"}
    opening.open_vote(town.ctx, town.actor("member0"), purchase.id)
    assert limits(town, purchase).keys() == {"vote"}
    withdrawing.void_vote(town.ctx, town.actor("reviewer"), purchase.id, "改为修改方案")
    plans.revise_plan(
        town.ctx, town.actor("insurer"), purchase.id, town.terms(100_000, **COVER), "降价"
    )
    assert case(town, purchase).state == "planned"
    opening.open_vote(town.ctx, town.actor("member0"), purchase.id)
    with town.ctx.sessions() as tx:
        kept = tx.execute(select(Vote.outcome).order_by(Vote.id)).scalars().all()
    assert kept == ["lost", "void", None]


def test_whoever_changes_their_mind_is_counted_as_they_said_last(town: Village) -> None:
    purchase, vote = opened(town)
    votes(town, vote, NO, NO, NO)
    votes(town, vote, YES, YES, YES)
    votes(town, vote, YES, YES, YES)  # a ballot twice changes nothing
    with town.ctx.sessions() as tx:
        assert len(tx.scalars(select(Ballot)).all()) == 6
    assert counted(town, purchase).state == "voted"
    counts = counting.recount(town.ctx, town.actor("clerk"), vote).counted
    assert (counts.agreed.heads, counts.took_part.heads) == (3, 3)


def test_nothing_is_cast_after_the_close_even_before_the_house_has_noticed(town: Village) -> None:
    purchase, vote = opened(town)
    town.clock.advance(days=30)
    with pytest.raises(Refused) as no:
        votes(town, vote, YES)
    assert codes(no) == ["vote_closed"]
    case_steps.sweep(town.ctx)
    assert case(town, purchase).state == "counting"
    with pytest.raises(Refused) as no:
        votes(town, vote, YES)
    assert codes(no) == ["vote_closed"]


def test_who_is_not_on_the_roll_has_no_vote(town: Village) -> None:
    _, vote = opened(town)
    for name, code in (("member1", "not_on_roll"), ("stranger", "not_found")):
        with pytest.raises(Refused) as no:
            ballots.cast(town.ctx, town.actor(name), vote, YES)
        assert codes(no) == [code]


def test_of_a_flat_that_is_sold_meanwhile_the_buyer_speaks(town: Village) -> None:
    purchase, vote = opened(town)
    votes(town, vote, NO, YES, YES)
    sold(town, 0, "buyer")
    with pytest.raises(Refused) as no:
        ballots.cast(town.ctx, town.actor("owner0"), vote, NO)
    assert codes(no) == ["not_found"]
    ballots.cast(town.ctx, town.actor("buyer"), vote, YES)
    assert counted(town, purchase).state == "voted"
    counts = counting.recount(town.ctx, town.actor("clerk"), vote).counted
    assert (counts.agreed.heads, counts.refused.heads) == (3, 0)


def test_what_a_seller_cast_stands_while_the_buyer_says_nothing(town: Village) -> None:
    purchase, vote = opened(town)
    votes(town, vote, YES, YES, YES)
    sold(town, 0, "buyer")
    counted(town, purchase)
    assert counting.recount(town.ctx, town.actor("clerk"), vote).counted.agreed.heads == 3


def test_who_owned_a_flat_together_and_left_speaks_no_more_once_the_other_repeats_it(
    town: Village,
) -> None:
    purchase = planned(town)
    with town.ctx.sessions() as tx:
        flat = tx.get_one(Owner, town.owners[0]).household_id
        tx.execute(update(Owner).where(Owner.id == town.owners[1]).values(household_id=flat))
        tx.commit()
    opening.open_vote(town.ctx, town.actor("clerk"), purchase.id, unsold_confirmed=True)
    vote = vote_of(town, purchase)
    votes(town, vote, YES, NO, YES, YES)
    gone = update(Owner).where(Owner.id == town.owners[1])
    change(town, gone.values(ended_at=town.clock(), person_id=None))
    votes(town, vote, YES)
    counted(town, purchase)
    counts = counting.recount(town.ctx, town.actor("clerk"), vote).counted
    assert (counts.agreed.area_dm2, counts.refused.area_dm2) == (30_000, 0)


# --- what people see of it ---


def test_who_organises_sees_who_took_part_and_nobody_what_for(town: Village) -> None:
    purchase, vote = opened(town)
    votes(town, vote, NO)
    on_paper(town, vote, PaperBallot(flat_of(1), YES))
    entered(town, vote, PaperBallot(flat_of(2), YES))
    seen = reading.vote_of_case(town.ctx, town.actor("clerk"), purchase.id)
    assert seen
    assert [(flat.place, flat.voted_by) for flat in seen.flats] == [
        ("1栋1单元101", "小程序"),
        ("1栋1单元301", ""),
        ("1栋2单元201", "纸质票"),
        ("1栋2单元401", ""),
    ]
    assert (seen.voted_heads, seen.all_heads, seen.needed_heads) == (2, 4, 3)
    assert (seen.papers_waiting, seen.sentences, seen.words) == (
        1,
        (),
        "2025年3月18日（周二）24:00截止",
    )
    member = reading.vote_of_case(town.ctx, town.actor("member1"), purchase.id)
    assert member
    assert (member.voted_heads, member.flats) == (2, ())
    for name in ("owner3", "insurer"):
        with pytest.raises(Refused) as no:
            reading.vote_of_case(town.ctx, town.actor(name), purchase.id)
        assert codes(no) == ["role_required"]


def test_what_ballots_on_paper_say_is_for_who_enters_reviews_or_audits_them(town: Village) -> None:
    purchase, vote = opened(town)
    scan = sheet(town)
    compare(town.ctx, entered(town, vote, PaperBallot(flat_of(1), NO), scan=scan).id)
    for name in ("clerk", "reviewer", "auditor"):
        assert uploads.read_file(town.ctx, town.actor(name), scan.file_sha256)
    for name in ("cashier", "supervisor", "member0", "owner1", "owner2", "insurer"):
        with pytest.raises(Refused) as no:
            uploads.read_file(town.ctx, town.actor(name), scan.file_sha256)
        assert codes(no) == ["not_found"]
    votes(town, vote, YES)
    counted(town, purchase)
    with town.ctx.sessions() as tx:
        look = case_files.case_for_archive(tx, town.ctx, town.actor("cashier"), purchase.id)
        bound = case_files.case_file_of(look)
    assert scan.file_sha256 not in bound.files
    (section,) = (each for each in bound.case_file.sections if each.title == "业主表决")
    assert "参与表决的面积200.00平方米、业主2人" in section.rows[0][1]


def test_an_owner_sees_the_own_word_and_the_result_once_there_is_one(town: Village) -> None:
    purchase, vote = opened(town)
    votes(town, vote, YES, YES)
    on_paper(town, vote, PaperBallot(flat_of(2), NO))
    (mine,) = reading.my_votes(town.ctx, town.actor("owner0"))
    assert (mine.is_open, mine.choice_name, mine.flats) == (True, "同意", ["示例小区1栋1单元101"])
    assert (mine.sentences, mine.premium_fen) == ((), 2 * PREMIUM_FEN)
    (silent,) = reading.my_votes(town.ctx, town.actor("owner3"))
    assert (silent.choice, silent.on_paper) == (None, False)
    (written,) = reading.my_votes(town.ctx, town.actor("owner2"))
    assert (written.choice, written.on_paper) == ("refuse", True)
    counted(town, purchase)
    (mine,) = reading.my_votes(town.ctx, town.actor("owner0"))
    assert (mine.is_open, mine.words, mine.sentences[-1]) == (
        False,
        "表决通过",
        "结果：表决通过。",
    )
    assert reading.my_votes(town.ctx, town.actor("stranger")) == []
    own = str(subject_access.everything(town.ctx, town.actor("owner2")))
    assert "业主表决" in own
    assert "由中心按纸质票录入" in own


def test_an_owner_who_buys_another_flat_reads_for_which_they_have_not_voted(town: Village) -> None:
    _, vote = opened(town)
    votes(town, vote, YES, NO)
    sold(town, 1, "buyer")
    with town.ctx.sessions() as tx:
        me = tx.get_one(Owner, town.owners[0]).person_id
        tx.execute(
            update(Owner)
            .where(Owner.person_id == town.actor("buyer").person_id)
            .values(person_id=me)
        )
        tx.commit()
    (mine,) = reading.my_votes(town.ctx, town.actor("owner0"))
    assert (mine.choice, mine.silent) == ("agree", ["示例小区1栋2单元201"])
    votes(town, vote, YES)
    on_paper(town, vote, PaperBallot(flat_of(2), NO))
    (mine,) = reading.my_votes(town.ctx, town.actor("owner0"))
    assert (mine.choice_name, mine.silent) == ("同意", [])
    with town.ctx.sessions() as tx:
        tx.execute(update(Owner).where(Owner.id == town.owners[2]).values(person_id=me))
        tx.commit()
    (mine,) = reading.my_votes(town.ctx, town.actor("owner0"))
    assert (mine.choice, mine.choice_name, mine.on_paper) == (None, "各套房屋不一样", True)


def test_a_vote_of_a_case_that_ended_before_the_count_is_none(town: Village) -> None:
    purchase, vote = opened(town)
    votes(town, vote, YES)
    applications.withdraw(town.ctx, town.actor("member0"), purchase.id, "不投保了")
    assert reading.my_votes(town.ctx, town.actor("owner0")) == []
    seen = reading.vote_of_case(town.ctx, town.actor("clerk"), purchase.id)
    assert seen
    assert (seen.words, outcome(town, vote)) == ("表决已作废", "void")
    assert hears(town, purchase, "表决已作废") == {f"owner{number}" for number in range(4)}
    with pytest.raises(Refused) as no:
        votes(town, vote, None, YES)
    assert codes(no) == ["vote_closed"]


def test_whoever_has_not_voted_is_reminded_once_a_day(town: Village) -> None:
    purchase, vote = opened(town)
    votes(town, vote, YES, YES)
    for _ in range(2):
        assert reminding.remind(town.ctx, town.actor("member0"), vote) == 2
    told = [
        name for name, _, data in letters(town, purchase) if "没有参加" in data.get("state", "")
    ]
    assert sorted(told) == ["owner2", "owner3"]
    with pytest.raises(Refused) as no:
        reminding.remind(town.ctx, town.actor("owner0"), vote)
    assert codes(no) == ["role_required"]
    town.clock.advance(days=30)
    with pytest.raises(Refused) as no:
        reminding.remind(town.ctx, town.actor("member0"), vote)
    assert codes(no) == ["vote_closed"]


# --- on paper ---


def test_paper_counts_once_two_have_seen_it_and_the_count_waits_for_it(town: Village) -> None:
    purchase, vote = opened(town)
    in_time = sheet(town)
    votes(town, vote, YES, YES)
    ended(town, purchase)
    entry = entered(town, vote, PaperBallot(flat_of(2), YES), scan=in_time)
    assert entry.lines == ["示例小区1栋1单元301 冯** 同意"]
    with pytest.raises(Refused) as no:
        counting.confirm_count(town.ctx, town.actor("clerk"), purchase.id, "都已录入")
    assert codes(no) == ["papers_not_compared"]
    compare(town.ctx, entry.id)
    counting.confirm_count(town.ctx, town.actor("clerk"), purchase.id, "都已录入")
    assert case(town, purchase).state == "voted"


def test_paper_that_came_late_is_refused(town: Village) -> None:
    purchase, vote = opened(town)
    ended(town, purchase)
    with pytest.raises(Refused) as no:
        entered(town, vote, PaperBallot(flat_of(2), YES))
    assert codes(no) == ["ballot_too_late"]


def test_who_votes_on_the_phone_is_counted_by_that(town: Village) -> None:
    purchase, vote = opened(town)
    votes(town, vote, None, None, YES)
    with pytest.raises(Refused) as no:
        entered(town, vote, PaperBallot(flat_of(2), NO))
    assert codes(no) == ["ballot_cast_here"]
    entry = entered(town, vote, PaperBallot(flat_of(0), NO), PaperBallot(flat_of(1), NO))
    votes(town, vote, YES)  # between entering and comparing
    compare(town.ctx, entry.id)
    votes(town, vote, None, YES)  # after it
    assert counted(town, purchase).state == "voted"
    assert counting.recount(town.ctx, town.actor("clerk"), vote).counted.agreed.heads == 3


def test_of_two_papers_the_one_handed_in_later_counts_whichever_is_entered_first(
    town: Village,
) -> None:
    _, vote = opened(town)
    first = sheet(town)
    town.clock.advance(days=1)
    on_paper(town, vote, PaperBallot(flat_of(2), YES))
    with pytest.raises(Refused) as no:
        entered(town, vote, PaperBallot(flat_of(2), NO), PaperBallot(flat_of(1), NO), scan=first)
    assert codes(no) == ["later_ballot_counted"]
    assert no.value.refusals[0].field == "ballots.0.name"
    town.clock.advance(days=1)
    on_paper(town, vote, PaperBallot(flat_of(2), NO))


def test_all_that_is_wrong_on_a_paper_is_told_at_once(town: Village) -> None:
    _, vote = opened(town)
    nowhere = replace(flat_of(0), room="909")
    lines = (
        PaperBallot(nowhere, YES),
        PaperBallot(flat_of(1, "冯样九"), YES),
        PaperBallot(flat_of(2), YES),
        PaperBallot(flat_of(2), NO),
        PaperBallot(flat_of(3), YES, flat_of(3)),
        PaperBallot(flat_of(0), YES, flat_of(1, "外人")),
    )
    with pytest.raises(Refused) as no:
        entered(town, vote, *lines)
    found = {(each.code, each.field) for each in no.value.refusals}
    assert found == {
        ("flat_not_on_roll", "ballots.0.room"),
        ("name_not_on_roster", "ballots.1.name"),
        ("ballot_repeated", "ballots.3.room"),
        ("proxy_is_owner", "ballots.4.proxy"),
        ("proxy_not_on_roll", "ballots.5.proxy"),
    }
    with town.ctx.sessions() as tx:
        assert tx.scalars(select(Ballot)).all() == []


def test_a_proxy_casts_for_one_owner_over_all_papers(town: Village) -> None:
    _, vote = opened(town)
    on_paper(town, vote, PaperBallot(flat_of(0), YES, flat_of(3)))
    with pytest.raises(Refused) as no:
        entered(town, vote, PaperBallot(flat_of(1), YES, flat_of(3)))
    assert codes(no) == ["proxy_for_too_many"]
    assert "最多代1名业主" in no.value.refusals[0].message
    on_paper(town, vote, PaperBallot(flat_of(0), YES), PaperBallot(flat_of(1), YES, flat_of(3)))


def test_a_proxy_with_two_flats_is_one_and_so_is_an_owner_with_two(town: Village) -> None:
    purchase = planned(town)
    is_also(town, 0, flats_of=2)
    opening.open_vote(town.ctx, town.actor("member0"), purchase.id)
    vote, also = vote_of(town, purchase), flat_of(2, called("冯样", 0))
    with pytest.raises(Refused) as no:
        entered(
            town,
            vote,
            PaperBallot(flat_of(1), YES, flat_of(0)),
            PaperBallot(flat_of(3), YES, also),
        )
    assert codes(no) == ["proxy_for_too_many"] * 2
    with pytest.raises(Refused) as no:
        entered(town, vote, PaperBallot(flat_of(0), YES, also))
    assert codes(no) == ["proxy_is_owner"]
    both = (PaperBallot(mine, YES, flat_of(1)) for mine in (flat_of(0), also))
    on_paper(town, vote, *both)


def without_owner(town: Village, number: int) -> None:
    gone = update(Owner).where(Owner.id == town.owners[number])
    change(town, gone.values(ended_at=town.clock(), person_id=None))


def test_of_a_flat_sold_before_its_paper_is_compared_the_developer_speaks_no_more(
    town: Village,
) -> None:
    purchase = planned(town)
    without_owner(town, 0)
    town.clock.advance(days=1)
    opening.open_vote(town.ctx, town.actor("clerk"), purchase.id, unsold_confirmed=True)
    vote = vote_of(town, purchase)
    entry = entered(town, vote, PaperBallot(flat_of(0, "示例置业"), NO))
    sold(town, 0, "buyer")
    ballots.cast(town.ctx, town.actor("buyer"), vote, YES)
    compare(town.ctx, entry.id)
    votes(town, vote, None, YES, YES)
    counted(town, purchase)
    counts = counting.recount(town.ctx, town.actor("clerk"), vote).counted
    assert (counts.agreed.heads, counts.took_part.heads) == (3, 3)


def test_a_flat_whose_owner_left_during_the_vote_is_not_the_developers(town: Village) -> None:
    _, vote = opened(town)
    town.clock.advance(days=1)
    without_owner(town, 0)
    with pytest.raises(Refused) as no:
        entered(town, vote, PaperBallot(flat_of(0, "外人"), YES))
    assert codes(no) == ["name_not_on_roster"]


def test_a_paper_of_before_the_vote_is_none_of_it(town: Village) -> None:
    _, vote = opened(town)
    early = Scanned(town.upload("clerk"), town.clock() - timedelta(days=1))
    with pytest.raises(Refused) as no:
        entered(town, vote, PaperBallot(flat_of(0), YES), scan=early)
    assert codes(no) == ["received_at_invalid"]


# --- what it costs ---


def test_a_step_of_a_vote_asks_the_database_as_little_as_any(town: Village) -> None:
    """However many flats there are: nothing is asked flat by flat."""
    purchase = planned(town)
    more_flats(town, 60)

    def asked(act: Callable[[], object]) -> int:
        with Counter(town.ctx) as counter:
            act()
        return counter.queries

    clerk, auditor = town.actor("clerk"), town.actor("auditor")
    opens = asked(lambda: opening.open_vote(town.ctx, clerk, purchase.id, True))
    vote = vote_of(town, purchase)
    casts = asked(lambda: votes(town, vote, YES))
    scan, lines = sheet(town), [PaperBallot(flat_of(at), YES) for at in (1, 2, 3)]
    enters = asked(lambda: entered(town, vote, *lines, scan=scan))
    looks = asked(lambda: reading.vote_of_case(town.ctx, clerk, purchase.id))
    mine = asked(lambda: reading.my_votes(town.ctx, town.actor("owner0")))
    with town.ctx.sessions() as tx:
        entry = tx.scalars(select(PaperEntry.id)).one()
    compare(town.ctx, entry)
    ended(town, purchase)
    counts = asked(lambda: counting.confirm_count(town.ctx, clerk, purchase.id, "都已录入"))
    again = asked(lambda: counting.recount(town.ctx, auditor, vote))
    costs = {"opens": opens, "casts": casts, "enters": enters, "counts": counts}
    assert max(costs.values()) <= MOST_PER_STEP, costs
    assert max(looks, mine, again) <= MOST_PER_LOOK, (looks, mine, again)


def more_flats(town: Village, number: int) -> None:
    """Flats that the developer has not sold."""
    with town.ctx.sessions() as tx:
        tx.add_all(
            Household(unit_id=town.units[at % 2], room=f"9{at:02d}", area_dm2=9_000)
            for at in range(number)
        )
        tx.commit()
