"""Owners without a phone say on paper what they want; whoever acts for them shows that they did."""

from sqlalchemy import exists, select

from backend.domain.errors import refuse
from backend.domain.facts import Facts
from backend.domain.purchase import rests_on_word
from backend.domain.steps import EvidenceKind, Step
from backend.services.case.case import Case
from backend.store.notices import Evidence
from backend.store.purchases import Transition


def check_word(case: Case, step: Step, facts: Facts) -> None:
    """Raises Refused `applicants_word_missing` (conflict) when a step is taken for owners who did
    not ask for it in writing since the last one."""
    if not rests_on_word(step, facts):
        return
    last = select(Transition.id).where(
        Transition.subject == case.subject, Transition.seq == case.purchase.version
    )
    asked = exists().where(
        Evidence.subject == case.subject,
        Evidence.kind == EvidenceKind.APPLICANTS_WORD,
        Evidence.id > last.scalar_subquery(),
    )
    if not case.tx.scalar(select(asked)):
        message = "申请人没有用手机办理，请先上传他们签名的书面要求、录入以后再办这一步。"
        raise refuse("applicants_word_missing", message, kind="conflict")
