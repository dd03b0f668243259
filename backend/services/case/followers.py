"""What residents hear of a case: an answer, a notice that ends soon, cover that changed."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy import Row, String, and_, cast, exists, func, select, update
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain import pages
from backend.domain.local_time import SHANGHAI, local_date
from backend.domain.objection import ObjectionStatus
from backend.domain.public_notice import NoticeState
from backend.domain.wording import ENDS_TODAY, days_still, last_minute, located, minute, plain_day
from backend.seldom import logger_of
from backend.services.base.context import Context
from backend.services.case.case import Case
from backend.services.messages import channels, outbox
from backend.store.messages import Follow, Outbox, OutboxState
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Policy, Purchase, PurchaseLift, Transition
from backend.store.queries.places import areas_of, units_served
from backend.store.registry import Building, Estate, Lift, LiftToken, Unit

logger = logger_of(__name__)

# From 9:00 on the day before the last one: the end is 24:00 of the last day.
NEAR_THE_END = timedelta(hours=39)

ANSWERED = {
    ObjectionStatus.INADMISSIBLE: "经复核，异议不予采纳",
    ObjectionStatus.NOT_ENTITLED: "未能核实业主身份",
}


def notify_answered(
    case: Case, objection: Objection, *, outcome: str = "", dismissal: UUID | None = None
) -> bool:
    """The author hears of the answer, of each `dismissal`, and (`outcome`) that one was undone;
    False where the author is nobody whom we know, so that nothing reaches them."""
    author = case.tx.scalar(select(Objection.author()).where(Objection.id == objection.id))
    if author is None:
        return False
    remedies = "和救济途径" if case.profile.objection.remedies.value else ""
    data = {
        "estate": case.place,
        "number": objection.number,
        "state": outcome or ANSWERED.get(objection.status, "已答复"),
        "at": minute(case.now),
        "next": f"点此查看理由{remedies}" if dismissal and not outcome else "点此查看答复全文",
        "page": pages.receipt(objection.id),
    }
    channels.write(
        case.tx,
        case.ctx,
        natural_key=f"answered/{objection.id}/{objection.status}/{dismissal or ''}".rstrip("/"),
        person_id=author,
        template="objection_answered",
        data=data,
        subject=case.subject,
    )
    return True


def notify_cover_changed(case: Case, transition: Transition, *, begins: bool) -> None:
    """Followers of a lift or of the notice hear that cover begins, or that it ends.

    Each person hears once, whatever they follow of this case. However many they are, it takes a
    few statements: what is bought holds locks meanwhile.
    """
    tx, purchase = case.tx, case.purchase
    policy = tx.get_one(Policy, purchase.policy_id)
    last = min(local_date(transition.at), policy.cover_last_day)
    common = {
        "estate": case.estate.name,
        "state": "开始保障" if begins else "保障结束",
        "on": plain_day(policy.cover_from if begins else last),
        "next": "扫轿厢二维码可查保障内容" if begins else "如需续保请联系物业",
    }
    followers = _followers(tx, purchase)
    people = sorted(followers)
    ways = channels.choose(tx, case.ctx, people, "cover_changed")
    messages = [
        outbox.Message(
            natural_key=f"cover/{transition.id}/{person_id}",
            person_id=person_id,
            role="resident",
            channel=ways[person_id],
            template="cover_changed",
            data=common | followers[person_id],
            subject=purchase.subject,
        )
        for person_id in people
        if person_id in ways
    ]
    outbox.write_each(tx, case.now, messages)


def sweep_endings(ctx: Context, batch_size: int = 500) -> int:
    """Tell followers of notices that are about to end, each once; returns how many were told.

    Whoever has neither a consent nor our service account is passed over, until that changes. Each
    notice in its own transaction, so that one that cannot be told of silences no other.
    """
    _take_back_what_came_too_late(ctx)
    _say_that_it_is_today(ctx)
    written = passed_over = 0
    while True:
        due = _due_endings(ctx, batch_size, passed_over)
        for notice, followers in groupby(due, key=itemgetter(0)):
            people = sorted(person_id for _, person_id in followers)
            reached = 0
            try:
                reached = _tell_of_ending(ctx, notice, people)
            except Exception:  # logged for an operator; the others go on
                logger.exception("followers of notice %s cannot be told", notice.id)
            written += reached
            passed_over += len(people) - reached
        if len(due) < batch_size:
            return written


def _due_endings(
    ctx: Context, batch_size: int, passed_over: int
) -> Sequence[Row[PublicNotice, UUID]]:
    """Notices that end soon and the followers who may hear of it, but for the first few."""
    now = ctx.clock()
    key = func.concat(
        "ending/",
        cast(PublicNotice.id, String),
        "/",
        PublicNotice.ends_on,
        "/",
        cast(Follow.person_id, String),
    )
    with ctx.sessions() as tx:
        return tx.execute(
            select(PublicNotice, Follow.person_id)
            .join(Follow, and_(Follow.kind == "notice", Follow.subject_id == PublicNotice.id))
            .where(
                PublicNotice.state == NoticeState.OPEN,
                PublicNotice.ends_before > now,
                PublicNotice.ends_before <= now + NEAR_THE_END,
                ~exists().where(Outbox.natural_key == key),
                channels.open_to(ctx, Follow.person_id, "notice_ending"),
            )
            .order_by(PublicNotice.ends_before, PublicNotice.id, Follow.person_id)
            .offset(passed_over)
            .limit(batch_size)
        ).all()


def _tell_of_ending(ctx: Context, notice: PublicNotice, people: Sequence[UUID]) -> int:
    """By person, so that whoever else takes their consents waits and does not block us."""
    with ctx.sessions() as tx:
        rows = [_notify_ending(tx, ctx, notice, person_id) for person_id in people]
        tx.commit()
    return sum(row_id is not None for row_id in rows)


def _take_back_what_came_too_late(ctx: Context) -> None:
    """That a notice ends soon is no news when it has ended, or stands still."""
    still_news = select(PublicNotice.id).where(
        PublicNotice.state == NoticeState.OPEN,
        PublicNotice.ends_before > ctx.clock(),
        Outbox.natural_key.startswith(
            func.concat("ending/", cast(PublicNotice.id, String), "/", PublicNotice.ends_on, "/")
        ),
    )
    with ctx.sessions() as tx:
        tx.execute(
            update(Outbox)
            .where(
                Outbox.state == OutboxState.CREATED,
                Outbox.template == "notice_ending",
                ~still_news.exists(),
            )
            .values(state=OutboxState.SUPERSEDED, settled_at=system_clock())
            .execution_options(synchronize_session=False)
        )
        tx.commit()


def _say_that_it_is_today(ctx: Context) -> None:
    """What waited from the day before says that the notice ends today."""
    now = ctx.clock()
    today = local_date(now)
    waited = select(Outbox).where(
        Outbox.state == OutboxState.CREATED,
        Outbox.template == "notice_ending",
        Outbox.written_at < datetime.combine(today, time.min, SHANGHAI),
        exists().where(
            PublicNotice.ends_on == today,
            Outbox.natural_key.startswith(func.concat("ending/", cast(PublicNotice.id, String))),
        ),
    )
    with ctx.sessions() as tx:
        for row in tx.scalars(waited.with_for_update(skip_locked=True)):
            row.data, row.written_at = {**row.data, "left": ENDS_TODAY}, now
        tx.commit()


def _notify_ending(tx: Session, ctx: Context, notice: PublicNotice, person_id: UUID) -> UUID | None:
    assert notice.ends_before is not None
    purchase = tx.get_one(Purchase, notice.purchase_id)
    data = {
        "estate": _place(tx, purchase),
        "number": notice.number,
        "due": last_minute(notice.ends_before),
        "left": days_still(notice.ends_before, ctx.clock()),
        "page": pages.notice(notice.number),
    }
    return channels.write(
        tx,
        ctx,
        natural_key=f"ending/{notice.id}/{notice.ends_on}/{person_id}",
        person_id=person_id,
        template="notice_ending",
        data=data,
        subject=purchase.subject,
    )


def _place(tx: Session, purchase: Purchase) -> str:
    estate = tx.get_one(Estate, purchase.estate_id).name
    return located(estate, areas_of(tx, [purchase.id]).get(purchase.id, ""))


def _followers(tx: Session, purchase: Purchase) -> dict[UUID, dict[str, str]]:
    """Who follows a lift or the notice of this case: which lift to name, which page to open.

    A lift's page opens by the code that the person scanned, never by a newer one.
    """
    lifts = tx.execute(
        select(Follow.person_id, Building.name, units_served(), Lift.name, LiftToken.token)
        .join(PurchaseLift, PurchaseLift.lift_id == Follow.subject_id)
        .join(Lift, Lift.id == PurchaseLift.lift_id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .outerjoin(LiftToken, and_(LiftToken.token == Follow.token, LiftToken.valid))
        .where(
            Follow.kind == "lift",
            PurchaseLift.purchase_id == purchase.id,
            Lift.retired_on.is_(None),  # nobody rides it any more
        )
        .order_by(Lift.id)
    ).all()
    area = areas_of(tx, [purchase.id])[purchase.id]
    notices = tx.execute(
        select(Follow.person_id, PublicNotice.number)
        .join(PublicNotice, PublicNotice.id == Follow.subject_id)
        .where(Follow.kind == "notice", PublicNotice.purchase_id == purchase.id)
        .order_by(PublicNotice.drafted_at)
    ).all()
    fields = {
        person_id: {
            "lift": area,
            "page": pages.notice(number),
        }
        for person_id, number in notices
    }
    for person_id, building, unit, lift, token in lifts:
        page = pages.lift(token) if token else pages.MINE
        fields[person_id] = {"lift": f"{building}{unit}{lift}", "page": page}
    return fields
