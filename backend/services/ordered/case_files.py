"""案卷: what a bound case says, and which of its papers are bound with it.

It is for the archive, so that only officers of the centre who may read every paper of the case get
one. Of objections it says what everybody may read: number, kind, status and the published answer;
what somebody wrote, who it was, and the papers that came with it stay where they are looked at one
by one for a reason; so do ballots, of which it says what they came to. People stand with their
masked names, and in what officers typed phones, numbers of papers and flats are masked.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.cover import SURVEY_NAMES, SurveyResult
from backend.domain.deadlines import DEADLINE_STATE_NAMES
from backend.domain.ledger import HOLD_NAMES
from backend.domain.masking import masked_text
from backend.domain.money import yuan
from backend.domain.objection import (
    KINDS,
    STATUS_NAMES,
    ObjectionStatus,
    answer_in_full,
    as_published,
)
from backend.domain.ordered import MOST_BOUND
from backend.domain.papers import PAPER_NAMES
from backend.domain.public_notice import NOTICE_STATE_NAMES
from backend.domain.roles import APPLICANT_ROLES, CASE_OFFICERS, ROLE_NAMES, Role
from backend.domain.routes.catalogue import action_name, limit_title, state_name
from backend.domain.steps import NAMED_BALLOTS
from backend.domain.voting import VOTE_OUTCOME_NAMES, Result
from backend.domain.wording import cover_period, day_ends, minute, plain_day, until
from backend.pictures.case_file import BoundPaper, CaseFile, Section
from backend.services.base.access import require
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.batches.batches import STATE_NAMES as PAYMENT_NAMES
from backend.services.case.case import Case, see_case
from backend.services.reads.cases import plan_words
from backend.store.purchases import Policy
from backend.store.queries import case_files
from backend.store.queries.case_files import GivenFile
from backend.store.queries.cases import (
    CaseLift,
    deadlines_of,
    lifts_of,
    objections_of,
    plan_of,
    transitions_of,
)
from backend.store.queries.papers import Paper, papers_of
from backend.store.registry import Insurer

TITLE = "案卷"
# Who only watches orders nothing, and reads the papers where they are.
BINDERS = CASE_OFFICERS | {Role.ADMINISTRATOR}
KEEP_INSIDE = (
    "本案卷供中心存档，内含个人信息：资料为原件，签名等处有姓名。请按档案管理规定保管，不要转发。",
    "异议只写编号、类别、情况和公布的答复；原文、异议人和随附的材料不在内，需要时在工作台逐件说明理由查看。",
    "经过中的人员姓名只写一部分；录入的文字中，电话、证件号码和门牌已隐去。",
    "资料的原件以 SHA-256 校验值为准；附在后面的页上，电子签名不再有效。",
)
TOO_MUCH = "全部资料已经太大，这一份没有附上，请在工作台的案件页下载，以校验值为准。"
BALLOTS = "表决票写着各位业主投了什么，没有附上；经办、复核和审计需要时在工作台的案件页查看。"
NOT_THERE = "这份文件不在文件库里，没有附上，请报告系统管理员。"


@dataclass(frozen=True)
class ToBind:
    """What is said, and of each paper the file that is bound (SHA-256), if one is."""

    case_file: CaseFile
    files: Sequence[str | None]


def case_for_archive(tx: Session, ctx: Context, actor: Actor, purchase_id: UUID) -> Case:
    """The case, for an officer of the centre; raises Refused `not_found`, `role_required`."""
    case = see_case(tx, ctx, actor, purchase_id)
    require(case.held, sorted(BINDERS))
    return case


def case_file_of(case: Case) -> ToBind:
    """Everything of the case that is bound, as it stands now."""
    tx, purchase = case.tx, case.purchase
    lifts = lifts_of(tx, purchase)
    public = [purchase.number, *(lift.registration_code for lift in lifts)]

    def typed(words: str) -> str:
        return masked_text(words, (), public)

    papers, files = _papers(case, typed)
    case_file = CaseFile(
        title=TITLE,
        number=purchase.number,
        as_of=purchase.updated_at,
        facts=_facts(case),
        about=KEEP_INSIDE,
        sections=[
            Section("电梯", _lifts(lifts)),
            Section("保险方案", _plan(case)),
            *_votes(case),
            Section("经过", _steps(case, typed)),
            Section("期限", _limits(case)),
            Section("资金", _money(case, typed)),
            Section("公示", _notices(case)),
            Section("异议", _objections(case)),
        ],
        papers=papers,
    )
    return ToBind(case_file, files)


def _facts(case: Case) -> list[tuple[str, str]]:
    purchase, tx = case.purchase, case.tx
    route = case.profile.routes.get(purchase.route)
    insurer = tx.get(Insurer, purchase.insurer_id) if purchase.insurer_id else None
    policy = tx.get(Policy, purchase.policy_id) if purchase.policy_id else None
    found = [
        ("中心", case.profile.centre.name.value),
        ("小区", case.place),
        ("途径", route.name if route else purchase.route),
        ("申请人", ROLE_NAMES[APPLICANT_ROLES[purchase.applicant]]),
        ("现在", state_name(purchase.state)),
        ("开始", minute(purchase.started_at)),
        ("最近变动", minute(purchase.updated_at)),
    ]
    found += [("保险机构", insurer.name)] if insurer else []
    if policy:
        found.append(("保险单", f"{policy.number}，保费{yuan(policy.premium_fen)}"))
        found.append(("保障期间", cover_period(policy.cover_from, policy.cover_last_day)))
    return found


def _lifts(lifts: Sequence[CaseLift]) -> list[tuple[str, str]]:
    rows = []
    for lift in lifts:
        words = [
            f"{lift.building}{lift.unit}{lift.name}",
            f"查勘：{SURVEY_NAMES[SurveyResult(lift.survey)]}" if lift.survey else "未查勘",
        ]
        words += [lift.findings] if lift.findings else []
        words += [] if lift.premium_fen is None else [f"保费{yuan(lift.premium_fen)}"]
        rows.append((lift.registration_code, "，".join(words)))
    return rows


def _plan(case: Case) -> Sequence[tuple[str, str]]:
    plan = plan_of(case.tx, case.purchase)
    return [*plan_words(plan), ("保费", yuan(plan.premium_fen))] if plan else ()


def _steps(case: Case, typed: Callable[[str], str]) -> list[tuple[str, str]]:
    steps = transitions_of(case.tx, case.purchase.id)
    people = case_files.people_of(case.tx, (step.actor_id for step in steps))
    rows = []
    for step in steps:
        person = people.get(step.actor_id) if step.actor_id else None
        who = ROLE_NAMES[Role(step.role)]
        who += f" {shown_name(case.ctx.cipher, person)}" if person else ""
        words = [f"{minute(step.at)}，{who}", f"之后：{state_name(step.to_state)}"]
        words += [] if step.amount_fen is None else [yuan(step.amount_fen)]
        words += [f"理由：{typed(step.reason)}"] if step.reason else []
        rows.append((f"{step.seq}. {action_name(step.action)}", "；".join(words)))
    return rows


def _limits(case: Case) -> list[tuple[str, str]]:
    rows = []
    for limit in deadlines_of(case.tx, case.purchase.id):
        words = [
            f"{DEADLINE_STATE_NAMES[limit.state]}，自{plain_day(limit.started_on)}起",
            f"截至{until(limit.ends_before)}{'（暂定）' if limit.provisional else ''}",
            *(reason["text"] for reason in limit.explanation),
        ]
        rows.append((limit_title(limit.kind), "；".join(words)))
    return rows


def _money(case: Case, typed: Callable[[str], str]) -> list[tuple[str, str]]:
    tx, of = case.tx, case.purchase.id
    rows = [
        (
            "冻结",
            f"{minute(hold.placed_at)}，{hold.account}（{hold.number}）{yuan(hold.amount_fen)}，"
            f"{HOLD_NAMES[hold.state]}"
            + (f"，{minute(hold.settled_at)}" if hold.settled_at else ""),
        )
        for hold in case_files.holds_of(tx, of)
    ]
    for _, lines in groupby(case_files.lines_of(tx, of), lambda line: line.entry_id):
        booked = list(lines)
        sides = (
            f"{'借' if line.amount_fen > 0 else '贷'} {line.account}（{line.number}）"
            f"{yuan(abs(line.amount_fen))}"
            for line in booked
        )
        words = "；".join((typed(booked[0].memo), *sides))
        rows.append(("记账", f"{plain_day(booked[0].booked_on)}，{words}"))
    for paid in case_files.payments_of(tx, of):
        words = f"{minute(paid.ordered_at)}通知银行，{yuan(paid.amount_fen)}付给{paid.payee}，"
        words += PAYMENT_NAMES[paid.state]
        words += f"，回单{paid.bank_reference}" if paid.bank_reference else ""
        rows.append((f"拨付 {paid.number}", words))
    return rows


def _notices(case: Case) -> list[tuple[str, str]]:
    rows = []
    for notice in case_files.notices_of(case.tx, case.purchase.id):
        words = [NOTICE_STATE_NAMES[notice.state], f"{minute(notice.drafted_at)}生成"]
        if notice.starts_on and notice.ends_on:
            words.append(f"公示{plain_day(notice.starts_on)}至{day_ends(notice.ends_on)}")
        places = "、".join(place["name"] for place in notice.places)
        words += [f"张贴：{places}", f"文本校验码 {notice.content_hash}"]
        rows.append((notice.number, "；".join(words)))
    return rows


def _votes(case: Case) -> Sequence[Section]:
    """Every vote of the owners: what it came to, and the digests by which it is counted again."""
    rows = []
    for vote in case_files.votes_of(case.tx, case.purchase.id):
        words = [f"{minute(vote.opened_at)}发起"]
        words += [f"{until(vote.closes_at)}截止"] if vote.closes_at else []
        words.append(f"名册校验码 {vote.roll_digest}")
        if vote.result:
            words += [each.rstrip("。") for each in Result.of(vote.result).sentences]
            words.append(f"表决票校验码 {vote.result['ballots_digest']}")
        rows.append(
            (VOTE_OUTCOME_NAMES[vote.outcome] if vote.outcome else "进行中", "；".join(words))
        )
    return [Section("业主表决", rows)] if rows else []


def _objections(case: Case) -> list[tuple[str, str]]:
    rows = []
    for row in objections_of(case.tx, case.purchase.id):
        answer = as_published(answer_in_full(row.answer, row.dismissal), row.taken_down)
        words = [
            f"对公示{row.notice_number}，{KINDS[row.kind]}，{minute(row.received_at)}收到",
            STATUS_NAMES[ObjectionStatus(row.status)],
            f"答复：{answer}" if answer else "还没有答复",
        ]
        rows.append((row.number, "；".join(words)))
    return rows


def _papers(
    case: Case, typed: Callable[[str], str]
) -> tuple[Sequence[BoundPaper], Sequence[str | None]]:
    """The papers in the order of the case's page, and which files are bound: each once, as long as
    all of them together are not too much."""
    papers = papers_of(case.tx, case.purchase.id)
    given = case_files.given_files(case.tx, (paper.file_sha256 or "" for paper in papers))
    ids = (paper.given_by or _giver(given, paper) for paper in papers)
    people = case_files.people_of(case.tx, ids)
    names = {each.id: shown_name(case.ctx.cipher, each) for each in people.values()}
    bound, files = [], []
    for paper, (sha256, note) in zip(papers, _bound(case, papers, given), strict=True):
        known = given.get(paper.file_sha256 or "")
        who = names.get(paper.given_by or _giver(given, paper) or UUID(int=0), "")
        at = paper.at or (known.given_at if known else None)
        number = f" {paper.number}" if paper.number else ""
        bound.append(
            BoundPaper(
                title=f"{PAPER_NAMES[paper.kind]}{number}",
                given="，".join(filter(None, (who, minute(at) if at else ""))),
                sha256=paper.file_sha256 or "",
                media_type=known.media_type if known else "",
                words=typed(paper.statement) if paper.statement else "",
                note=note,
            )
        )
        files.append(sha256)
    return bound, files


def _giver(given: Mapping[str, GivenFile], paper: Paper) -> UUID | None:
    known = given.get(paper.file_sha256 or "")
    return known.given_by if known else None


def _bound(
    case: Case, papers: Sequence[Paper], given: Mapping[str, GivenFile]
) -> Iterator[tuple[str | None, str]]:
    """Of each paper the file that is bound, or why it is not."""
    bound_as: dict[str, int] = {}
    left = MOST_BOUND
    for nth, paper in enumerate(papers, 1):
        sha256 = paper.file_sha256
        known = given.get(sha256 or "")
        if sha256 is None:
            yield None, ""
        elif paper.kind in NAMED_BALLOTS:
            yield None, BALLOTS
        elif sha256 in bound_as:
            yield None, f"与资料{bound_as[sha256]}是同一份文件，见那里。"
        elif known is None or not case.ctx.files.path(sha256).exists():
            yield None, NOT_THERE
        elif known.size_bytes > left:
            yield None, TOO_MUCH
        else:
            bound_as[sha256] = nth
            left -= known.size_bytes
            yield sha256, ""
