"""What a clerk enters at the counter from its scan: signatures, letters of owners, minutes."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from backend.desk.acts.act import PHOTO_OR_PDF, REASON, RECEIVED, Act, with_file
from backend.desk.acts.applicants import plan_at_hand
from backend.desk.forms import Field, Given, Known
from backend.desk.values import Kind
from backend.domain.actions import Action
from backend.domain.approval import ANSWER_NAMES
from backend.domain.letters import CASE_WAYS, HOW_NAMES, How
from backend.domain.letters import Given as GivenLetter
from backend.domain.local_time import local_date
from backend.services.base.context import Actor, Context
from backend.services.purchase import case_letters, cosignatures, minutes, on_paper
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.purchase.minutes import Minutes, SeatAnswer
from backend.services.purchase.paper_entries import Scanned
from backend.services.reads.cases import CaseView

FLAT = (
    Field("building", "楼栋", Kind.WORDS),
    Field("unit", "单元", Kind.WORDS),
    Field("room", "房号", Kind.WORDS),
)
NAME = Field("name", "姓名", Kind.WORDS)
SIGNATURES = (
    Field(
        "signatures",
        "签名表",
        Kind.TABLE,
        "照签名表抄写房号和全名，逐户与名册核对；有一行不对，一行也不录入。",
        columns=(*FLAT, NAME),
    ),
    Field("file_sha256", "签名表扫描件", Kind.FILE, PHOTO_OR_PDF),
    Field(
        "namesakes_checked",
        "同名的业主已经核对过证件，是不同的人",
        Kind.YES,
        "只在提示同名时勾选。",
    ),
)
RECEIVED_SIGNATURES = (*SIGNATURES, RECEIVED)
MINUTES = (
    Field("plan_id", "方案", Kind.HIDDEN),
    Field("held_on", "开会日期", Kind.DAY),
    Field(
        "answers",
        "委员的意见",
        Kind.TABLE,
        "照会议纪要抄写委员全名和意见。",
        columns=(
            NAME,
            Field("answer", "意见", Kind.CHOICE, choices=tuple(ANSWER_NAMES.items())),
            Field("reason", "理由", Kind.WORDS, optional=True),
        ),
    ),
    Field("file_sha256", "会议纪要扫描件", Kind.FILE, f"要有委员签名。{PHOTO_OR_PDF}"),
    RECEIVED,
)


def proved_by(ways: Sequence[str], hint: str) -> tuple[Field, ...]:
    """What is asked of a letter that was given in one of these ways."""
    return (
        Field("how", "怎样送达", Kind.CHOICE, choices=tuple((how, HOW_NAMES[how]) for how in ways)),
        Field("given_on", "送达日期", Kind.DAY, hint),
        Field("file_sha256", "送达回证、邮件回执或照片", Kind.FILE, PHOTO_OR_PDF),
    )


LETTER_GIVEN = proved_by(CASE_WAYS, "邮寄的填回执上的收件日期。")
LETTER_NOT_GIVEN = (REASON,)


def how_given(given: Given) -> GivenLetter:
    """How a letter was given, as its form says."""
    return GivenLetter(How(given["how"]), given["given_on"], given["file_sha256"])


def deliver_letter(ctx: Context, me: Actor, case: UUID, letter: UUID, given: Given) -> object:
    """The letter to those who applied on paper was given."""
    return case_letters.deliver(ctx, me, case, letter, how_given(given))


def undo_letter(ctx: Context, me: Actor, case: UUID, letter: UUID, given: Given) -> object:
    """It was not given after all."""
    return case_letters.undo(ctx, me, case, letter, given[REASON.name])


def signed(row: Given) -> SignedOnPaper:
    """A row of a list of signatures."""
    return SignedOnPaper(row["building"], row["unit"], row["room"], row["name"])


def scanned(given: Given) -> Scanned:
    """The scan of a paper, and when the centre got it."""
    return Scanned(given["file_sha256"], given["received_at"])


def _enter(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    rows = [signed(row) for row in given["signatures"]]
    checked = given["namesakes_checked"]
    return cosignatures.enter(ctx, actor, case, rows, scanned(given), checked)


def _take_back(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return cosignatures.withdraw_on_paper(ctx, actor, case, signed(given), given["file_sha256"])


def _minutes(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    answers = [SeatAnswer(row["name"], row["answer"], row["reason"]) for row in given["answers"]]
    written = Minutes(given["held_on"], answers, scanned(given))
    return minutes.enter(ctx, actor, given["plan_id"], written)


def _of_today(ctx: Context, actor: Actor, view: CaseView) -> Known:
    plan = plan_at_hand(ctx, actor, view)
    return Known({**plan.values, "held_on": local_date(ctx.clock()).isoformat()})


COUNTER: Mapping[str, Act] = {
    Action.ENTER_COSIGNATURES: Act(RECEIVED_SIGNATURES, _enter),
    Action.WITHDRAW_COSIGNATURE: Act(
        (*FLAT, NAME, Field("file_sha256", "业主签名的书面撤回", Kind.FILE, PHOTO_OR_PDF)),
        _take_back,
    ),
    Action.ENTER_WORD: with_file(
        on_paper.enter_word,
        "申请人签名的书面要求",
        f"录入以后只能办下一步。{PHOTO_OR_PDF}",
    ),
    Action.ENTER_MINUTES: Act(MINUTES, _minutes, _of_today),
}

# What counts only once another clerk compared it with the scan.
COMPARED = frozenset({Action.ENTER_COSIGNATURES, Action.ENTER_MINUTES, Action.ENTER_BALLOTS})
