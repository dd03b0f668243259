"""The receipt that an author gets for an objection: a PDF, made anew whenever it is asked for."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain.city.schema import CityProfile
from backend.domain.objection import KINDS, PUBLICATION_NAMES, UNSETTLED, Source, what_next
from backend.domain.wording import second
from backend.pictures.receipt import Receipt, receipt_pdf
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.live_notice import required_places
from backend.services.case.profiles import profile_of
from backend.services.public_notice.objectors import wrote
from backend.store.notices import Objection, ObjectionPhoto, PublicNotice
from backend.store.purchases import Purchase
from backend.store.registry import Estate

SOURCES = {Source.MINI_PROGRAM: "微信小程序", Source.PAPER: "纸质，由中心录入"}
UNITS = {"days": "天", "working_days": "个工作日"}


def receipt_of(ctx: Context, actor: Actor, objection_id: UUID) -> tuple[str, bytes]:
    """The objection's number and its receipt; raises Refused `not_found` for all but its author."""
    with ctx.sessions() as tx:
        objection = tx.get(Objection, objection_id)
        if objection is None or not wrote(tx, objection.id, actor.person_id):
            raise nothing_there("异议")
        receipt = _receipt(tx, ctx, objection)
    return receipt.number, receipt_pdf(receipt, ctx.document_fonts)


def _receipt(tx: Session, ctx: Context, objection: Objection) -> Receipt:
    notice = tx.get_one(PublicNotice, objection.notice_id)
    purchase = tx.get_one(Purchase, notice.purchase_id)
    estate = tx.get_one(Estate, purchase.estate_id)
    profile = profile_of(tx, ctx, purchase)
    counted = select(func.count()).where(ObjectionPhoto.objection_id == objection.id)
    text = ctx.cipher.open(Objection.text_sealed, objection.id, objection.text_sealed)
    places = "、".join(name for _, name in required_places(notice))
    signature = objection.signature_sha256
    return Receipt(
        number=objection.number,
        centre=f"{profile.centre.name.value}　电话 {profile.centre.phone.value}",
        received_at=objection.received_at,
        facts=(
            ("公示编号", notice.number),
            ("小区", estate.name),
            ("公示范围", places),
            ("收到时间", second(objection.received_at)),
            ("提交方式", SOURCES[objection.source]),
            ("异议类别", KINDS[objection.kind]),
            ("照片", f"{tx.scalar(counted)}张"),
            ("原文", PUBLICATION_NAMES[objection.publication]),
        ),
        text=text,
        text_sha256=sha256(text.encode()).hexdigest(),
        next_steps=_next_steps(profile, objection),
        signature=ctx.files.read(signature) if signature else None,
    )


def _next_steps(profile: CityProfile, objection: Objection) -> Sequence[str]:
    steps = [what_next(objection.status, profile.objection, answered=False)]
    limit = profile.limits["objection_answer"]
    if objection.status in UNSETTLED and objection.answer is None:
        within = f"{limit.days.value}{UNITS[limit.counted_in.value]}"
        steps.append(
            f"中心在{within}内书面答复。公布的只有编号、类别和答复，不公布姓名、房号和电话。"
        )
    if objection.status in UNSETTLED:
        steps.append("您可以在小程序“我的”里查看进展和答复，也可以撤回；请保存好本回执。")
    return steps
