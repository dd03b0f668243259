"""The application form (申请表): made of what the draft says, to be signed and sealed on paper, or,
where owners signed in the mini-program, as what is handed in (JS annex 一.1, 二（一）1)."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.domain.money import yuan
from backend.domain.personal import masked_name
from backend.domain.roles import TAKES_PART
from backend.domain.wording import minute, written
from backend.pictures.application_form import ApplicationForm, form_pdf
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.case.case import Case, see_case
from backend.services.case.committees import mandate_until
from backend.store.notices import StoredFile, Upload
from backend.store.queries.cases import lifts_of
from backend.store.queries.sources import source_of
from backend.store.registry import Insurer, Owner, PropertyCompany
from backend.store.signatures import Cosignature

PDF = "application/pdf"
PAPER = "由中心按纸质联名录入"
REQUEST = (
    "申请用上列账户的增值收益为上列电梯投保维修保险。请受理并查询资金，再由上列保险机构查勘电梯、"
    "拟订方案。所填内容属实。"
)
TO_SEAL = "签字盖章后拍照，在小程序里这件申请的“提交申请”中上传。"
SIGNED_HERE = (
    "签名在微信小程序里完成，签名人的身份已与维修资金房屋名册核对，每次签名都有记录，不用再手写签字。"
    "为保护个人信息，这里不写全名和房号。"
)
SIGNED_ON_PAPER = (
    "签名有的在微信小程序里完成，有的签在纸质申请表上，由中心录入并附扫描件；签名人都与维修资金房屋名册核对过，"
    "每次签名都有记录。为保护个人信息，这里不写全名和房号。"
)
SIGNS: dict[str, tuple[str, ...]] = {
    "committee": ("业主委员会负责人签字", "业主委员会盖章", "日期"),
    "property_company": ("物业经办人签字", "物业服务企业盖章", "日期"),
}


def form_of(ctx: Context, actor: Actor, purchase_id: UUID) -> tuple[str, bytes]:
    """The case's number and its form as a PDF, made anew whenever it is asked for.

    Raises Refused `not_found` for everybody who takes no part in the case.
    """
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        if not case.held & TAKES_PART:
            raise nothing_there("案件")
        form = _form(case)
    return form.number, form_pdf(form, ctx.document_fonts)


def is_made_here(case: Case) -> bool:
    """Whether nobody has to sign on paper: owners sign in the mini-program."""
    return case.purchase.applicant == "owners"


def made_here(case: Case) -> tuple[str, bytes]:
    """The form with the signatures so far, as a file that the person who applies hands in; its
    SHA-256 and its bytes, which the caller keeps once nothing stands in the way."""
    assert case.actor is not None
    content = form_pdf(_form(case), case.ctx.document_fonts)
    sha256 = hashlib.sha256(content).hexdigest()
    file = {
        "sha256": sha256,
        "media_type": PDF,
        "size_bytes": len(content),
        "stored_at": case.now,
    }
    upload = {"file_sha256": sha256, "person_id": case.person_id, "uploaded_at": case.now}
    case.tx.execute(insert(StoredFile).values(file).on_conflict_do_nothing())
    case.tx.execute(insert(Upload).values(upload).on_conflict_do_nothing())
    return sha256, content


def _form(case: Case) -> ApplicationForm:
    tx, purchase, centre = case.tx, case.purchase, case.profile.centre
    source = source_of(tx, purchase.id)
    insurer = tx.get(Insurer, purchase.insurer_id) if purchase.insurer_id else None
    here = is_made_here(case)
    signed = _signatures(case) if here else ()
    how = SIGNED_ON_PAPER if any(PAPER in line for line in signed) else SIGNED_HERE
    facts = [
        ("申请人", _applicant(case, len(signed))),
        ("小区", case.estate.name),
        ("地址", case.estate.address),
        ("付款账户", source.name),
        ("账号", source.number),
        ("账户可用", f"{yuan(source.available_fen)}（{minute(case.now)}）"),
        ("保险机构", insurer.name if insurer else ""),
    ]
    return ApplicationForm(
        number=purchase.number,
        made_at=case.now,
        centre=f"{centre.name.value}　电话 {centre.phone.value}",
        facts=[(label, value) for label, value in facts if value],
        lifts=[
            f"{lift.building}{lift.unit} {lift.name}，注册代码 {lift.registration_code}"
            for lift in lifts_of(tx, purchase)
        ],
        request=REQUEST,
        signed=signed,
        blanks=SIGNS.get(purchase.applicant, ()),
        notes=(how if here else TO_SEAL,),
    )


def _applicant(case: Case, signed: int) -> str:
    estate = case.estate
    if case.purchase.applicant == "owners":
        needed = case.profile.applicants.minimum_cosigners.value
        return f"{signed}位相关业主联名（满{needed}位可以提交）"
    if case.purchase.applicant == "independent_owner":
        return "独立产权人"
    if case.purchase.applicant == "committee":
        return f"{estate.name}业主委员会"
    company = (
        case.tx.get(PropertyCompany, estate.property_company_id)
        if estate.property_company_id
        else None
    )
    until = mandate_until(case.tx, estate.id, case.today)
    mandate = f"（业主委员会的委托有效至{written(until)}）" if until else ""
    return f"{company.name if company else '物业服务企业'}{mandate}"


def _signatures(case: Case) -> Sequence[str]:
    """Each person once, by the first signature."""
    rows = case.tx.execute(
        select(Owner, Cosignature.signed_at, Cosignature.entered_by)
        .join(Owner, Owner.id == Cosignature.owner_id)
        .where(
            Cosignature.purchase_id == case.purchase.id,
            Cosignature.counts,
            Owner.ended_at.is_(None),
        )
        .order_by(Cosignature.signed_at, Owner.id)
    )
    lines = {
        owner.person_id or owner.id: f"{masked_name(name_of(case.ctx.cipher, owner))}　"
        f"{minute(signed_at)}{PAPER if entered_by else '在微信小程序联名'}"
        for owner, signed_at, entered_by in reversed(rows.all())
    }
    return list(reversed(lines.values()))
