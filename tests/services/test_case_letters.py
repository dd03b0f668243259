"""办理情况告知书: owners who applied on paper are told of each step by a letter, which waits until
it was given to them."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from backend.domain.errors import Refused
from backend.domain.letters import Given, How
from backend.services.files.uploads import read_file
from backend.services.purchase import on_paper
from backend.services.purchase.case_letters import CaseLetterView, letters_at_hand, read_letters
from backend.services.reads.todos import my_todos
from backend.store.purchases import Purchase
from backend.store.queries.case_letters import LetterDue
from backend.store.rulings import CaseLetter, CaseLetterDelivery
from tests.build.looking import add_person, codes, today
from tests.build.on_paper import entered, without_phone
from tests.build.village import Village


@pytest.fixture
def village(village: Village) -> Village:
    """A village whose owners have no phone, and a centre with two clerks."""
    without_phone(village, 0, 1, 2, 3)
    add_person(village, "clerk2", "clerk")
    return village


@pytest.fixture
def purchase(village: Village) -> Purchase:
    """Three owners applied on paper: its second step, of which they know nothing yet."""
    return village.person("clerk2").applies(entered(village).id)


def given(village: Village, how: How = How.HANDED_OVER, on: date | None = None) -> Given:
    return Given(how, on or today(village), village.upload("clerk"))


def printed(village: Village, purchase: Purchase, name: str = "clerk") -> UUID:
    """The letter of where the case stands."""
    village.person(name).prints_letter(purchase.id)
    return read_letters(village.ctx, village.actor(name), purchase.id).items[0].id


def informed(village: Village, purchase: Purchase) -> CaseLetterView:
    """They were given it."""
    letter = printed(village, purchase)
    return village.clerk.delivers_letter(purchase.id, letter, given(village))


def waiting(village: Village, name: str = "clerk") -> list[LetterDue]:
    return list(my_todos(village.ctx, village.actor(name)).letters_due)


def withdrawn(village: Village, purchase: Purchase) -> Purchase:
    on_paper.enter_word(village.ctx, village.actor("clerk"), purchase.id, village.upload("clerk"))
    return village.clerk.withdraws(purchase.id, "业主不买了")


def test_a_step_waits_for_its_letter_until_it_was_given_among_the_todos_of_clerks_alone(
    village: Village, purchase: Purchase
) -> None:
    (waits,) = waiting(village)
    assert (waits.purchase_id, waits.step_name, waits.printed) == (purchase.id, "提交申请", False)
    assert waiting(village, "clerk2") == [waits]
    for name in ("reviewer", "cashier", "supervisor", "auditor", "manager", "insurer", "owner0"):
        assert waiting(village, name) == []
    letter = printed(village, purchase)
    (waits,) = waiting(village)
    assert waits.printed
    view = village.clerk.delivers_letter(purchase.id, letter, given(village, How.BY_POST))
    assert (view.how_name, view.given_on, view.waits) == ("邮寄送达", today(village), False)
    assert waiting(village) == []
    village.clerk.returns_application(purchase.id, "签名表缺一页")
    (waits,) = waiting(village)
    assert (waits.step_name, waits.printed) == ("退回补正", False)


def test_the_form_that_they_signed_themselves_needs_no_letter(village: Village) -> None:
    drafted = entered(village)
    assert waiting(village) == []
    assert not informed(village, drafted).waits


def test_who_applied_on_a_phone_waits_for_none(village: Village) -> None:
    village.manager.applies(village.drafted().id, village.upload("manager"))
    assert waiting(village) == []


def test_a_letter_printed_again_before_the_next_step_is_the_same_one(
    village: Village, purchase: Purchase
) -> None:
    printed(village, purchase)
    first = read_letters(village.ctx, village.actor("clerk"), purchase.id).items
    village.clock.advance(days=1)
    printed(village, purchase, "clerk2")
    assert read_letters(village.ctx, village.actor("clerk"), purchase.id).items == first
    with village.ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(CaseLetter)) == 1


def test_a_letter_of_an_earlier_step_is_given_and_the_step_since_waits_for_its_own(
    village: Village, purchase: Purchase
) -> None:
    letter = printed(village, purchase)
    village.clerk.returns_application(purchase.id, "签名表缺一页")
    village.clerk.delivers_letter(purchase.id, letter, given(village))
    (waits,) = waiting(village)
    assert not waits.printed
    assert read_letters(village.ctx, village.actor("clerk"), purchase.id).due


def test_once_a_later_letter_was_given_an_earlier_one_waits_no_more_unless_that_is_undone(
    village: Village, purchase: Purchase
) -> None:
    letter = printed(village, purchase)
    village.clerk.returns_application(purchase.id, "签名表缺一页")
    later = informed(village, purchase).id
    with pytest.raises(Refused) as refused:
        village.clerk.delivers_letter(purchase.id, letter, given(village))
    assert codes(refused) == ["letter_not_due"]
    village.clerk.undoes_letter(purchase.id, later, "送错了人")
    village.clerk.delivers_letter(purchase.id, letter, given(village))
    assert len(waiting(village)) == 1


def test_a_case_that_is_over_waits_too_until_they_heard_of_its_end(
    village: Village, purchase: Purchase
) -> None:
    informed(village, purchase)
    assert withdrawn(village, purchase).state == "withdrawn"
    (waits,) = waiting(village)
    assert waits.step_name == "撤回申请"
    informed(village, purchase)
    assert waiting(village) == []


def test_nothing_is_given_that_was_not_printed_for_this_case_or_was_given_before(
    village: Village, purchase: Purchase
) -> None:
    letter = informed(village, purchase).id
    with pytest.raises(Refused, match="letter_not_due"):
        village.clerk.delivers_letter(purchase.id, letter, given(village))
    withdrawn(village, purchase)
    other = village.person("clerk2").applies(entered(village).id)
    for case_id, which in ((other.id, letter), (other.id, uuid4())):
        with pytest.raises(Refused, match="not_found"):
            village.clerk.delivers_letter(case_id, which, given(village))
        with pytest.raises(Refused, match="not_found"):
            village.clerk.undoes_letter(case_id, which, "送错了人")


def test_it_is_given_to_somebody_between_its_first_printing_and_today(
    village: Village, purchase: Purchase
) -> None:
    village.clock.advance(days=1)
    letter, first = printed(village, purchase), today(village)
    village.clock.advance(days=3)
    printed(village, purchase)
    wrong = [
        (given(village, on=first - timedelta(days=1)), "delivery_day_invalid", "given_on"),
        (given(village, on=today(village) + timedelta(days=1)), "delivery_day_invalid", "given_on"),
        (given(village, How.ANNOUNCED), "delivery_way_invalid", "how"),
    ]
    for paper, code, field in wrong:
        with pytest.raises(Refused) as refused:
            village.clerk.delivers_letter(purchase.id, letter, paper)
        assert [(each.code, each.field) for each in refused.value.refusals] == [(code, field)]
    view = village.clerk.delivers_letter(purchase.id, letter, given(village, on=first))
    assert view.given_on == first


def test_one_slip_proves_one_letter_until_that_is_undone(
    village: Village, purchase: Purchase
) -> None:
    letter = printed(village, purchase)
    slip = given(village)
    village.clerk.delivers_letter(purchase.id, letter, slip)
    village.clerk.returns_application(purchase.id, "签名表缺一页")
    later = printed(village, purchase)
    with pytest.raises(Refused, match="paper_reused"):
        village.clerk.delivers_letter(purchase.id, later, slip)
    village.clerk.undoes_letter(purchase.id, letter, "那是后一份的回证")
    village.clerk.delivers_letter(purchase.id, later, slip)


def test_what_was_entered_by_mistake_is_undone_with_a_reason_and_stays_on_record(
    village: Village, purchase: Purchase
) -> None:
    letter = printed(village, purchase)
    with pytest.raises(Refused, match="not_delivered"):
        village.clerk.undoes_letter(purchase.id, letter, "送错了人")
    village.clerk.delivers_letter(purchase.id, letter, given(village))
    with pytest.raises(Refused, match="text_required"):
        village.clerk.undoes_letter(purchase.id, letter, " ")
    assert village.person("clerk2").undoes_letter(purchase.id, letter, "送错了人").waits
    assert len(waiting(village)) == 1
    informed(village, purchase)
    with village.ctx.sessions() as tx:
        rows = tx.scalars(select(CaseLetterDelivery).order_by(CaseLetterDelivery.id)).all()
    assert [row.undone_because for row in rows] == ["送错了人", None]


def test_only_a_clerk_gives_it_and_reads_of_it(village: Village, purchase: Purchase) -> None:
    letter = printed(village, purchase)
    for name in ("reviewer", "manager", "insurer", "owner0"):
        person = village.person(name)
        with pytest.raises(Refused, match=r"role_required|not_found"):
            person.delivers_letter(
                purchase.id, letter, Given(How.BY_POST, today(village), "0" * 64)
            )
        with pytest.raises(Refused, match=r"role_required|not_found"):
            person.undoes_letter(purchase.id, letter, "送错了人")
        with pytest.raises(Refused, match="not_found"):
            read_letters(village.ctx, village.actor(name), purchase.id)
    assert letters_at_hand(village.ctx, village.actor("reviewer"), purchase.id) is None


def test_the_slip_is_shown_to_officers_and_to_nobody_else(
    village: Village, purchase: Purchase
) -> None:
    letter = printed(village, purchase)
    slip = given(village)
    village.clerk.delivers_letter(purchase.id, letter, slip)
    for name in ("clerk2", "auditor"):
        assert read_file(village.ctx, village.actor(name), slip.file_sha256)
    for name in ("manager", "member0", "insurer"):
        with pytest.raises(Refused, match="not_found"):
            read_file(village.ctx, village.actor(name), slip.file_sha256)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_letter SET version = 9",
        "DELETE FROM case_letter_delivery",
        "UPDATE case_letter_delivery SET undone_because = '另一个理由'",
    ],
)
def test_nobody_changes_what_was_printed_and_given(
    village: Village, purchase: Purchase, change: str
) -> None:
    village.clerk.undoes_letter(purchase.id, informed(village, purchase).id, "送错了人")
    with pytest.raises(DBAPIError), village.ctx.sessions() as tx:
        tx.execute(text(change))
