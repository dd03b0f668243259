"""我的文件: bound cases and long lists, which a worker makes; each fetch is a form, on record."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, request, send_file
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate, lists, once
from backend.desk.pages import go, page
from backend.domain.local_time import local_date
from backend.domain.ordered import KEPT
from backend.http.frame import API_POLICY
from backend.http.parts import context, parts
from backend.services.base.context import Context
from backend.services.base.paging import MOST_EXPORTED
from backend.services.ordered import orders

routes = Blueprint("ordered", __name__, url_prefix=gate.PREFIX)


@routes.get("/ordered")
def mine() -> Response:
    """What this person ordered, the latest first."""
    return page(
        "ordered.html",
        found=orders.page_of_mine(context(), gate.me(), lists.page_number()),
        kept=KEPT.days,
        most=f"{MOST_EXPORTED:,}",
        done="已下单，正在生成" if request.args.get("done") else "",
    )


@routes.post("/cases/<uuid:purchase_id>/case-file")
def case_file(purchase_id: UUID) -> Redirect:
    """Have a case bound, once."""
    gate.check_form()
    me = gate.me()
    found: list[UUID] = []

    def write(part: Context, _: object) -> None:
        found.append(orders.order_case_file(part, me, purchase_id))

    once.do_once((), write)
    parts().wake_printing(found)
    return go("case.case", purchase_id=purchase_id, _anchor="bound")


@routes.post("/lists/<name>/order")
def long_list(name: str) -> Redirect:
    """Have a list written as this address narrows it, once."""
    gate.check_form()
    me = gate.me()
    found: list[UUID] = []

    def write(part: Context, _: object) -> None:
        found.append(orders.order_list(part, me, name, lists.address()))

    once.do_once((), write)
    parts().wake_printing(found)
    return go("ordered.mine", done="1")


@routes.post("/ordered/<uuid:order_id>")
def fetch(order_id: UUID) -> Response:
    """The file, to be saved; it runs nowhere."""
    gate.check_form()
    file = orders.fetch(context(), gate.me(), order_id)
    response = send_file(file.where, file.media_type, as_attachment=True)
    name = quote(f"{file.name}-{local_date(context().clock()):%Y%m%d}{file.ending}")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = API_POLICY
    return response
