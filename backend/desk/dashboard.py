"""看板: pictures with their tables; every figure is the way to the list whose count it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, url_for

from backend.desk import gate
from backend.desk.pages import page
from backend.http.parts import context
from backend.services.reads.dashboard import Dashboard, Figure, read_dashboard

routes = Blueprint("dashboard", __name__, url_prefix=f"{gate.PREFIX}/dashboard")
CASES, OBJECTIONS = "case_list.cases", "objection_list.objections"


@dataclass(frozen=True)
class Line:
    """A figure with the address of its list, and the late ones of it."""

    figure: Figure
    at: str
    late_at: str


@dataclass(frozen=True)
class Picture:
    """Bars beside their figures: `column` names what the lines are, `late` whether some may be."""

    key: str
    title: str
    column: str
    lines: Sequence[Line]
    nothing: str
    late: bool = True
    unit: str = "件"

    @property
    def most(self) -> int:
        """The longest bar."""
        return max((line.figure.number for line in self.lines), default=0)


@routes.get("")
def dashboard() -> Response:
    """All figures as of now."""
    figures = read_dashboard(context(), gate.me())
    return page("dashboard.html", figures=figures, pictures=_pictures(figures))


def _pictures(of: Dashboard) -> Sequence[Picture]:
    nothing = "还没有案件。"
    return (
        Picture("states", "案件现在在哪一步", "状态", _by("state", of.states), nothing),
        Picture("districts", "各区县的案件", "区县", _by("district", of.districts), nothing),
        Picture("insurers", "各保险机构的案件", "保险机构", _by("insurer", of.insurers), nothing),
        Picture(
            "limits",
            "正在办理的期限",
            "要办的事",
            _by("limit", of.limits),
            "现在没有正在计算的期限。",
        ),
        Picture(
            "still",
            "多久没有进展",
            "在办的案件",
            _by("still", of.still) if of.cases else (),
            nothing,
            late=False,
        ),
        Picture(
            "objections",
            "还没有办结的异议",
            "要办的事",
            _by("owed", of.objections, OBJECTIONS),
            "现在没有未办结的异议。",
        ),
        *_messages(of),
    )


def _messages(of: Dashboard) -> Sequence[Picture]:
    found = of.messages
    if found is None:
        return ()
    figures = (
        Figure("failed", "没有送达", found.failed),
        Figure("unknown", "不知是否送达", found.unknown),
    )
    days = {"first": found.first, "last": found.last}
    at: Callable[..., str] = url_for
    lines = [Line(each, at("messages.messages", **days, state=each.key), "") for each in figures]
    title = "最近7天没有送达的消息"
    return (Picture("messages", title, "消息", lines, "", late=False, unit="条"),)


def _by(name: str, figures: Sequence[Figure], to: str = CASES) -> Sequence[Line]:
    """Each figure leads to the list that its key narrows."""
    at: Callable[..., str] = url_for
    return [
        Line(each, at(to, **{name: each.key}), at(to, **{name: each.key, "overdue": 1}))
        for each in figures
    ]
