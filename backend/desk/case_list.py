"""案件: the list, whose address says everything that narrows it; a case keeps it in its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from backend.desk import gate, lists
from backend.desk.pages import page
from backend.domain.local_time import local_date
from backend.domain.money import decimal_yuan
from backend.domain.roles import APPLICANT_ROLES, ROLE_NAMES
from backend.domain.routes.catalogue import is_state, state_name
from backend.domain.states import STATE_NAMES
from backend.http.parts import context
from backend.services.reads.case_list import SORTS, PlaceInList, page_of, place_of, whole_list
from backend.store.queries.case_list import CaseFilter

MOMENT = timedelta(microseconds=1)
routes = Blueprint("case_list", __name__, url_prefix=f"{gate.PREFIX}/cases")
HEADINGS = (
    "编号",
    "小区",
    "状态",
    "申请人",
    "最近的期限（最后一日）",
    "电梯（台）",
    "保费（元）",
    "最近进展",
)


@dataclass(frozen=True)
class Asked:
    """A list as an address asks for it; `narrowing` is what of it narrows the list."""

    states: Sequence[str]
    words: str
    overdue: bool
    sort: str

    @property
    def narrowing(self) -> Mapping[str, Any]:
        """What of the address narrows the list."""
        return {
            **({"state": self.states} if self.states else {}),
            **({"words": self.words} if self.words else {}),
            **({"overdue": "1"} if self.overdue else {}),
        }

    @property
    def chosen(self) -> CaseFilter:
        """The same as the service takes it."""
        return CaseFilter(self.states, self.words, context().clock() if self.overdue else None)

    @property
    def active(self) -> Sequence[str]:
        """What narrows the list, in words."""
        found = [state_name(state) for state in self.states]
        found += [f"含“{self.words}”"] if self.words else []
        return found + (["已逾期"] if self.overdue else [])


def asked() -> Asked:
    """The list that this address asks for."""
    sort = request.args.get("sort", "")
    return Asked(
        [state for state in request.args.getlist("state") if is_state(state)],
        lists.words(),
        request.args.get("overdue") == "1",
        sort if sort in SORTS else SORTS[0],
    )


def kept_list() -> Mapping[str, Any]:
    """What the address of a case repeats of the list that it was opened from, if it was."""
    return {**asked().narrowing, "sort": asked().sort} if "sort" in request.args else {}


@dataclass(frozen=True)
class Beside:
    """A case in the list that it was opened from: where, and the addresses around it."""

    place: PlaceInList | None
    whole: str
    before: str | None
    after: str | None


def beside(purchase_id: UUID) -> Beside | None:
    """What stands beside a case in the list that its address names; None where it names none."""
    its_list = kept_list()
    if not its_list:
        return None
    place = place_of(context(), gate.me(), asked().chosen, asked().sort, purchase_id)

    def address(case: UUID | None) -> str | None:
        return url_for("case.case", purchase_id=case, **its_list) if case else None

    return Beside(
        place,
        url_for("case_list.cases", **its_list),
        address(place.before) if place else None,
        address(place.after) if place else None,
    )


@routes.get("")
def cases() -> Response:
    """Fifty a page, sorted by what is due first."""
    this = asked()
    found = page_of(context(), gate.me(), this.chosen, this.sort, lists.page_number())
    return page(
        "cases.html",
        found=found,
        states=STATE_NAMES,
        state_name=state_name,
        applicant_name=_applicant,
        asked=this,
        opened={**this.narrowing, "sort": this.sort},
        export=url_for("case_list.export", **this.narrowing, sort=this.sort),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    this = asked()
    rows = whole_list(context(), gate.me(), this.chosen, this.sort)
    cells = [
        (
            row.number,
            row.estate,
            state_name(row.state),
            _applicant(row.applicant),
            local_date(row.due - MOMENT) if row.due else None,
            row.lifts,
            None if row.premium_fen is None else decimal_yuan(row.premium_fen),
            row.updated_at,
        )
        for row in rows
    ]
    return lists.workbook("案件", HEADINGS, cells, this.active)


def _applicant(kind: str) -> str:
    return ROLE_NAMES[APPLICANT_ROLES[kind]]
