"""Objections at the desk: on paper at the counter, verified by flat, answered, given by letter,
reviewed; their words only for a reason, and each look is one link."""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from backend.domain.deeds import Deed, HowFar, deeds_of
from backend.domain.local_time import SHANGHAI
from backend.domain.objection import ObjectionStatus, Publication
from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.store.audit import AuditEntry
from backend.store.notices import Objection
from backend.store.purchases import Purchase
from tests.build.office import Office, Page
from tests.build.on_paper import without_phone
from tests.build.papers import pdf
from tests.build.players import appoint
from tests.build.village import Village, called

At = Callable[[str], Office]
WORDS = "保费偏高，请公布比选过程"


def links(ctx: Context) -> int:
    with ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(AuditEntry)) or 0


def state_of(ctx: Context, case: UUID) -> str:
    with ctx.sessions() as tx:
        return tx.get_one(Purchase, case).state


def entered(clerk: Office, case: UUID, **typed: str) -> Page:
    """An objection on paper of the first owner, received this morning."""
    form = clerk.open(clerk.open(f"/desk/cases/{case}").links["录入纸质异议"])
    paper = {
        "kind": "price",
        "text": WORDS,
        "objector": called("冯样", 0),
        "received_at": "2025-03-03T08:30",
    }
    return clerk.submit(form, **{**paper, **typed}, file_sha256=pdf())


def number_on(page: Page) -> str:
    return next(words for words in page.links if re.fullmatch(r"YY-\S+", words))


def test_a_paper_objection_goes_from_the_counter_to_its_dismissal(
    at_desk: At, village: Village, ctx: Context
) -> None:
    without_phone(village, 0)
    case = village.posted()[0].id
    village.clock.set(datetime(2025, 3, 3, 9, tzinfo=SHANGHAI))
    clerk = at_desk("clerk")
    page = entered(clerk, case)
    assert WORDS not in page.text
    of = page.links[number_on(page)]
    assert state_of(ctx, case) == "posted"

    form = clerk.open(clerk.open(of).links["核实是相关业主"])
    flat = {"building": "1", "unit": "1单元", "room": "101"}
    wrong = clerk.submit(form, **flat, name="王五")
    assert "名册中该房屋没有这个姓名" in wrong.text
    assert clerk.submit(wrong, name=called("冯样", 0)).status == 200
    assert state_of(ctx, case) == "suspended"

    form = clerk.open(clerk.open(of).links["答复异议"])
    shown = clerk.submit(form, answer="请打电话13812345678查阅比选记录。")
    assert "公布的样子" in shown.text
    assert "13812345678" not in re.sub(".*公布的样子", "", shown.text).split("答复")[0]
    answered = clerk.submit(shown, checked="yes")
    assert "书面答复 待送达" in answered.text

    print_it = answered.form_to("/letter")
    letter = clerk.fill(answered, print_it)
    assert (letter.status_code, letter.mimetype) == (200, "application/pdf")
    form = clerk.open(answered.links["录入书面答复已送达"])
    assert clerk.submit(form, how="by_post", given_on="2025-03-04", file_sha256=pdf()).status == 422
    delivered = clerk.submit(form, how="by_post", given_on="2025-03-03", file_sha256=pdf())
    assert "撤销录错的送达" in delivered.links

    reviewer = at_desk("reviewer")
    form = reviewer.open(reviewer.open(of).links["复核：不予采纳"])
    assert "经复核不予采纳" in reviewer.submit(form, answer="保费在比选中最低。").text
    assert state_of(ctx, case) == "posted"


def test_words_are_shown_for_a_reason_and_a_look_is_one_link_however_often_it_is_sent(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case, notice = village.posted()
    village.person("owner0").objects(notice, "price", WORDS)
    clerk = at_desk("clerk")
    page = clerk.open(f"/desk/cases/{case.id}")
    before = links(ctx)
    found = clerk.open(page.links[number_on(page)])
    assert WORDS not in found.text
    assert links(ctx) == before
    words, author = found.forms[-2:]
    assert WORDS not in Page(clerk.fill(found, words)).text
    assert links(ctx) == before
    answer = Page(clerk.fill(found, words, reason="核对事实"))
    assert WORDS in answer.text
    assert called("冯样", 0) not in answer.text
    again = Page(clerk.fill(found, words, reason="核对事实"))
    assert "已经记录过" in again.text
    assert WORDS not in again.text, "no copy of what somebody wrote lies with the key"
    assert links(ctx) == before + 1
    assert called("冯样", 0) in Page(clerk.fill(found, author, reason="核实身份")).text
    assert links(ctx) == before + 2
    assert WORDS not in clerk.open(page.links[number_on(page)]).text


def test_nobody_else_finds_an_objection(at_desk: At, village: Village, ctx: Context) -> None:
    case, notice = village.posted()
    village.person("owner0").objects(notice, "price", WORDS)
    with ctx.sessions() as tx:
        of = tx.scalars(select(Objection.id)).one()
    for name in ("manager", "insurer", "auditor", "cashier", "member0"):
        office = at_desk(name)
        assert office.open(f"/desk/objections/{of}").status == 404
        assert office.open(f"/desk/cases/{case.id}/paper-objection").status == 404
        page = office.open(f"/desk/cases/{case.id}")
        assert "录入纸质异议" not in page.links
        assert not [link for link in page.links.values() if "/objections/" in link]


def test_an_objection_on_paper_of_a_known_flat_suspends_at_once_and_is_taken_back_on_paper(
    at_desk: At, village: Village, ctx: Context
) -> None:
    case = village.posted()[0].id
    village.clock.set(datetime(2025, 3, 3, 9, tzinfo=SHANGHAI))
    clerk = at_desk("clerk")
    flat = {"building": "1栋", "unit": "1单元", "room": "101"}
    wrong = entered(clerk, case, **flat, objector="王五")
    assert "#objector" in wrong.links.values()
    assert wrong.forms[-1].values["text"] == WORDS
    page = clerk.submit(wrong, objector=called("冯样", 0), file_sha256=pdf())
    assert state_of(ctx, case) == "suspended"
    form = clerk.open(clerk.open(page.links[number_on(page)]).links["录入书面撤回"])
    assert clerk.submit(form).status == 422
    clerk.submit(form, file_sha256=pdf(), received_at="2025-03-03T08:50")
    assert state_of(ctx, case) == "suspended"
    appoint(village, "auditor", "clerk")
    other = at_desk("auditor")
    waits = other.open(other.open("/desk/").links["书面撤回异议"])
    other.fill(waits, waits.form_to("/confirmation"))
    assert state_of(ctx, case) == "posted"


def test_what_may_be_done_depends_on_how_it_stands() -> None:
    def may(status: ObjectionStatus, office: Role, **changed: bool) -> set[Deed]:
        stands = {"answered": False, "letter_due": False, "delivered": False, **changed}
        how = HowFar(status, **stands, publication=Publication.PRIVATE)
        return set(deeds_of(how, {office}))

    received, verified = ObjectionStatus.RECEIVED, ObjectionStatus.VERIFIED
    everything = {Deed.VERIFY, Deed.NOT_ENTITLED, Deed.ANSWER, Deed.TAKE_BACK}
    assert may(received, Role.CLERK) == everything
    assert may(verified, Role.REVIEWER) == set()
    assert may(verified, Role.REVIEWER, answered=True) == {Deed.DISMISS}
    assert may(verified, Role.REVIEWER, answered=True, letter_due=True) == set()
    assert may(verified, Role.CLERK, answered=True, letter_due=True) == {
        Deed.DELIVER,
        Deed.TAKE_BACK,
    }
    assert may(ObjectionStatus.INADMISSIBLE, Role.CLERK, answered=True) == {Deed.UNDO_DISMISSAL}
    assert may(ObjectionStatus.WITHDRAWN, Role.CLERK) == set()
