"""Letters to owners who applied on paper: printed, given, and taken back by forms."""

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.build.office import Office
from tests.build.on_paper import entered, without_phone
from tests.build.papers import pdf
from tests.build.players import appoint
from tests.build.village import Village

At = Callable[[str], Office]


@pytest.fixture
def case(village: Village) -> UUID:
    """Three owners applied on paper, by two clerks."""
    without_phone(village, 0, 1, 2)
    appoint(village, "supervisor", "clerk")
    return village.person("supervisor").applies(entered(village).id).id


def test_a_letter_is_printed_given_and_its_delivery_taken_back_by_forms(
    at_desk: At, village: Village, case: UUID
) -> None:
    clerk = at_desk("clerk")
    today = clerk.open("/desk/")
    assert "打印告知书，送达申请人" in today.text
    page = clerk.open(f"/desk/cases/{case}")
    assert "最近一步还没有送达" in page.text
    letter = clerk.fill(page, page.form_to("/applicants-letter"))
    assert (letter.status_code, letter.mimetype) == (200, "application/pdf")
    assert "已打印，送达以后录入" in clerk.open("/desk/").text
    form = clerk.open(clerk.open(f"/desk/cases/{case}").links["录入送达"])
    assert "公告送达" not in form.text
    slip = {"how": "by_post", "given_on": village.clock().date().isoformat()}
    early = clerk.submit(form, **{**slip, "given_on": "2020-01-01"}, file_sha256=pdf())
    assert (early.status, "送达日期不能早于" in early.text) == (422, True)
    page = clerk.submit(early, **slip, file_sha256=pdf())
    assert "邮寄送达" in page.text
    assert "录入送达" not in page.links
    assert "告知书待送达" not in clerk.open("/desk/").text
    assert clerk.open(form.address).status == 404
    undoing = clerk.open(page.links["撤销录错的送达"])
    undone = clerk.submit(undoing, reason="送错了人")
    assert "录入送达" in undone.links
    assert clerk.open(undoing.address).status == 404


def test_a_case_that_is_over_still_has_its_letter_printed(
    at_desk: At, village: Village, case: UUID
) -> None:
    village.clerk.rejects(case, "不在实施范围")
    clerk = at_desk("clerk")
    page = clerk.open(f"/desk/cases/{case}")
    assert clerk.fill(page, page.form_to("/applicants-letter")).status_code == 200
    assert "录入送达" in clerk.open(f"/desk/cases/{case}").links


def test_nobody_else_finds_letters_and_who_applied_on_a_phone_gets_none(
    at_desk: At, village: Village, case: UUID
) -> None:
    village.clerk.prints_letter(case)
    form = at_desk("clerk").open(f"/desk/cases/{case}").links["录入送达"]
    for name in ("reviewer", "auditor", "manager", "insurer"):
        office = at_desk(name)
        assert office.open(form).status == 404
        assert "告知书" not in office.open(f"/desk/cases/{case}").text
        assert "告知书待送达" not in office.open("/desk/").text
    village.clerk.rejects(case, "不在实施范围")
    of_manager = village.drafted().id
    clerk = at_desk("clerk")
    page = clerk.open(f"/desk/cases/{of_manager}")
    assert "告知书" not in page.text
    answer = clerk.browser.post(
        f"/desk/cases/{of_manager}/applicants-letter",
        data={"form_word": page.form_to("/sign-out").values["form_word"]},
    )
    assert answer.status_code == 409
    assert "不是在纸上提出的" in answer.text
    assert clerk.open(f"/desk/cases/{of_manager}/applicants-letter").status in (404, 405)
