"""我的授权: what one may do, in words; the work is passed on for a time (代办) and taken back."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.forms import Field, Known
from backend.desk.one_form import OneForm
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.local_time import midnight_after
from backend.http.parts import context
from backend.services.base.access import nothing_there
from backend.services.lists.rights import CITY, COMMAND_LINE
from backend.services.people import delegations, grants
from backend.services.reads.people_pages import my_rights

routes = Blueprint("my_rights", __name__, url_prefix=f"{gate.PREFIX}/my-rights")
FIELDS = (
    Field("person_id", "由谁代办", Kind.ID, "同类的其他在任人员；姓名只显示一部分，后面是编号尾。"),
    Field("until", "代办到哪一天", Kind.DAY, "含当日，到时自动结束；不能晚于您本人的授权。"),
)
DONE = {"lent": "已委托代办", "ended": "代办已结束"}


@routes.get("")
def mine() -> Response:
    """What this person may do, and who stands in for them."""
    return page(
        "my_rights.html",
        view=my_rights(context(), gate.me()),
        city=CITY,
        command_line=COMMAND_LINE,
        done=DONE.get(request.args.get("done", "")),
    )


@routes.get("/<uuid:grant_id>/delegation")
def delegation(grant_id: UUID) -> Response:
    """The form for letting another one stand in."""
    return _delegation(grant_id).begun()


@routes.post("/<uuid:grant_id>/delegation")
def delegate(grant_id: UUID) -> Response | Redirect:
    """They stand in until the end of that day."""
    me, form = gate.me(), _delegation(grant_id)
    wrong = form.done(
        lambda part, given: delegations.delegate(
            part, me, grant_id, given["person_id"], midnight_after(given["until"])
        )
    )
    return wrong or go("my_rights.mine", done="lent")


@routes.post("/<uuid:grant_id>/delegation-end")
def end(grant_id: UUID) -> Redirect:
    """What another one holds in this person's stead ends now."""
    gate.check_form()
    if not any(each.id == grant_id for each in my_rights(context(), gate.me()).lent):
        raise nothing_there("代办")
    grants.revoke(context(), gate.me(), grant_id)
    return go("my_rights.mine", done="ended")


def _delegation(grant_id: UUID) -> OneForm:
    found = delegations.fit_delegates(context(), gate.me(), grant_id)
    right = next(each for each in my_rights(context(), gate.me()).rights if each.id == grant_id)
    choices = [(str(each), f"{name}（{each.hex[-4:]}）") for each, name in found.items()]
    return OneForm(
        "委托代办",
        ((url_for("my_rights.mine"), "我的授权"),),
        FIELDS,
        "他马上可以替您办理，办的事同时算您办的：经办、复核、出纳仍须是不同的人。您可以随时结束。",
        about=f"{right.role_name}　{right.scope or CITY}",
        known=Known(choices={"person_id": choices}),
    )
