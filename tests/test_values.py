"""Each value of a city file is read by some rule: whoever changes it sees something differ."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from uuid import UUID

import pytest
from openpyxl import Workbook

from backend.api.public.present import city_shown
from backend.domain import guards as must
from backend.domain.bank_answers import BankLine, Expected, OutcomeWords, judge
from backend.domain.city.parse import sourced_values
from backend.domain.city.schema import DEFAULT_PAID, PLANNED_ROUTES, CityProfile
from backend.domain.conditions.depositing import to_deposit
from backend.domain.deadlines import city_calendar, deadline_for
from backend.domain.errors import Refused
from backend.domain.income import broken_term
from backend.domain.ledger import PaymentState
from backend.domain.local_time import SHANGHAI
from backend.domain.objection import ObjectionStatus, Source, check_channel, check_text, what_next
from backend.domain.public_notice import MOMENTS, days_late, missing_photos
from backend.domain.purchase import officer_refusals
from backend.domain.reminders import Schedule
from backend.domain.roles import CASE_OFFICERS
from backend.domain.routes.catalogue import offered
from backend.domain.targets import progress_of
from backend.domain.voting import Ballot, Choice, Flat, count, for_too_many, roll_of
from backend.drawing import drawing
from backend.services.batches.bank_file import file_for, read_answers
from backend.services.printing import poster_words
from backend.services.public import city_facts, words
from backend.services.public.lifts import PublicLift
from backend.services.public_notice.notice_text import how_to_object
from backend.services.public_notice.notices import photo_hint
from backend.services.workbooks.statement_file import read_file
from backend.services.workbooks.templates import file_of
from backend.store.city_files import load_city
from backend.store.holidays import official_years
from backend.store.purchases import Payment
from backend.store.queries.lifts import PoolRow
from tests.build.changed_profiles import Change, changes
from tests.build.facts import PERSON, facts
from tests.build.lift_rows import LIFT
from tests.build.third_city import YUNXI

NOBODY = UUID(int=0)
NOW = datetime(2025, 3, 11, 9, tzinfo=SHANGHAI)
BANK_WORDS = ("失败", "退回", "退汇", "退票", "冲正", *DEFAULT_PAID.value)
PAYMENT = Payment(
    number="BF-2025-000001",
    amount_fen=260_000,
    payee_name="示例保险",
    payee_bank="示例银行",
    payee_account="0622",
)
POOL = PoolRow(NOBODY, "1栋统筹账户", 150_000, 2)
UNINSURED = PublicLift(LIFT, None, None, (), (), (), POOL, frozenset(), NOW, NOW)
# Days whose limits end on workdays, weekends and around a local holiday that no notice has fixed.
STARTS = [date(2025, 1, 13) + timedelta(days=days) for days in range(7)]
STARTS += [date(2026, 9, day) for day in (9, 11, 14, 15)]


def limits(city: CityProfile) -> object:
    calendar = city_calendar(city, official_years())
    return [deadline_for(city, calendar, kind, start) for kind in city.limits for start in STARTS]


def reminders(city: CityProfile) -> object:
    schedule = Schedule(date(2025, 3, 3), date(2025, 3, 31), city.reminders)
    return list(islice(schedule.stages(), 40))


def conditions(city: CityProfile) -> object:
    """What the conditions of steps have against a case that lacks much."""
    route = next(iter(city.routes.values()))
    cases = [
        facts(
            city=city,
            route=route,
            applicant=applicant,
            cosigners=cosigners,
            objections=("received",),
            contract=None,
            invoice=None,
            missing_end=("1栋1单元",),
        )
        for applicant in ("owners", "committee", "property_company", "independent_owner")
        for cosigners in range(6)
    ]
    rules = (
        must.eligible_applicant,
        must.approval_not_needed,
        must.no_open_objection,
        must.payment_file_complete,
    )
    return [rule(case) for case in cases for rule in rules]


def deposits(city: CityProfile) -> object:
    """What an independent owner is asked to pay in, and to hand in before a year is paid on."""
    route = city.routes.get("R3")
    if route is None:
        return None
    bare = facts(city=city, route=route, available_fen=0, contract=None, invoice=None)
    return to_deposit(bare), must.payment_file_complete(bare)


def separation(city: CityProfile) -> object:
    """Who of the centre may go on in a case in which the same person was something else before."""
    return [
        officer_refusals(facts(city=city, officers={other: frozenset({PERSON})}), role)
        for role in sorted(CASE_OFFICERS)
        for other in sorted(CASE_OFFICERS)
    ]


def objections_taken(city: CityProfile) -> object:
    def answer(way: Source, characters: int) -> str:
        try:
            check_channel(way, city.objection)
            check_text("字" * characters, city.objection)
        except Refused as refused:
            return str(refused)
        return ""

    return [answer(way, characters) for way in Source for characters in (2500, 2501)]


def remedies(city: CityProfile) -> object:
    """What the author of a dismissed objection reads."""
    return what_next(ObjectionStatus.INADMISSIBLE, city.objection, answered=True)


def photos_asked(city: CityProfile) -> object:
    rules = city.public_notice
    place = [(NOBODY, "1栋1单元")]
    end = datetime(2025, 3, 10, 12, tzinfo=SHANGHAI)
    late = [days_late(rules, end + timedelta(days=days), end.date()) for days in range(9)]
    missing = [missing_photos(rules, place, [], moment) for moment in MOMENTS]
    return photo_hint(rules), missing, late


def public_words(city: CityProfile) -> object:
    return (
        words.funding(UNINSURED, city),
        words.funding(replace(UNINSURED, pool=None), city),
        city_facts.privacy(city),
        [how_to_object(city, route) for route in city.routes.values()],
        city_shown(city, defaultdict(str)),
    )


def posters(city: CityProfile) -> object:
    return poster_words.cab_card(city, LIFT, None, ""), poster_words.about_sheet(city, LIFT, "")


def bank_files(city: CityProfile) -> object:
    """What the bank is handed, and what is made of the lines that it hands back."""
    rules = city.bank_file
    usual = vars(load_city("jishou").bank_file)
    back = Workbook()
    heads = [value.value for name, value in usual.items() if name.startswith("answer_")]
    back.worksheets[0].append(heads)
    back.worksheets[0].append(["R1", "2600", "示例保险", "BF-2025-000001", "失败", "账号有误"])
    read, refused = [], ""
    try:
        read = [each.line for each in read_answers(rules, file_of(back))]
    except Refused as error:
        refused = str(error)
    lines = [BankLine("R", 260_000, "示例保险", "BF-2025-000001", word) for word in BANK_WORDS]
    batch = [Expected("BF-2025-000001", 260_000, "示例保险", PaymentState.ORDERED)]
    outcomes = OutcomeWords(rules.failed.value, rules.paid.value)
    judged = [judge([line], batch, outcomes) for line in lines]
    return file_for(rules, [PAYMENT]), read, refused, judged


def statements_read(city: CityProfile) -> object:
    """What is read of an account's statement that the bank gives out, and what is strange in it."""
    usual = vars(load_city("jishou").bank_statement)
    heads = [value.value for name, value in usual.items() if name != "other"]
    values = ["2025-03-11", "R1", "2600", "", "示例保险", "0622", "BF-2025-000001"]
    others = usual["other"].value
    book = Workbook()
    book.worksheets[0].append([*heads, *others])
    book.worksheets[0].append([*values, *others])
    return read_file(city.bank_statement, file_of(book))


# What takes long is looked at last.
Observed = Mapping[str, Callable[[CityProfile], object]]
OBSERVED: Observed = {
    "when people are reminded": reminders,
    "how far the city is": lambda city: progress_of(city, 20, date(2025, 3, 1)),
    "conditions of steps": conditions,
    "deposits of independent owners": deposits,
    "separation of duties": separation,
    "which objections are taken": objections_taken,
    "what a dismissed author may do": remedies,
    "which photos prove a notice": photos_asked,
    "what everybody reads": public_words,
    "what hangs on the wall": posters,
    "what goes to the bank and comes back": bank_files,
    "what is read of the bank's statements": statements_read,
    "interest of a broken term": lambda city: broken_term(
        city.income, date(2025, 1, 1), date(2025, 7, 3)
    ),
    "the tables of its routes": lambda city: [drawing(code, city) for code in offered(city)],
    "when its limits end, and why": limits,
}
# What no city can say without contradicting the plans, and why. That a change is refused is no
# reading of a value unless a rule refuses it for what it means.
CONTRADICTIONS = {
    # JS 五（三）, annex 二（一）: out of the pool, by notice, without a vote; 二（三） is another.
    "这条路线由增值收益统筹账户（pooled_income）支付",
    "独立产权人另有路线，由专户支付",
    "这条路线以公示的方式购买，不经业主表决",
    # Civil Code 278: who votes is told by which rules.
    "经业主表决的路线须在 voting 里写明表决规则",
    "这条路线以公示的方式购买，不能不公示",
    "不公示的路线没有公示影像",
    # SG 四, 五（三）–（四）: out of the city's pool; nobody applies, the property company acts.
    "这条路线由全市统筹使用的增值收益（city_pool）支付",
    "这条路线不受理申请，由入选小区的物业（property_company）办理",
    # JS annex 二（三）: one owner, a special account of their own, paid on year by year.
    "这条路线由独立产权人的电梯保险专户（special_account）支付",
    "这条路线只由独立产权人（independent_owner）办理",
    "这条路线不看统筹账户，也不需要联名，不能有这两项条件",
    "独立产权人一人出资，这条路线没有这一步",
    "保费按年开票、按年拨付，每次一年",
    # JS 四（二）: there is a pool only where income is pooled.
    "增值收益归户（household）时没有统筹账户可用",
}


def is_planned(name: str) -> bool:
    """Whether the value belongs to a route of the plans that the house cannot walk yet."""
    city = load_city("jishou")
    walked = offered(city).keys() | offered(load_city("shaoguan")).keys()
    return any(name.startswith(f"routes.{code}.") for code in PLANNED_ROUTES if code not in walked)


@cache
def changed(code: str) -> tuple[Change, ...]:
    return tuple(changes(load_city(code)))


def unread(code: str, some: Iterable[Change], observed: Observed) -> Iterator[str]:
    """Each of these changes that nothing sees, or that is refused for no meaning of its own."""
    before = {name: look(load_city(code)) for name, look in observed.items()}

    def seen(change: Change) -> bool:
        if change.profile is None:
            return {line.partition("：")[2] for line in change.problems} <= CONTRADICTIONS
        return any(look(change.profile) != before[name] for name, look in observed.items())

    for change in some:
        if not is_planned(change.name) and not seen(change):
            yield f"{change.name} = {change.value!r} {' '.join(change.problems)}"


@pytest.mark.parametrize("code", ["jishou", "shaoguan"])
def test_whoever_changes_a_value_of_a_city_sees_something_differ(code: str) -> None:
    assert list(unread(code, changed(code), OBSERVED)) == []


@pytest.mark.parametrize("code", ["jishou", "shaoguan"])
def test_every_value_of_a_city_is_changed(code: str) -> None:
    names = {change.name for change in changed(code)}
    assert names == {name for name, _ in sourced_values(load_city(code))}


def what_a_vote_comes_to(city: CityProfile) -> object:
    """For each number of ten owners who take part and of those who agree, and of proxies."""
    rules = city.voting
    assert rules
    roll = roll_of(Flat(UUID(int=at), 1, frozenset({str(at)})) for at in range(10))
    each = [Ballot(UUID(int=at), None, Choice.AGREE) for at in range(10)]
    no = [replace(ballot, choice=Choice.REFUSE) for ballot in each]
    cast = [(*each[:yes], *no[yes:most]) for most in range(11) for yes in range(most + 1)]
    results = [count(roll, ballots, rules).carried for ballots in cast]
    proxies = {str(at): [str(one) for one in range(at)] for at in range(1, 4)}
    return results, for_too_many(proxies, rules.proxies_at_most.value)


def test_each_value_of_a_vote_is_read_or_below_the_law() -> None:
    """Of the third city, the only one whose owners vote; the rest is said as others say it."""
    looks = {"tables": lambda city: drawing("R1", city), "votes": what_a_vote_comes_to}
    before = {name: look(YUNXI) for name, look in looks.items()}
    some = [change for change in changes(YUNXI) if change.name.startswith("voting.")]
    assert len(some) >= 5
    for change in some:
        if change.profile is None:
            (problem,) = change.problems
            assert "《民法典》第二百七十八条" in problem or "至少要有一方" in problem
        else:
            profile = change.profile
            assert any(look(profile) != before[name] for name, look in looks.items()), change


def test_a_value_that_nothing_reads_is_named() -> None:
    without = {name: OBSERVED[name] for name in OBSERVED if name != "when people are reminded"}
    reminded = [change for change in changed("jishou") if change.name.startswith("reminders.")]
    found = {line.partition(" = ")[0] for line in unread("jishou", reminded, without)}
    assert found == {"reminders.days_before", "reminders.at", "reminders.escalate_after_days"}
