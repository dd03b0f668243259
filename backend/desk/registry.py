"""What the registry keeps is set right: a lift's code and life, names of places, who manages alone.

Each is one form with its reason; who may enter it is for the service to say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, gate, shown
from backend.desk.forms import Field, Given, Known
from backend.desk.pages import page
from backend.desk.values import Kind
from backend.domain.errors import Refusal
from backend.http.parts import context
from backend.services.base.access import nothing_there, require
from backend.services.base.context import Actor, Context
from backend.services.reads.estate_pages import EstatePage, read_estate
from backend.services.registry import lifts, management, places

routes = Blueprint(
    "registry", __name__, url_prefix=f"{gate.PREFIX}/estates/<uuid:estate_id>/<kind>/<uuid:of>"
)
REASON = Field(
    "reason", "理由", hint="写明依据，例如使用登记证、检验报告或改名批文。理由留在审计链里。"
)
KEEPERS = lifts.KEEPERS


@dataclass(frozen=True)
class RegistryForm:
    """What a form sets right: its fields, what follows, and the service that does it."""

    title: str
    follows: str
    fields: tuple[Field, ...]
    take: Callable[[Context, Actor, UUID, Given], object]


def _retire(ctx: Context, me: Actor, lift: UUID, given: Given) -> None:
    lifts.retire(ctx, me, lift, given["on"], given["reason"], given["replaced_by"])


# By what it is about and the word in its address.
FORMS: Mapping[tuple[str, str], RegistryForm] = {
    ("lift", "code"): RegistryForm(
        "更正注册代码",
        "以后按新代码查找和办理；已签的文件和已印的海报仍是原来的代码，按原代码也查得到。",
        (Field("registration_code", "正确的注册代码", Kind.LINE), REASON),
        lambda ctx, me, lift, given: lifts.correct_code(
            ctx, me, lift, given["registration_code"], given["reason"]
        ),
    ),
    ("lift", "stop"): RegistryForm(
        "登记停用",
        "停用期间，需要电梯在用的步骤不能办理；恢复使用后再登记恢复。",
        (Field("since", "从哪一天起停用", Kind.DAY), REASON),
        lambda ctx, me, lift, given: lifts.stop(ctx, me, lift, given["since"], given["reason"]),
    ),
    ("lift", "restart"): RegistryForm(
        "登记恢复使用",
        "这台电梯恢复使用，等它的步骤可以接着办。",
        (REASON,),
        lambda ctx, me, lift, given: lifts.restart(ctx, me, lift, given["reason"]),
    ),
    ("lift", "retire"): RegistryForm(
        "登记拆除",
        "不能撤回。电梯上的码作废；相关案件的申请人、保险机构和中心会收到通知，"
        "已付保费由出纳向保险机构询问剩余部分。",
        (
            Field("on", "哪一天拆除", Kind.DAY),
            Field("replaced_by", "由哪台电梯代替", Kind.ID, "须在同一栋楼、已经导入。", True),
            REASON,
        ),
        _retire,
    ),
    ("building", "name"): RegistryForm(
        "楼栋改名",
        "以后显示新名称；已公示、已签署的仍是当时的名称。",
        (Field("name", "新的名称", Kind.WORDS), REASON),
        lambda ctx, me, building, given: places.rename_building(
            ctx, me, building, given["name"], given["reason"]
        ),
    ),
    ("unit", "name"): RegistryForm(
        "单元改名",
        "以后显示新名称；已公示、已签署的仍是当时的名称。",
        (Field("name", "新的名称", Kind.WORDS), REASON),
        lambda ctx, me, unit, given: places.rename_unit(
            ctx, me, unit, given["name"], given["reason"]
        ),
    ),
    ("estate", "manager"): RegistryForm(
        "登记单独管理的产权人",
        "只用于没有物业服务企业的小区。不填产权人表示以后没有人单独管理。",
        (Field("manager", "单独管理的产权人和依据", optional=True), REASON),
        lambda ctx, me, estate, given: management.set_sole_manager(
            ctx, me, estate, given["manager"], given["reason"]
        ),
    ),
}


@routes.get("/<what>")
def form(estate_id: UUID, kind: str, of: UUID, what: str) -> Response:
    """The form of one thing that is set right, with what the registry says now."""
    view, entry, about = _found(estate_id, kind, of, what)
    return _page(view, entry, about, shown.begun(entry.fields, _known(view, of)), 200)


@routes.post("/<what>")
def take(estate_id: UUID, kind: str, of: UUID, what: str) -> Response | Redirect:
    """Set it right, once."""
    view, entry, about = _found(estate_id, kind, of, what)

    def again(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        found = shown.Form(entry.fields, _known(view, of), typed, refusals)
        return _page(view, entry, about, found, status)

    me = gate.me()
    wrong = asking.done(entry.fields, lambda part, given: entry.take(part, me, of, given), again)
    done = url_for("estates.estate", estate_id=estate_id, done=f"{kind}.{what}")
    return wrong or redirect(done, 303)


def done_words(done: str) -> str:
    """What was set right just now, if the address says so."""
    kind, _, what = done.partition(".")
    entry = FORMS.get((kind, what))
    return f"已办理：{entry.title}" if entry else ""


def _found(estate_id: UUID, kind: str, of: UUID, what: str) -> tuple[EstatePage, RegistryForm, str]:
    """The estate, the entry, and what it is about in words; only of what stands there, and for who
    may set it right."""
    view = read_estate(context(), gate.me(), estate_id)
    entry = FORMS.get((kind, what))
    about = {
        "lift": {
            each.id: f"{each.building} {each.unit} {each.name}，注册代码{each.registration_code}"
            for each in view.lifts
        },
        "building": {each.building_id: each.building for each in view.units},
        "unit": {each.unit_id: f"{each.building} {each.unit}" for each in view.units},
        "estate": {view.estate.id: view.estate.sole_manager or "现在没有人单独管理"},
    }.get(kind, {})
    if entry is None or of not in about:
        raise nothing_there()
    if not gate.holds(*KEEPERS):
        require((), KEEPERS)
    return view, entry, about[of]


def _known(view: EstatePage, lift_id: UUID) -> Known:
    others = [
        (str(each.id), f"{each.building} {each.unit} {each.name} {each.registration_code}")
        for each in view.lifts
        if each.id != lift_id
    ]
    return Known(choices={"replaced_by": others})


def _page(
    view: EstatePage, entry: RegistryForm, about: str, found: shown.Form, status: int
) -> Response:
    return page("registry_form.html", status, view=view, entry=entry, about=about, form=found)
