"""A step or an activity at the desk: what its form asks for, and the service that does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from backend.desk.forms import NOTHING, Choices, Field, Given, Known, Row
from backend.desk.values import YES, Kind
from backend.services.base.context import Actor, Context
from backend.services.reads.cases import CaseView
from backend.services.reads.lookups import list_insurers

Take = Callable[[Context, Actor, UUID, Given], object]
Knows = Callable[[Context, Actor, CaseView], Known]

PHOTO_OR_PDF = "照片或 PDF，不超过 25 MB。"
RECEIVED = Field("received_at", "中心收到的时间", Kind.MOMENT)
REASON = Field(
    "reason", "理由", hint="写清楚为什么、要对方做什么。理由留在案卷里，有关的人会看到。"
)


def _nothing(ctx: Context, actor: Actor, view: CaseView) -> Known:
    return NOTHING


@dataclass(frozen=True)
class Act:
    """What the form of a step asks for, what is in it already, and the service that takes it."""

    fields: tuple[Field, ...]
    take: Take
    knows: Knows = field(default=_nothing)


def plain(take: Callable[[Context, Actor, UUID], object]) -> Act:
    """A step that asks for nothing."""
    return Act((), lambda ctx, actor, case, given: take(ctx, actor, case))


def with_reason(take: Callable[[Context, Actor, UUID, str], object]) -> Act:
    """A step that asks why."""
    return Act((REASON,), lambda ctx, actor, case, given: take(ctx, actor, case, given["reason"]))


def with_file(
    take: Callable[[Context, Actor, UUID, str], object], label: str, hint: str = PHOTO_OR_PDF
) -> Act:
    """A step that asks for one paper."""
    scan = Field("file_sha256", label, Kind.FILE, hint)
    return Act((scan,), lambda ctx, actor, case, given: take(ctx, actor, case, given[scan.name]))


def lift_choices(view: CaseView) -> Choices:
    """The lifts of a case by id."""
    return [(str(lift.id), f"{lift.building} {lift.unit} {lift.name}") for lift in view.lifts]


def by_code(view: CaseView) -> Choices:
    """The lifts of a case by the code on their papers."""
    return [(row.code, f"{row.words} {row.code}") for row in lift_rows(view)]


def all_ticked(name: str, choices: Choices) -> dict[str, str]:
    """Each box of several as it stands before anybody types."""
    return {f"{name}.{value}": YES for value, _ in choices}


def lift_rows(view: CaseView) -> Sequence[Row]:
    """The lifts of a case as rows of a table."""
    return [
        Row(str(lift.id), f"{lift.building} {lift.unit} {lift.name}", lift.registration_code)
        for lift in view.lifts
    ]


def insurer_choices(ctx: Context) -> Choices:
    """The insurers of the city, those that are selected first."""
    found = sorted(list_insurers(ctx), key=lambda each: not each.selected)
    return [
        (str(each.id), each.name if each.selected else f"{each.name}（不在遴选名单）")
        for each in found
    ]
