"""今日待办: what this person has to see to, the most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.pages import page
from backend.domain.local_time import local_date, midnight_after
from backend.domain.period_locks import lock_change
from backend.http.parts import context
from backend.services.people import desk_accounts
from backend.services.people.handing_over import handed_to
from backend.services.reads.objection_pages import count_open
from backend.services.reads.people_pages import ending_soon
from backend.services.reads.todos import Todo, my_todos
from backend.services.reads.whose_turn import SHOWN

routes = Blueprint("today", __name__)
DONE = {"confirmed": "已确认", "turned-down": "已退回"}


@dataclass(frozen=True)
class Group:
    """To-dos under one heading."""

    title: str
    mark: str
    todos: Sequence[Todo]


@routes.get("/")
def front() -> Redirect:
    """There is nothing else on this host."""
    return redirect(url_for("today.today"), 303)


@routes.get(f"{gate.PREFIX}/")
def today() -> Response:
    """Mine by urgency, then what others must do in cases of mine."""
    found = my_todos(context(), gate.me())
    ending, ending_of_others = ending_soon(context(), gate.me())
    return page(
        "today.html",
        groups=_groups(found.items),
        unattended=found.unattended,
        successions=found.successions,
        payee_changes=found.payee_changes,
        opening_corrections=found.opening_corrections,
        deposit_interest=found.deposit_interest,
        interest_undos=found.interest_undos,
        period_lock=found.period_lock,
        paper_entries=found.paper_entries,
        letters_due=found.letters_due,
        most_letters=SHOWN,
        bank_transfers=found.bank_transfers,
        past_income=found.past_income,
        year_closes=found.year_closes,
        open_objections=count_open(context(), gate.me()),
        unpaid_deposits=found.unpaid_deposits,
        rests=found.rests,
        accounts=desk_accounts.to_confirm(context(), gate.me()),
        ending=ending,
        ending_of_others=ending_of_others,
        handed=handed_to(context(), gate.me()),
        cut=SHOWN if len({todo.purchase_id for todo in found.items}) >= SHOWN else 0,
        lock_change=lock_change,
        done=DONE.get(request.args.get("done", "")),
    )


def near(now: datetime) -> datetime:
    """An end until then is marked as near at `now`: within three days after today."""
    return midnight_after(local_date(now)) + timedelta(days=3)


def _groups(todos: Sequence[Todo]) -> Sequence[Group]:
    now = context().clock()
    tonight, soon = midnight_after(local_date(now)), near(now)
    late, this_day, in_days, later, others = [], [], [], [], []
    for todo in todos:
        if not todo.mine:
            others.append(todo)
        elif todo.overdue:
            late.append(todo)
        elif todo.due and todo.due <= tonight:
            this_day.append(todo)
        elif todo.due and todo.due <= soon:
            in_days.append(todo)
        else:
            later.append(todo)
    groups = (
        Group("已逾期", "late", late),
        Group("今天到期", "soon", this_day),
        Group("三天内到期", "soon", in_days),
        Group("以后", "", later),
        Group("等别人办理", "", others),
    )
    return [group for group in groups if group.todos]
