"""异议: what the centre still owes about objections, the soonest limit first."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from backend.domain.local_time import SHANGHAI
from backend.services.base.context import Context
from backend.store.notices import Objection
from backend.store.purchases import Purchase
from backend.store.registry import Estate
from tests.build.counting import Counter
from tests.build.objecting import WORDS, dismissed, object_to
from tests.build.office import Office
from tests.build.players import change
from tests.build.screened import let_in
from tests.build.village import Village

At = Callable[[str], Office]
LIST = "/desk/objections"
MOST_STATEMENTS = 12


@pytest.fixture
def two(village: Village, ctx: Context) -> tuple[Objection, Objection]:
    """One of Monday and one of Tuesday, which nobody has answered."""
    _, notice = village.posted()
    first = object_to(village, notice)
    village.clock.set(datetime(2025, 3, 4, 9, tzinfo=SHANGHAI))
    return first, object_to(village, notice, who="owner1")


def numbers(office: Office, address: str = LIST) -> list[str]:
    """The objections of the list, in its order."""
    return [words for words in office.open(address).words if words.startswith("YY-")]


def test_what_is_due_first_comes_first_and_the_colour_has_its_word(
    at_desk: At, village: Village, two: tuple[Objection, Objection]
) -> None:
    first, second = two
    reviewer = at_desk("reviewer")
    assert numbers(reviewer) == [first.number, second.number]
    village.clock.set(datetime(2025, 3, 10, 9, tzinfo=SHANGHAI))
    page = reviewer.open(LIST)
    assert {"今天到期", "三天内到期"} <= set(page.words)
    village.clock.set(datetime(2025, 3, 11, 9, tzinfo=SHANGHAI))
    assert "已逾期" in reviewer.open(LIST).words
    assert numbers(reviewer, f"{LIST}?overdue=1") == [first.number]
    assert WORDS not in page.text


def test_what_is_owed_goes_from_the_answer_to_the_review_and_what_is_settled_leaves(
    at_desk: At, village: Village, two: tuple[Objection, Objection]
) -> None:
    first, second = two
    clerk = at_desk("clerk")
    assert numbers(clerk, f"{LIST}?owed=answer") == [first.number, second.number]
    assert "2" in clerk.open("/desk/").text.split("还没有办结的异议")[1][:3]
    village.clerk.answers(first.id, "比选记录在收件处可查。")
    assert numbers(clerk, f"{LIST}?owed=answer") == [second.number]
    assert numbers(clerk, f"{LIST}?owed=review") == [first.number]
    village.reviewer.dismisses(first.id, "理由不成立")
    dismissed(village, second.id, "比选记录在收件处可查。")
    assert "没有未办结的异议" in clerk.open(LIST).text
    assert "还没有办结的异议" not in clerk.open("/desk/").text


def test_a_case_that_ended_owes_its_answers_and_no_review(
    at_desk: At, village: Village, ctx: Context, two: tuple[Objection, Objection]
) -> None:
    first, second = two
    village.clerk.answers(first.id, "比选记录在收件处可查。")
    with ctx.sessions() as tx:
        case = tx.scalars(select(Purchase.id)).one()
    village.reviewer.terminates(case, "不再投保")
    clerk = at_desk("clerk")
    assert numbers(clerk) == [second.number]
    assert "没有期限" in clerk.open(LIST).words
    village.clerk.answers(second.id, "案件已经终止。")
    assert numbers(clerk) == []
    assert "还没有办结的异议" not in clerk.open("/desk/").text


def test_a_letter_that_must_be_given_is_owed_and_a_late_objection_its_answer(
    at_desk: At, ctx: Context, two: tuple[Objection, Objection]
) -> None:
    first, second = two
    letter = {"answer": "已答复", "answered_at": ctx.clock(), "letter_due_since": ctx.clock()}
    change(ctx, update(Objection).where(Objection.id == first.id).values(letter))
    change(ctx, update(Objection).where(Objection.id == second.id).values(status="late"))
    clerk = at_desk("clerk")
    assert numbers(clerk, f"{LIST}?owed=letter") == [first.number]
    assert numbers(clerk, f"{LIST}?owed=answer") == [second.number]


def test_a_district_reads_its_own_without_a_form_and_others_read_none(
    at_desk: At, village: Village, ctx: Context, two: tuple[Objection, Objection]
) -> None:
    with ctx.sessions() as tx:
        own = tx.scalars(select(Estate.district_id)).one()
        let_in(tx, village, "district", own)
        let_in(tx, village, "elsewhere", UUID(int=7))
        tx.commit()
    district = at_desk("district")
    assert numbers(district) == [each.number for each in two]
    page = district.open(LIST)
    assert page.links[two[0].number].endswith("#objections")
    assert district.open(page.links[two[0].number]).status == 200
    assert numbers(at_desk("elsewhere")) == []
    assert "异议" in district.open("/desk/").links
    for who in ("manager", "insurer"):
        assert at_desk(who).browser.get(LIST).status_code == 404
    assert numbers(at_desk("supervisor")) == [each.number for each in two]


def test_the_list_leaves_as_a_workbook_and_asks_few_questions(
    at_desk: At, ctx: Context, two: tuple[Objection, Objection]
) -> None:
    clerk = at_desk("clerk")
    for address in (LIST, f"{LIST}/workbook?words=YY"):
        with Counter(ctx) as counter:
            answer = clerk.browser.get(address)
        assert counter.queries <= MOST_STATEMENTS
    rows = load_workbook(BytesIO(answer.data)).worksheets[0].iter_rows(min_row=2, values_only=True)
    assert [row[0] for row in rows] == [each.number for each in two]
