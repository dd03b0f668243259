"""通报: what stands of the plan, in words and tables, to be sent round as a PDF or a workbook."""

from collections.abc import Sequence

from backend.domain.targets import TARGET_STATUS_NAMES, TargetProgress
from backend.domain.wording import plain_day
from backend.pictures.bulletin import Bulletin, bulletin_pdf
from backend.services.base.context import Context
from backend.services.reads.progress import DistrictProgress, LimitProgress, Progress

TARGETS = ("目标", "最后一日", "目标台数", "有保障", "完成", "情况")
DISTRICTS = ("区县", "小区", "电梯", "有保障", "在办案件", "已逾期")
LIMITS = ("要办的事", "在办案件", "已逾期")


def bulletin_of(ctx: Context, progress: Progress) -> bytes:
    """The bulletin of what stands, as a PDF."""
    sums = progress.sums
    facts = [
        ("电梯", f"{sums.row.lifts}台，有保障{sums.row.covered}台"),
        ("案件", f"在办{sums.at_work}件，其中已逾期{sums.overdue}件"),
    ]
    tables = [
        *([("试点目标", TARGETS, target_lines(progress))] if progress.targets else []),
        ("各区县", DISTRICTS, district_lines(progress)),
        ("正在办理的期限", LIMITS, limit_lines(progress)),
    ]
    bulletin = Bulletin(progress.of, progress.at, ctx.city.centre.name.value, facts, tables)
    return bulletin_pdf(bulletin, ctx.document_fonts)


def target_lines(progress: Progress) -> Sequence[Sequence[str]]:
    """The targets, a line each."""
    return [_target(each) for each in progress.targets]


def district_lines(progress: Progress) -> Sequence[Sequence[str]]:
    """The districts, a line each, and their sums."""
    return [_district(each) for each in (*progress.districts, progress.sums)]


def limit_lines(progress: Progress) -> Sequence[Sequence[str]]:
    """What is to be done, a line each."""
    return [_limit(each) for each in progress.limits]


def _target(of: TargetProgress) -> Sequence[str]:
    return (
        of.name,
        plain_day(of.until),
        f"{of.lifts}台",
        f"{of.covered}台",
        f"{of.percent}%",
        TARGET_STATUS_NAMES[of.status],
    )


def _district(of: DistrictProgress) -> Sequence[str]:
    row = of.row
    return (
        row.district,
        f"{row.estates}个",
        f"{row.lifts}台",
        f"{row.covered}台",
        f"{of.at_work}件",
        f"{of.overdue}件",
    )


def _limit(of: LimitProgress) -> Sequence[str]:
    return (of.title, f"{of.running}件", f"{of.overdue}件")
