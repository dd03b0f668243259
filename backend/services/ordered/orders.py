"""What somebody ordered at the desk: bound cases and long lists, until they are fetched and gone.

Nothing is made here: `making` does that. To order and to fetch are links of the audit chain; to
look how far it is, is none.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256 as digest
from pathlib import Path
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused, refuse
from backend.domain.ordered import KEPT, OrderedKind, OrderedState
from backend.services.base import audit
from backend.services.base.access import check_let_in, nothing_there
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.base.paging import Paged, paged
from backend.services.case.case import see_case
from backend.services.lists.desk_list import Address, Narrowed
from backend.services.lists.every import LISTS
from backend.services.ordered.case_files import BINDERS, TITLE, case_for_archive
from backend.store.notices import StoredFile
from backend.store.ordered import OrderedFile
from backend.store.people import Person
from backend.store.queries import ordered

ENDINGS = {OrderedKind.CASE_FILE: ".pdf", OrderedKind.LIST: ".xlsx"}
OF_A_CASE = 3  # so many are shown beside a case


@dataclass(frozen=True)
class ShownOrder:
    """An order as a page shows it: what it is, by whom and when, how far it is, until when its file
    can be fetched, or why there is none."""

    id: UUID
    title: str
    kind: OrderedKind
    purchase_id: UUID | None
    ordered_by: str
    ordered_at: datetime
    state: OrderedState
    done: int
    total: int
    kept_until: datetime
    failure: str | None

    @property
    def percent(self) -> int:
        """How far it is, of a hundred."""
        return 100 * self.done // max(self.total, 1)


@dataclass(frozen=True)
class Fetched:
    """A file to be saved: what it is called, how that ends, what it is, where it lies."""

    name: str
    ending: str
    media_type: str
    sha256: str
    where: Path


def order_case_file(ctx: Context, actor: Actor, purchase_id: UUID) -> UUID:
    """Have everything of a case bound; the same order again, while it is worked on, is the same.

    Raises Refused `not_found`, `role_required`.
    """
    with ctx.sessions() as tx:
        case = case_for_archive(tx, ctx, actor, purchase_id)
        found = _order(
            tx,
            ctx,
            actor,
            kind=OrderedKind.CASE_FILE,
            title=f"{TITLE} {case.purchase.number}",
            purchase_id=purchase_id,
            asked={},
        )
        tx.commit()
    return found


def order_list(ctx: Context, actor: Actor, name: str, address: Address) -> UUID:
    """Have a list of the desk written, as this address narrows it; the same order again, while it
    is worked on, is the same.

    Raises Refused `not_found`, and as the list does for whom it is not for.
    """
    if name not in LISTS:
        raise nothing_there("清单")
    chosen = LISTS[name]
    narrowed = chosen.narrowed(ctx, actor, address)
    _check_for(narrowed)
    asked = {"list": name, "address": dict(narrowed.address)}
    title = "，".join([chosen.title, *narrowed.active])
    with ctx.sessions() as tx:
        found = _order(
            tx,
            ctx,
            actor,
            kind=OrderedKind.LIST,
            title=title,
            purchase_id=None,
            asked=asked,
        )
        tx.commit()
    return found


def _order(
    tx: Session,
    ctx: Context,
    actor: Actor,
    *,
    kind: OrderedKind,
    title: str,
    purchase_id: UUID | None,
    asked: Mapping[str, object],
) -> UUID:
    now, order_id = ctx.clock(), uuid7()
    words = json.dumps([kind, str(purchase_id), asked], ensure_ascii=False, sort_keys=True)
    row = {
        "id": order_id,
        "kind": kind,
        "title": title,
        "purchase_id": purchase_id,
        "asked": asked,
        "same": digest(words.encode()).hexdigest(),
        "state": OrderedState.OPEN,
        "done": 0,
        "total": 1,
        "attempts": 0,
        "ordered_by": actor.person_id,
        "ordered_at": now,
    }
    fresh = insert(OrderedFile).values(row).on_conflict_do_nothing()
    if tx.scalar(fresh.returning(OrderedFile.id)) is None:
        there = ordered.open_one(tx, actor.person_id, str(row["same"]))
        if there is not None:
            return there.id
        message = "这份文件刚刚生成好，请在“我的文件”里下载。"
        raise refuse("request_in_progress", message, kind="conflict")
    facts = {"kind": kind} | ({"purchase_id": str(purchase_id)} if purchase_id else {})
    subject = ("ordered_file", order_id)
    audit.append(tx, now, actor.person_id, AuditAction.ORDERED_FILE_OPEN, subject, facts)
    return order_id


def page_of_mine(ctx: Context, actor: Actor, page: int) -> Paged[ShownOrder]:
    """What this person ordered, the latest first, fifty a page."""
    with ctx.sessions() as tx:
        return paged(
            page,
            lambda most: ordered.count_mine(tx, actor.person_id, most),
            lambda skipped, most: [
                _shown(ctx, *row) for row in ordered.mine(tx, actor.person_id, skipped, most)
            ],
        )


def of_case(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[ShownOrder] | None:
    """What was bound of a case, for those who may order it too; None for others."""
    with ctx.sessions() as tx:
        if not see_case(tx, ctx, actor, purchase_id).held & BINDERS:
            return None
        return [_shown(ctx, *row) for row in ordered.of_case(tx, purchase_id, OF_A_CASE)]


def fetch(ctx: Context, actor: Actor, order_id: UUID) -> Fetched:
    """The file: of a case for everybody who may order it, of a list for whoever ordered it. That it
    was fetched is on record.

    Raises Refused `not_found`, `role_required`, `locked_out`, `order_not_done`.
    """
    with ctx.sessions() as tx:
        order = _mine_to_fetch(tx, ctx, actor, order_id)
        if order.file_sha256 is None:
            message = order.failure or "文件还没有生成好，请稍后再下载。"
            raise refuse("order_not_done", message, kind="missing")
        sha256 = order.file_sha256
        file = tx.get_one(StoredFile, sha256)
        facts = {"kind": order.kind, "sha256": sha256}
        subject = ("ordered_file", order.id)
        action = AuditAction.ORDERED_FILE_FETCH
        audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
        fetched = Fetched(
            order.title,
            ENDINGS[order.kind],
            file.media_type,
            sha256,
            ctx.files.path(sha256),
        )
        tx.commit()
    return fetched


def _mine_to_fetch(tx: Session, ctx: Context, actor: Actor, order_id: UUID) -> OrderedFile:
    order = tx.get(OrderedFile, order_id)
    if order is None:
        raise nothing_there("文件")
    if order.purchase_id is not None:
        case_for_archive(tx, ctx, actor, order.purchase_id)
    elif order.ordered_by != actor.person_id:
        raise nothing_there("文件")
    else:
        check_rights_since(tx, ctx, order)
        chosen = LISTS[order.asked["list"]]
        _check_for(chosen.narrowed(ctx, actor, order.asked["address"]))
    return order


def check_rights_since(tx: Session, ctx: Context, order: OrderedFile) -> None:
    """A list holds what whoever ordered it saw: once any of their rights ended since, or they are
    kept out or gone, it is no longer for them. What they may see now, they order anew.

    Raises Refused `role_required`, `locked_out`.
    """
    check_let_in(tx, order.ordered_by)
    if ordered.has_lost_a_right(tx, order.id, ctx.clock()):
        message = "下单以后您的权限有变化，不能再取这份清单，请重新下单。"
        raise refuse("role_required", message, kind="forbidden")


def _check_for(narrowed: Narrowed) -> None:
    """Raises Refused as the list does for whom it is not, or no longer, for."""
    try:
        narrowed.lines(0)
    except Refused as refused:
        if refused.refusals[0].code != "export_too_long":
            raise


def _shown(ctx: Context, order: OrderedFile, person: Person) -> ShownOrder:
    return ShownOrder(
        id=order.id,
        title=order.title,
        kind=order.kind,
        purchase_id=order.purchase_id,
        ordered_by=shown_name(ctx.cipher, person),
        ordered_at=order.ordered_at,
        state=order.state,
        done=order.done,
        total=order.total,
        kept_until=order.ordered_at + KEPT,
        failure=order.failure,
    )
