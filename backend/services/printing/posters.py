"""Posters: drawn from what is true now, read back, kept under the hash of their bytes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.checkpoint import short
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.posters import FileFormat
from backend.domain.public_notice import TO_BE_PRINTED
from backend.pictures.about_sheet import draw_about_sheet
from backend.pictures.cab_card import draw_cab_card
from backend.pictures.export import DeadCode, Finished, finish
from backend.pictures.lobby_notice import draw_lobby_notice
from backend.pictures.sheet import PosterSheet
from backend.pictures.typesetting import DoesNotFit
from backend.services.base import audit, checkpoints
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.live_notice import required_places
from backend.services.case.profiles import profile_of
from backend.services.files.handed_in import SHA256
from backend.services.printing import poster_words
from backend.services.printing.requests import PosterRequest, check_printer
from backend.store.notices import PublicNotice, StoredFile
from backend.store.posters import Poster
from backend.store.purchases import Purchase
from backend.store.queries.files import lock_file
from backend.store.queries.lifts import LiftRow, covers_of, lift_by_token
from backend.store.queries.posters import (
    estate_of_lift,
    token_in_unit,
    valid_token,
)

# The cab card has a paper of its own; only the notice may be larger than A4.
PAPERS = {"cab_card": "A5", "about_sheet": "A4"}


@dataclass(frozen=True)
class Made:
    """A kept poster. `missing` are letters that no font has: it shows 〓 and says so."""

    sha256: str
    media_type: str
    missing: str


@dataclass(frozen=True)
class Ready:
    """Everything a poster needs, read and allowed: what draws it, and the columns of its row."""

    draw: Callable[[], PosterSheet]
    title: str
    format: FileFormat
    columns: dict[str, Any]


def make_poster(ctx: Context, actor: Actor | None, request: PosterRequest, public_url: str) -> Made:
    """Draw and keep a poster; the same one again gives the same hash.

    `actor` is None when the house prints an order. `public_url` begins the address in the code.
    Raises Refused: not_found, role_required, poster_incomplete, place_not_in_notice,
    poster_not_possible, lift_code_missing, poster_too_long.
    """
    with ctx.sessions() as tx:
        ready = _prepare(tx, ctx, actor, request, public_url)
    finished = _finished(ready)
    with ctx.sessions() as tx:
        lock_file(tx, hashlib.sha256(finished.content).hexdigest())
        sha256 = ctx.files.put(finished.content)
        _keep(tx, ctx, actor, ready, finished, sha256)
        tx.commit()
    return Made(sha256, finished.media_type, finished.missing)


def read_poster(ctx: Context, actor: Actor, sha256: str) -> tuple[bytes, str]:
    """The file of a poster and its media type. Raises Refused not_found, role_required."""
    with ctx.sessions() as tx:
        poster = tx.get(Poster, sha256) if SHA256.fullmatch(sha256) else None
        if poster is None:
            raise nothing_there("海报")
        check_printer(tx, ctx, actor, _estate_of(tx, poster), "海报")
        media_type = tx.get_one(StoredFile, sha256).media_type
    return ctx.files.read(sha256), media_type


def _estate_of(tx: Session, poster: Poster) -> UUID:
    if poster.notice_id is not None:
        notice = tx.get_one(PublicNotice, poster.notice_id)
        return tx.get_one(Purchase, notice.purchase_id).estate_id
    found = estate_of_lift(tx, poster.lift_id) if poster.lift_id else None
    assert found is not None
    return found[0]


def _prepare(
    tx: Session, ctx: Context, actor: Actor | None, request: PosterRequest, public_url: str
) -> Ready:
    if request.kind == "lobby_notice":
        return _prepare_notice(tx, ctx, actor, request, public_url)
    if request.lift_id is None:
        raise refuse("poster_incomplete", "请选择要印的电梯。", "lift_id")
    found = estate_of_lift(tx, request.lift_id)
    if found is None:
        raise nothing_there("电梯")
    estate_id, unit_id = found
    if actor is not None:
        check_printer(tx, ctx, actor, estate_id, "电梯")
    token = valid_token(tx, request.lift_id)
    lift = lift_by_token(tx, token) if token else None
    if token is None or lift is None:
        raise refuse(
            "lift_code_missing", "这台电梯没有有效的二维码，请先发码再印。", "lift_id", "conflict"
        )
    address = f"{public_url}/e/{token}"
    return Ready(
        draw=_drawing_of_lift(tx, ctx, request, lift, address),
        title=f"{lift.estate}{lift.building}{lift.unit}{lift.name}",
        format=request.format,
        columns={
            "paper": PAPERS[request.kind],
            "lift_id": request.lift_id,
            "unit_id": unit_id,
            "token": token,
            **_common(request),
        },
    )


def _common(request: PosterRequest) -> dict[str, Any]:
    return {"kind": request.kind, "format": request.format, "bleed": request.bleed}


def _drawing_of_lift(
    tx: Session, ctx: Context, request: PosterRequest, lift: LiftRow, address: str
) -> Callable[[], PosterSheet]:
    if request.kind == "about_sheet":
        about = poster_words.about_sheet(ctx.city, lift, address)
        return lambda: draw_about_sheet(about, request.bleed)
    today = local_date(ctx.clock())
    cover = next((c for c in covers_of(tx, lift.lift_id) if c.covers(today)), None)
    card = poster_words.cab_card(ctx.city, lift, cover, address)
    return lambda: draw_cab_card(card, request.bleed)


def _prepare_notice(
    tx: Session, ctx: Context, actor: Actor | None, request: PosterRequest, public_url: str
) -> Ready:
    if request.notice_id is None or request.unit_id is None:
        raise refuse("poster_incomplete", "请选择要印的公示和张贴的单元。", "notice_id")
    notice = tx.get(PublicNotice, request.notice_id)
    if notice is None:
        raise nothing_there("公示")
    purchase = tx.get_one(Purchase, notice.purchase_id)
    if actor is not None:
        check_printer(tx, ctx, actor, purchase.estate_id, "公示")
    places = dict(required_places(notice))
    if request.unit_id not in places:
        raise refuse("place_not_in_notice", "该单元不在本次公示范围内，请重新选择。", "unit_id")
    if notice.state not in TO_BE_PRINTED:
        raise refuse("poster_not_possible", "这份公示已结束，不用再张贴。", "notice_id", "conflict")
    token = token_in_unit(tx, notice.plan_id, request.unit_id)
    address = f"{public_url}/e/{token}" if token else f"{public_url}/n/{notice.number}"
    city = profile_of(tx, ctx, purchase)
    words = poster_words.lobby_notice(notice, places[request.unit_id], address, city)
    if point := next(checkpoints.latest(tx, local_date(ctx.clock())), None):
        stands = short(point.day, point.seq, point.hash)  # what hangs lies with everybody
        words = replace(words, fingerprint=f"{words.fingerprint}　{stands}")
    return Ready(
        draw=lambda: draw_lobby_notice(words, request.paper, request.bleed),
        title=words.title,
        format=request.format,
        columns={
            "paper": request.paper,
            "notice_id": notice.id,
            "unit_id": request.unit_id,
            "token": token,
            "content_hash": notice.content_hash,
            **_common(request),
        },
    )


def _finished(ready: Ready) -> Finished:
    try:
        return finish(ready.draw(), ready.title, ready.format)
    except DoesNotFit as error:
        on_a4 = ready.columns["kind"] == "lobby_notice" and ready.columns["paper"] == "A4"
        size = "，可改用 A3" if on_a4 else ""
        raise refuse(
            "poster_too_long",
            f"文字太长，一张纸上排不下{size}：{error.text[:20]}…",
            "paper",
            "conflict",
        ) from None
    except (DeadCode, ValueError):
        raise refuse(
            "poster_code_unreadable", "二维码印出来读不出，请缩短公开地址后重试。", kind="conflict"
        ) from None


def _keep(
    tx: Session,
    ctx: Context,
    actor: Actor | None,
    ready: Ready,
    finished: Finished,
    sha256: str,
) -> None:
    now = ctx.clock()
    person_id = actor.person_id if actor else None
    file = {
        "sha256": sha256,
        "media_type": finished.media_type,
        "size_bytes": len(finished.content),
        "stored_at": now,
    }
    tx.execute(insert(StoredFile).values(file).on_conflict_do_nothing())
    row = {"sha256": sha256, "missing": finished.missing, "made_by": person_id, "made_at": now}
    fresh = insert(Poster).values(row | ready.columns).on_conflict_do_nothing()
    if tx.scalar(fresh.returning(Poster.sha256)):
        facts = {
            name: str(value) if isinstance(value, UUID) else value
            for name, value in ready.columns.items()
            if name != "token"
        }
        audit.append(tx, now, person_id, AuditAction.POSTER_MAKE, ("poster", sha256), facts)
