"""The rows of a route: steps that move a case, activities beside them, and what a case waits for.

A route is a table of rows (see `table` and `routes`), not a pile of ifs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal

from backend.domain.city.schema import LimitKind
from backend.domain.effects import Order
from backend.domain.errors import Refusal
from backend.domain.facts import Facts, Group
from backend.domain.roles import Role
from backend.domain.rules import OpeningDay, groups_read, opening_days

Guard = Callable[[Facts], list[Refusal]]
Effect = Callable[[Facts], tuple[Order, ...]]

EVERY_LIMIT: Literal["*"] = "*"


class EvidenceKind(StrEnum):
    """What a step can rest on. Values are the `kind` of an evidence row."""

    APPLICATION_FORM = "application_form"
    SCREENING_SHEET = "screening_sheet"
    TITLE_PROOF = "title_proof"
    TITLE_CHECK = "title_check"
    WARRANTY_AND_FEE = "warranty_and_fee"
    UPKEEP_STATEMENT = "upkeep_statement"
    UPKEEP_RECORD = "upkeep_record"
    RECTIFICATION = "rectification"
    NO_PAPER_OBJECTION = "no_paper_objection"
    LATE_PHOTOS = "late_photos"
    BEGUN_COVER = "begun_cover"
    BANK_RECEIPT = "bank_receipt"
    POLICY_DOCUMENT = "policy_document"
    COSIGNED_FORM = "cosigned_form"
    COSIGNATURE_WITHDRAWAL = "cosignature_withdrawal"
    APPLICANTS_WORD = "applicants_word"
    MINUTES = "minutes"
    BALLOTS = "ballots"
    ALL_BALLOTS_IN = "all_ballots_in"

    @property
    def is_document(self) -> bool:
        """Whether it is handed in as a file; if not, it is a dated statement in words."""
        return self not in (
            self.TITLE_CHECK,
            self.WARRANTY_AND_FEE,
            self.UPKEEP_STATEMENT,
            self.RECTIFICATION,
            self.NO_PAPER_OBJECTION,
            self.LATE_PHOTOS,
            self.BEGUN_COVER,
            self.ALL_BALLOTS_IN,
        )


EVIDENCE_NAMES = {
    EvidenceKind.APPLICATION_FORM: "申请表",
    EvidenceKind.SCREENING_SHEET: "摸底筛选表",
    EvidenceKind.TITLE_PROOF: "产权证明",
    EvidenceKind.TITLE_CHECK: "产权证明的核对情况",
    EvidenceKind.WARRANTY_AND_FEE: "质保期和物业费已含电梯费用的说明",
    EvidenceKind.UPKEEP_STATEMENT: "物业管理和维保正常的说明",
    EvidenceKind.UPKEEP_RECORD: "维保单位的说明或最近一次维保记录",
    EvidenceKind.RECTIFICATION: "整改材料",
    EvidenceKind.NO_PAPER_OBJECTION: "未收到纸质异议的确认",
    EvidenceKind.LATE_PHOTOS: "结束照片拍晚了的说明",
    EvidenceKind.BEGUN_COVER: "知道保障已经开始、仍然拨付的确认",
    EvidenceKind.BANK_RECEIPT: "银行回单",
    EvidenceKind.POLICY_DOCUMENT: "保险单",
    EvidenceKind.COSIGNED_FORM: "纸质联名",
    EvidenceKind.COSIGNATURE_WITHDRAWAL: "书面撤回联名",
    EvidenceKind.APPLICANTS_WORD: "申请人的书面要求",
    EvidenceKind.MINUTES: "会议纪要",
    EvidenceKind.BALLOTS: "纸质表决票",
    EvidenceKind.ALL_BALLOTS_IN: "按时收到的票都已录入的确认",
}

# Papers on which owners wrote their full names: the other parties of a case read none of them.
NAMES_OWNERS = (
    EvidenceKind.COSIGNED_FORM,
    EvidenceKind.COSIGNATURE_WITHDRAWAL,
    EvidenceKind.APPLICANTS_WORD,
    EvidenceKind.MINUTES,
    EvidenceKind.BALLOTS,
)
# Papers that say who voted for what: of the centre only those who enter, review or audit them.
NAMED_BALLOTS = (EvidenceKind.BALLOTS,)


BY_OTHERS = "这一步由别人办理，您不用操作；快到期还没有办好，请催一催。"


@dataclass(frozen=True)
class Step:
    """A row that moves a case.

    `sources` are the states it may be taken from (empty: it begins a case). `roles` may take it;
    of several that somebody holds the first counts. `evidence` must be handed in with it.
    `guards` are about the case as it is and can be asked beforehand, `checks` about what is handed
    in with the step; all are asked and all refusals told at once. `effects` say what follows.
    `limit` names the time limit that begins with the new state, `meets` the one that the step
    fulfils (`EVERY_LIMIT`: nothing is waited for any more, but within limits that it `spares`): the
    first of `roles` answers for that one, and `warns` are reminded too. `within` names one that the
    step is only a part of the way to: until it is taken the first of its `roles` answers.
    `takes_up` names one that was fulfilled and runs again as it was. `notify` are the roles who
    hear of the step; `news` says what follows
    where the state that the case is in does not say it all (at most 20 characters). One that
    `undoes` takes a case up that was over.
    """

    action: str
    sources: tuple[str, ...]
    target: str
    roles: tuple[Role, ...]
    clause: str
    evidence: tuple[EvidenceKind, ...] = ()
    guards: tuple[Guard, ...] = ()
    checks: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    limit: LimitKind | None = None
    meets: LimitKind | Literal["*"] | None = None
    spares: tuple[LimitKind, ...] = ()
    within: LimitKind | None = None
    takes_up: LimitKind | None = None
    warns: tuple[Role, ...] = ()
    notify: tuple[Role, ...] = ()
    needs_reason: bool = False
    news: str = ""
    undoes: bool = False

    @cached_property
    def groups(self) -> frozenset[Group]:
        """The groups of facts that it takes to decide on it; what is bought stands on record."""
        return groups_read((*self.guards, *self.checks, *self.effects)) | {"terms"}

    @cached_property
    def opening_days(self) -> tuple[OpeningDay, ...]:
        """How to know on which days time may open it."""
        return opening_days(self.guards)


@dataclass(frozen=True)
class Activity:
    """A row for what is done while a case is in a state, without moving it.

    `while_` are the states (empty: every one); in another one `closed` is the answer. `meets` names
    a time limit that waits for it: the first of `roles` answers for that, `warns` are reminded too.
    """

    action: str
    while_: tuple[str, ...]
    roles: tuple[Role, ...]
    clause: str
    closed: Refusal | None = None
    meets: LimitKind | None = None
    warns: tuple[Role, ...] = ()


@dataclass(frozen=True)
class Await:
    """A row for what a case waits for in a state: in words (at most 20 characters), and by which
    step or activity that comes (None: nothing is asked of anybody). `advice` is what whoever has it
    on their list and no page for it is told to do. `stay` names the time limit within which the
    case leaves the state: who takes the awaited step answers for it, `warns` are reminded too."""

    state: str
    words: str
    action: str | None
    advice: str = BY_OTHERS
    stay: LimitKind | None = None
    warns: tuple[Role, ...] = ()


Row = Step | Activity | Await
