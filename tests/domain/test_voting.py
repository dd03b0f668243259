"""Owners decide by area and by heads at once (Civil Code 278; 法释〔2009〕7号, 8–9)."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.bad_city import BadCity
from backend.domain.city.parse import parse_city
from backend.domain.effects import SettleVote
from backend.domain.facts import RollFact, VoteFact
from backend.domain.foresee import wakes_at
from backend.domain.local_time import local_date, midnight_after
from backend.domain.purchase import decide, step_from
from backend.domain.roles import Role
from backend.domain.routes.catalogue import table_of
from backend.domain.rules import opening_days
from backend.domain.states import State
from backend.domain.typed_table import DEFAULT, Sourced
from backend.domain.voting import (
    Ballot,
    Choice,
    Flat,
    Measured,
    Result,
    Roll,
    Threshold,
    VoteOutcome,
    count,
    digest_of,
    for_too_many,
    last_of_each,
    roll_of,
    square_metres,
)
from tests.build.facts import NOW, codes, facts, refused
from tests.build.third_city import TEXT, YUNXI

assert YUNXI.voting
LAW = replace(
    YUNXI.voting, participation=Sourced("≥2/3", DEFAULT), agreement=Sourced(">1/2", DEFAULT)
)
RAISING = replace(LAW, agreement=Sourced("≥3/4", DEFAULT))
TABLE = table_of("R1", YUNXI)
SOMEBODY = UUID(int=99)


def flat(number: int, area: int, *owners: str) -> Flat:
    return Flat(UUID(int=number), area, frozenset(owners))


def ballot(number: int, choice: Choice | None, owner: UUID = SOMEBODY) -> Ballot:
    return Ballot(UUID(int=number), owner, choice)


def come_to(roll: Roll, *choices: Choice | None) -> Result:
    """What ballots for the first flats, one each, come to by the law alone."""
    cast = [ballot(number, choice) for number, choice in enumerate(choices, 1) if choice]
    return count(roll, cast, LAW)


SIX = roll_of(flat(number, 10_000, f"业主{number}") for number in range(1, 7))
YES, NO, NEITHER = Choice.AGREE, Choice.REFUSE, Choice.ABSTAIN


# --- the roll ---


def test_a_flat_is_a_person_and_several_of_one_owner_are_one() -> None:
    roll = roll_of(
        [
            flat(1, 8_850, "甲"),
            flat(2, 9_000, "甲"),
            flat(3, 10_000, "乙", "丙"),  # joint owners: one person
            flat(4, 12_000, "乙"),  # who owns this one alone
            flat(5, 7_000),  # two that the developer has not sold
            flat(6, 7_001),
        ]
    )
    assert [each.head for each in roll.properties] == [1, 1, 2, 3, 4, 4]
    assert (roll.area_dm2, roll.heads) == (53_851, 4)


owners = st.frozensets(st.sampled_from("甲乙丙丁"), max_size=2)
any_flats = st.lists(st.tuples(st.integers(1, 50_000), owners), min_size=1, max_size=9).map(
    lambda rows: [Flat(UUID(int=at), *row) for at, row in enumerate(rows, 1)]
)
any_choice = st.none() | st.sampled_from(Choice)


@given(any_flats)
def test_there_are_never_more_people_than_flats_and_no_area_is_lost(flats: list[Flat]) -> None:
    roll = roll_of(flats)
    assert 1 <= roll.heads <= len(flats)
    assert roll.area_dm2 == sum(each.area_dm2 for each in flats)
    assert roll.digest == roll_of(flats).digest == Roll(roll.properties[::-1]).digest
    first, *others = roll.properties
    for other in (
        replace(first, area_dm2=first.area_dm2 + 1),
        replace(first, head=99),
        replace(first, flat_id=SOMEBODY),
    ):
        assert Roll((other, *others)).digest != roll.digest
    assert Roll(tuple(others)).digest != roll.digest


# --- the count ---


@given(any_flats, st.lists(any_choice, min_size=9, max_size=9))
def test_the_parts_of_a_count_stay_within_the_roll(
    flats: list[Flat], choices: list[Choice | None]
) -> None:
    """And whoever agrees instead of refusing never turns a decision that was taken."""
    result = come_to(roll_of(flats), *choices)
    for measure in ("area_dm2", "heads"):
        whole, part, agreed, no = (
            getattr(each, measure)
            for each in (result.all, result.took_part, result.agreed, result.refused)
        )
        assert 0 <= agreed + no <= part <= whole
    if result.carried:
        assert come_to(roll_of(flats), *(choice and YES for choice in choices)).carried


@given(any_flats, st.lists(any_choice, min_size=9, max_size=9))
def test_a_recount_in_any_order_comes_to_the_same(
    flats: list[Flat], choices: list[Choice | None]
) -> None:
    cast = [ballot(number, choice) for number, choice in enumerate(choices, 1)]
    assert count(roll_of(flats), cast, LAW) == count(roll_of(flats[::-1]), cast[::-1], LAW)


@pytest.mark.parametrize(
    ("choices", "carried"),
    [
        ((YES, YES, YES, None, None, None), False),  # half took part: all of them agree in vain
        ((YES, YES, YES, NO, None, None), True),  # two thirds, the number itself included
        ((YES, YES, NO, NO, None, None), False),  # a tie is no majority
        ((YES, YES, YES, NO, NO, NO), False),
        ((YES, YES, YES, YES, NO, NO), True),
        ((YES, YES, NEITHER, NEITHER, None, None), False),  # of those who took part, not who said
        ((None,) * 6, False),
    ],
)
def test_two_thirds_take_part_and_more_than_half_of_those_agree(
    choices: tuple[Choice | None, ...], carried: bool
) -> None:
    assert come_to(SIX, *choices).carried is carried


@pytest.mark.parametrize("big", [1, 6])
def test_neither_area_nor_heads_alone_decide(big: int) -> None:
    """One owner of nearly all area, against five or with them."""
    areas = [95_000 if number == big else 1_000 for number in range(1, 7)]
    roll = roll_of(flat(at, area, f"业主{at}") for at, area in enumerate(areas, 1))
    result = come_to(roll, YES, YES, YES, YES, YES, NO)
    assert [judged.met for judged in result.enough_agreed] == [big == 1, True]
    assert result.carried is (big == 1)
    without = come_to(roll, None, YES, YES, YES, YES, YES)
    assert [judged.met for judged in without.enough_took_part] == [big == 6, True]


def test_to_raise_money_takes_three_quarters_and_the_number_itself_is_enough() -> None:
    four = roll_of(flat(number, 10_000, f"业主{number}") for number in range(1, 5))
    cast = [ballot(number, YES) for number in (1, 2, 3)] + [ballot(4, NO)]
    assert count(four, cast, RAISING).carried
    assert not count(SIX, [*cast, ballot(5, NO)], RAISING).carried
    assert not count(four, [], RAISING).carried


def test_joint_owners_of_two_minds_take_part_and_say_nothing() -> None:
    roll = roll_of([flat(1, 10_000, "甲", "乙"), flat(2, 5_000, "丙")])
    cast = [ballot(1, YES, UUID(int=1)), ballot(1, NO, UUID(int=2)), ballot(2, YES)]
    result = count(roll, cast, LAW)
    assert result.took_part == Measured(15_000, 2)
    assert (result.agreed, result.refused) == (Measured(5_000, 1), Measured())
    agreeing = [cast[0], replace(cast[1], choice=YES), cast[2]]
    assert count(roll, agreeing, LAW).agreed == Measured(15_000, 2)


def test_one_owner_who_says_two_things_for_two_flats_is_nobody_who_agrees() -> None:
    roll = roll_of([flat(1, 10_000, "甲"), flat(2, 5_000, "甲"), flat(3, 2_000, "乙")])
    result = count(roll, [ballot(1, YES), ballot(2, NO), ballot(3, YES)], LAW)
    assert (result.agreed, result.refused) == (Measured(12_000, 1), Measured(5_000, 0))


def test_what_a_seller_cast_counts_no_more_once_the_buyer_has_cast() -> None:
    seller, buyer = UUID(int=1), UUID(int=2)
    sold = [ballot(1, None, seller), ballot(1, NO, buyer)]
    assert count(SIX, sold, LAW).refused == Measured(10_000, 1)
    assert count(SIX, sold[:1], LAW).took_part == Measured()


def test_of_several_ballots_of_an_owner_the_last_counts() -> None:
    other = UUID(int=5)
    cast = [ballot(1, YES), ballot(1, NO, other), ballot(2, YES), ballot(1, NO)]
    assert last_of_each(cast) == [ballot(1, NO), ballot(1, NO, other), ballot(2, YES)]


@given(any_flats, st.lists(any_choice, min_size=9, max_size=9))
def test_a_result_is_kept_whole(flats: list[Flat], choices: list[Choice | None]) -> None:
    result = come_to(roll_of(flats), *choices)
    assert Result.of(result.record) == result


def test_ballots_in_another_order_or_with_another_word_have_another_digest() -> None:
    cast = [ballot(1, YES), ballot(2, NO), ballot(2, None)]
    others = [cast[::-1], cast[:2], [*cast[:2], ballot(2, YES)]]
    digests = {digest_of(each) for each in (cast, *others)}
    assert len(digests) == 4
    assert digest_of(list(cast)) in digests


def test_a_ballot_for_a_flat_that_is_not_on_the_roll_counts_nowhere() -> None:
    assert count(SIX, [ballot(77, YES)], LAW).took_part == Measured()


def test_the_result_explains_itself_with_every_figure() -> None:
    lost = come_to(SIX, YES, YES, NO, NEITHER, None, None)
    assert lost.sentences == (
        "列入表决名册的专有部分面积600.00平方米、业主6人。",
        "参与表决的面积400.00平方米、业主4人；按《民法典》第二百七十八条，面积和人数都须达到三分之二，"
        "即400.00平方米、4人，已达到。",
        "同意的面积200.00平方米、业主2人，不同意的面积100.00平方米、业主1人，弃权或意见不一的"
        "面积100.00平方米、业主1人；在参与表决的面积和人数中，同意的都须超过二分之一，"
        "即200.01平方米、3人，面积和人数没有达到。",
        "结果：表决未通过。",
    )
    assert come_to(SIX, YES, YES, YES, YES).sentences[-1] == "结果：表决通过。"
    assert len(come_to(SIX).sentences) == 3  # nobody is said to lack 0.01 m² of those who came
    assert square_metres(1_234_567) == "12,345.67平方米"


# --- thresholds ---


@given(st.sampled_from(["≥2/3", ">1/2", "≥3/4", ">2/3", "≥1/1"]), st.integers(1, 10**7))
def test_what_is_needed_is_the_least_whole_number_that_is_enough(text: str, whole: int) -> None:
    threshold = Threshold.of(text)
    needed = threshold.needed(whole)
    enough = Fraction(needed, whole) > threshold.share
    least = Fraction(needed - 1, whole) <= threshold.share
    if not threshold.passed:
        enough = Fraction(needed, whole) >= threshold.share
        least = Fraction(needed - 1, whole) < threshold.share
    assert enough
    assert least


def test_thresholds_in_words() -> None:
    assert [Threshold.of(text).words for text in ("≥2/3", ">1/2", ">13/20", "≥11/30")] == [
        "达到三分之二",
        "超过二分之一",
        "超过二十分之十三",
        "达到三十分之十一",
    ]


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("participation", "≥1/2", "低于《民法典》第二百七十八条（须达到三分之二）"),
        ("agreement", "≥1/2", "低于《民法典》第二百七十八条（须超过二分之一）"),
        ("agreement", ">2/5", "低于《民法典》第二百七十八条（须超过二分之一）"),
        ("participation", "≥5/4", "这个比例没有人达得到"),
        ("agreement", ">1/1", "这个比例没有人达得到"),
        ("agreement", "2/3", "应为比例，≥2/3 为三分之二以上，>1/2 为过半数"),
    ],
)
def test_no_city_asks_for_less_than_the_law_or_for_what_nobody_reaches(
    key: str, value: str, problem: str
) -> None:
    before = {"participation": "≥3/4", "agreement": "≥3/5"}[key]
    with pytest.raises(BadCity) as wrong:
        parse_city(TEXT.replace(f'{key} = {{ value = "{before}"', f'{key} = {{ value = "{value}"'))
    (line,) = wrong.value.problems
    assert line.startswith(f"voting.{key}.value：{problem}")


@pytest.mark.parametrize("value", ["≥2/3", ">2/3", ">1/2", "≥1/1"])
def test_a_city_may_ask_for_what_the_law_does_or_for_more(value: str) -> None:
    key, before = ("agreement", "≥3/5") if value == ">1/2" else ("participation", "≥3/4")
    city = parse_city(TEXT.replace(f'value = "{before}"', f'value = "{value}"'))
    assert city.voting
    assert getattr(city.voting, key).value == value


def test_a_city_whose_owners_vote_says_by_which_rules_and_who_begins() -> None:
    start, end = TEXT.index("[voting]"), TEXT.index("[limits]")
    for text, line in (
        (TEXT[:start] + TEXT[end:], "routes.R1.vote.value"),
        (TEXT.replace('["committee_member", "clerk"]', "[]"), "voting.openers.value"),
    ):
        with pytest.raises(BadCity) as wrong:
            parse_city(text)
        assert line in {problem.partition("：")[0] for problem in wrong.value.problems}


# --- who casts for whom ---


def test_a_proxy_casts_for_as_many_owners_as_the_city_allows() -> None:
    of = {"one": ["eleven", "twelve"], "two": ["thirteen"]}
    assert for_too_many(of, 1) == ["one"]
    assert for_too_many(of, 2) == []
    assert for_too_many(of, 0) == list(of)
    assert for_too_many({"one": ["eleven", "eleven"]}, 1) == []


# --- conditions and steps ---


def test_a_vote_needs_a_roll_on_which_every_flat_has_an_owner() -> None:
    assert refused(must.roll_complete) == []
    assert refused(must.roll_complete, roll=None) == refused(must.roll_complete, roll=RollFact(0))
    assert refused(must.roll_complete, roll=RollFact(0)) == ["roll_empty"]
    lacking = RollFact(9, tuple(f"1栋{at}室" for at in range(7)))
    (refusal,) = must.roll_complete(facts(roll=lacking))
    assert (refusal.code, refusal.field) == ("flats_without_owner", "unsold_confirmed")
    assert "1栋4室等7户" in refusal.message
    assert "1栋5室" not in refusal.message
    assert refused(must.roll_complete, roll=replace(lacking, unsold_confirmed=True)) == []
    (few,) = must.roll_complete(facts(roll=RollFact(9, ("1栋101",))))
    assert few.message.startswith("1栋101在")


@pytest.mark.parametrize(
    ("vote", "refusals"),
    [
        (VoteFact(NOW), []),
        (VoteFact(NOW, ballots=1), ["ballots_cast"]),
        (VoteFact(NOW, papers_waiting=1), ["ballots_cast"]),
    ],
)
def test_a_vote_is_taken_back_until_somebody_has_voted(vote: VoteFact, refusals: list[str]) -> None:
    assert refused(must.no_ballot_cast, vote=vote) == refusals


def test_owners_vote_to_the_end_of_the_last_day() -> None:
    end = midnight_after(NOW.date())
    assert refused(must.vote_over, vote=VoteFact(end)) == ["vote_still_open"]
    assert refused(must.vote_over, vote=VoteFact(end), now=end) == []
    assert refused(must.vote_over, vote=VoteFact()) == ["vote_still_open"]
    running = facts(vote=VoteFact(end), city=YUNXI, route=YUNXI.routes["R1"])
    assert wakes_at(TABLE, State.VOTING, running) == end
    (opens,) = opening_days([must.vote_over])
    assert opens(running) == local_date(end)
    assert opens(facts(vote=VoteFact())) is None


@pytest.mark.parametrize("carried", [True, False])
def test_the_house_decides_by_the_count_and_never_before_it(carried: bool) -> None:
    result = come_to(SIX, *[YES if carried else NO] * 6)
    for action, holds, code in (
        (Action.PASS_VOTE, carried, "vote_not_carried"),
        (Action.LOSE_VOTE, not carried, "vote_carried"),
    ):
        step = step_from(TABLE, State.COUNTING, action)
        (guard,) = step.guards
        assert refused(guard, vote=VoteFact(NOW)) == ["vote_not_counted"]
        known = facts(vote=VoteFact(NOW, result=result))
        assert codes(guard(known)) == ([] if holds else [code])
        if holds:
            outcome = VoteOutcome.PASSED if carried else VoteOutcome.LOST
            decision = decide(step, step.roles, (), None, known)
            assert decision.orders == (SettleVote(outcome),)


def test_whoever_may_open_a_vote_follows_the_city() -> None:
    opened = step_from(TABLE, State.PLANNED, Action.OPEN_VOTE)
    assert opened.roles == (Role.COMMITTEE_MEMBER, Role.CLERK)
    clerks = parse_city(TEXT.replace('["committee_member", "clerk"]', '["clerk"]'))
    assert step_from(table_of("R1", clerks), State.PLANNED, Action.OPEN_VOTE).roles == (Role.CLERK,)


def test_a_vote_comes_after_the_committee_where_both_are_asked() -> None:
    both = parse_city(
        TEXT.replace("asked_for = { value = []", 'asked_for = { value = ["committee"]').replace(
            "[limits]\n",
            '[limits]\napproval = { name = "审议", days = { value = 7, source = "default" },'
            ' counted_in = { value = "days", source = "default" } }\n',
        )
    )
    table = table_of("R1", both)
    for action in (Action.APPROVE, Action.WAIVE_APPROVAL):
        approved = step_from(table, State.PLANNED, action)
        assert (approved.target, approved.limit) == (State.APPROVED, "vote_opening")
    assert step_from(table, State.APPROVED, Action.OPEN_VOTE).target == State.VOTING
    assert table.find(State.PLANNED, Action.OPEN_VOTE) is None


def test_what_is_voted_on_stays_as_it_is_and_a_vote_leads_back_only_by_a_reason() -> None:
    changes = [Action.REVISE_PLAN, Action.DROP_LIFT, Action.CHANGE_INSURER]
    for state in (State.VOTING, State.COUNTING):
        assert table_find(state, *changes) == []
    for state in (State.VOTED, State.VOTE_FAILED):
        assert table_find(state, *changes) == changes
    for state in (State.VOTING, State.COUNTING, State.VOTED, State.VOTE_FAILED):
        void = step_from(TABLE, state, Action.VOID_VOTE)
        assert (void.target, void.needs_reason) == (State.PLANNED, True)
        assert void.roles == (Role.REVIEWER,)
        orders = decide(void, void.roles, (), "录错了", facts()).orders
        assert SettleVote(VoteOutcome.VOID) in orders
    back = step_from(TABLE, State.VOTING, Action.WITHDRAW_VOTE)
    known = facts(vote=VoteFact(NOW + timedelta(days=1)))
    assert decide(back, back.roles, (), "日期写错", known).orders == (
        SettleVote(VoteOutcome.WITHDRAWN),
    )
    assert step_from(TABLE, State.VOTE_FAILED, Action.OPEN_VOTE).target == State.VOTING


def table_find(state: str, *actions: str) -> list[str]:
    return [action for action in actions if TABLE.find(state, action)]
