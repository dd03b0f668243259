"""How often a case asks the database on its way: bounds that count statements, never seconds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Engine, event

from backend.domain.approval import Tally
from backend.domain.facts import Finding
from backend.domain.letters import Given, How
from backend.domain.local_time import SHANGHAI
from backend.services.base.context import Actor, Context
from backend.services.case import steps
from backend.services.public_notice import answers, dismissals, notices, objections
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import (
    applications,
    approvals,
    case_letters,
    on_paper,
    payments,
    plans,
    policies,
    registrations,
    screening,
    special_accounts,
)
from backend.services.purchase.approvals import MemberAnswer
from backend.services.reads.todos import my_todos
from backend.store.notices import PublicNotice
from tests.build.alone import OWNER, house_of
from tests.build.in_parts import file_objection
from tests.build.looking import add_person, case, today
from tests.build.on_paper import entered
from tests.build.screened import MET, Shaoguan, of_shaoguan
from tests.build.village import Village

Answer = TypeVar("Answer")

MOST_PER_STEP = 25
# A dismissal, or its undoing, is a row of its own, a step of the house, and two people told.
MOST_PER_DISMISSAL = 31
MOST_OF_TODOS = 15
MOST_TO_THE_NOTICE = 180  # drafting the notice is a step, which holds the premium


@dataclass
class Act:
    """Something that somebody did: the statements of each of its transactions."""

    name: str
    transactions: list[int] = field(default_factory=list)


class Walk:
    """One case from draft to the end of its cover, and what was asked on the way."""

    def __init__(self, village: Village) -> None:
        self.village = village
        self.acts: list[Act] = []
        self._engine: Engine = village.ctx.sessions.kw["bind"]

    def did(self, act: Callable[..., Answer], name: str, *words: object) -> Answer:
        """Let somebody do it, and count."""
        self.acts.append(Act(act.__name__))
        hooks = (("begin", self._begins), ("before_cursor_execute", self._count))
        for moment, hook in hooks:
            event.listen(self._engine, moment, hook)
        try:
            return act(self.village.ctx, self.village.actor(name), *words)
        finally:
            for moment, hook in hooks:
                event.remove(self._engine, moment, hook)

    def _begins(self, *_: object) -> None:
        self.acts[-1].transactions.append(0)

    def _count(self, *_: object) -> None:
        self.acts[-1].transactions[-1] += 1

    def total(self) -> int:
        return sum(sum(act.transactions) for act in self.acts)

    def heavy(self) -> list[Act]:
        most = {"dismiss": MOST_PER_DISMISSAL, "undo": MOST_PER_DISMISSAL}
        return [
            act for act in self.acts if max(act.transactions) > most.get(act.name, MOST_PER_STEP)
        ]

    def photograph(self, notice: PublicNotice, moment: str) -> None:
        village = self.village
        for unit in village.units:
            for framing in ("wide", "close"):
                file = village.upload("manager")
                photo = notices.SubmittedPhoto(unit, moment, framing, file, village.clock())
                self.did(notices.add_photo, "manager", notice.id, photo)

    def to_the_notice(self) -> PublicNotice:
        village, form = self.village, self.village.upload("manager")
        application = applications.ApplicationRequest(
            "R1", village.estate, village.pool, village.insurer, "property_company", village.lifts
        )
        self.drafted = self.did(applications.draft, "manager", application)
        self.case = self.drafted.id
        self.did(applications.apply, "manager", self.case, form)
        record = village.upload("clerk")
        self.did(applications.query_funds, "clerk", self.case, "物业管理和维保正常", record)
        for lift in village.lifts:
            self.did(plans.record_survey, "insurer", self.case, lift, "passed", "运行平稳")
        return self.from_the_plan()

    def guided_to_the_notice(self, city: Shaoguan) -> PublicNotice:
        """The same where nobody applies."""
        findings = {code: Finding(met=True, words=words) for code, words in MET.items()}
        sheet = city.upload("district")
        self.drafted = self.did(screening.screen, "district", city.estate, findings, sheet)
        self.case = self.drafted.id
        self.did(screening.guide, "district", self.case, city.guidance())
        return self.from_the_plan()

    def from_the_plan(self) -> PublicNotice:
        village = self.village
        plan = self.did(plans.submit_plan, "insurer", self.case, village.terms()).plan_id
        for name in ("member0", "member1"):
            self.did(vote, name, plan)
        notice = self.did(notices.draft_notice, "manager", self.case)
        self.photograph(notice, "start")
        return notice

    def to_the_end(self, notice: PublicNotice) -> None:
        village, case = self.village, self.case
        village.clock.set(datetime(2025, 3, 11, 9, tzinfo=SHANGHAI))
        self.photograph(notice, "end")
        self.did(notices.clear, "clerk", case, "未收到纸质异议")
        self.did(registrations.register, "reviewer", case)
        self.did(registrations.sign_contract, "manager", case, village.contract())
        self.did(payments.add_invoice, "manager", case, village.invoice())
        self.did(payments.request_payment, "manager", case)
        self.did(payments.review_payment, "reviewer", case)
        self.did(payments.order_payment, "cashier", case)
        receipt = village.upload("cashier")
        self.did(payments.confirm_payment, "cashier", case, "BANK-1", receipt)
        self.did(policies.issue_policy, "insurer", case, village.policy())
        for year in (2025, 2026):
            village.clock.set(datetime(year, 4, 1, 0, 1, tzinfo=SHANGHAI))
            self.did(sweep, "clerk")


def vote(ctx: Context, actor: Actor, plan: UUID) -> Tally:
    """A member approves in chat."""
    return approvals.answer(ctx, actor.person_id, plan, MemberAnswer("approve", None, "chat"))


def sweep(ctx: Context, _: Actor) -> int:
    """The clock's tick."""
    return steps.sweep(ctx)


def test_a_case_gets_to_its_notice_on_few_statements_and_to_its_end_by_no_heavy_step(
    village: Village,
) -> None:
    walk = Walk(village)
    notice = walk.to_the_notice()
    assert walk.total() <= MOST_TO_THE_NOTICE, walk.acts
    walk.to_the_end(notice)
    assert walk.heavy() == []
    assert case(village, walk.drafted).state == "expired"


def test_a_screened_estate_gets_to_the_end_by_no_heavy_step_either(village: Village) -> None:
    city = of_shaoguan(village)
    mistaken, screened = Walk(city), city.screened()
    for act, words in (
        (screening.guide, city.guidance()),
        (screening.undo_guiding, "漏了一台"),
        (screening.guide, city.guidance()),
        (screening.undo_screening, "看错了小区"),
    ):
        mistaken.did(act, "district", screened.id, words)
    assert mistaken.heavy() == []
    walk = Walk(city)
    notice = walk.guided_to_the_notice(city)
    assert walk.total() <= MOST_TO_THE_NOTICE, walk.acts
    walk.to_the_end(notice)
    assert walk.heavy() == []
    assert case(city, walk.drafted).state == "expired"


def test_an_owner_alone_gets_to_a_deposit_by_no_heavy_step(village: Village) -> None:
    house = house_of(village)
    walk, papers = Walk(village), [village.upload(OWNER), village.upload(OWNER)]
    purchase = walk.did(applications.draft, OWNER, house.asked())
    walk.did(special_accounts.apply_alone, OWNER, purchase.id, *papers)
    walk.did(plans.record_survey, "insurer", purchase.id, house.lift, "passed", "平稳")
    walk.did(plans.submit_plan, "insurer", purchase.id, house.terms())
    walk.did(special_accounts.open_account, "clerk", purchase.id, "产权证已核对")
    for _ in range(2):
        walk.did(special_accounts.fund, "cashier", purchase.id, house.paid_in())
        walk.did(special_accounts.undo_fund, "reviewer", purchase.id, "登错了")
    assert walk.heavy() == []


def test_no_step_on_account_of_an_objection_asks_much(village: Village) -> None:
    walk = Walk(village)
    notice = walk.to_the_notice()
    for text in ("保费偏高", "仍然偏高"):
        filed = walk.did(file_objection, "owner0", notice.id, text)
        assert case(village, walk.drafted).state == "suspended"
        walk.did(objections.withdraw, "owner0", filed.id)
        assert case(village, walk.drafted).state == "posted"
    paper = PaperObjection("need", "不同意", "业主一", village.clock(), None)
    scan = village.upload("clerk")
    entered = walk.did(objections.enter_paper, "clerk", notice.id, paper, scan)
    walk.did(objections.verify, "clerk", entered.id, village.owners[1], None)
    walk.did(answers.answer, "clerk", entered.id, "经核对，保费按比选结果确定。")
    walk.did(dismissals.dismiss, "reviewer", entered.id, "比选过程合规。")
    walk.did(dismissals.undo, "clerk", entered.id, "漏看一份报价")
    changed = village.terms(120_000)
    walk.did(plans.revise_plan, "insurer", walk.case, changed, "按意见修改")
    walk.did(applications.withdraw, "manager", walk.case, "另行申请")
    assert walk.heavy() == []


def test_what_clerks_see_to_is_read_by_few_statements_though_letters_wait(village: Village) -> None:
    walk = Walk(village)
    add_person(village, "clerk2", "clerk")
    applied = village.person("clerk2").applies(entered(village).id)
    walk.did(on_paper.letter_of, "clerk", applied.id)
    (letter,) = walk.did(case_letters.read_letters, "clerk", applied.id).items
    todos = walk.did(my_todos, "clerk")
    assert (len(todos.letters_due), walk.heavy()) == (1, [])
    assert sum(walk.acts[-1].transactions) <= MOST_OF_TODOS
    given = Given(How.BY_POST, today(village), village.upload("clerk"))
    walk.did(case_letters.deliver, "clerk", applied.id, letter.id, given)
    walk.did(case_letters.undo, "clerk", applied.id, letter.id, "送错了人")
    assert walk.heavy() == []
