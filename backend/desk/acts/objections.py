"""What the centre does with an objection: each deed's form, and the service that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from backend.desk.acts.act import PHOTO_OR_PDF, REASON, RECEIVED
from backend.desk.acts.counter import FLAT, NAME, how_given, proved_by, scanned, signed
from backend.desk.forms import Field, Given
from backend.desk.values import Kind
from backend.domain.actions import Action
from backend.domain.deeds import Deed
from backend.domain.errors import Refusal, Refused
from backend.domain.letters import HOW_NAMES
from backend.domain.objection import KINDS
from backend.domain.routes.catalogue import action_name
from backend.services.base.context import Actor, Context
from backend.services.public_notice import answers, dismissals, letters, moderation, objections
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.reads.objections import HandledObjection

# What waits until every objection is over, as the table names it.
HELD_UP = action_name(Action.CLEAR)
ANSWER = Field("answer", "答复", hint="会公布。不要写姓名、电话、门牌。")
CHECKED = Field(
    "checked",
    "看过公布的样子，没有可以认出异议人的内容",
    Kind.YES,
    "只在提示公布的样子时勾选。",
)
PAPER = (
    Field("kind", "异议类别", Kind.CHOICE, choices=tuple(KINDS.items())),
    Field("text", "异议内容", hint="照纸上抄写。"),
    Field("objector", "纸上的署名", Kind.WORDS),
    replace(RECEIVED, hint="决定它是否在公示期内。"),
    Field("file_sha256", "异议书扫描件", Kind.FILE, PHOTO_OR_PDF),
    *(
        Field(each.name, each.label, Kind.WORDS, optional=True, hint=hint)
        for each, hint in zip(
            FLAT,
            ("已经与名册核对、确是业主的，填写房号；没有核对的留空，以后再核实。", "", ""),
            strict=True,
        )
    ),
)

Do = Callable[[Context, Actor, HandledObjection, Given], object]


@dataclass(frozen=True)
class DeedForm:
    """What a deed asks for, and the service that does it."""

    fields: tuple[Field, ...]
    do: Do


def enter_paper(
    ctx: Context, me: Actor, purchase_id: UUID, notice_id: UUID, given: Given
) -> object:
    """An objection that came on paper; whose flat it is, if that is known already."""
    flat = [given[each.name] for each in FLAT]
    owner = None
    if any(flat):
        building, unit, room = (each or "" for each in flat)
        of_paper = SignedOnPaper(building, unit, room, given["objector"])
        try:
            owner = objections.owner_on_paper(ctx, me, purchase_id, of_paper)
        except Refused as refused:
            raise Refused(*map(_at_signature, refused.refusals), kind=refused.kind) from None
    paper = PaperObjection(
        given["kind"],
        given["text"],
        given["objector"],
        given["received_at"],
        owner,
    )
    return objections.enter_paper(ctx, me, notice_id, paper, given["file_sha256"])


def _at_signature(refusal: Refusal) -> Refusal:
    """The name of the roster is the signature on this paper."""
    field = "objector" if refusal.field == NAME.name else refusal.field
    return Refusal(refusal.code, refusal.message, field)


def _verify(ctx: Context, me: Actor, of: HandledObjection, given: Given) -> object:
    owner = objections.owner_on_paper(ctx, me, of.purchase_id, signed(given))
    return objections.verify(ctx, me, of.id, owner, None)


def _not_entitled(ctx: Context, me: Actor, of: HandledObjection, given: Given) -> object:
    return objections.verify(ctx, me, of.id, None, given["answer"], given["checked"])


def _answer(ctx: Context, me: Actor, of: HandledObjection, given: Given) -> object:
    return answers.answer(ctx, me, of.id, given["answer"], given["checked"])


def _dismiss(ctx: Context, me: Actor, of: HandledObjection, given: Given) -> object:
    return dismissals.dismiss(ctx, me, of.id, given["answer"], given["checked"])


def _undo_dismissal(ctx: Context, me: Actor, of: HandledObjection, given: Given) -> object:
    return dismissals.undo(ctx, me, of.id, given["reason"])


def _deliver(ctx: Context, me: Actor, of: HandledObjection, given: Given) -> object:
    return letters.deliver(ctx, me, of.id, how_given(given))


def _undo_delivery(ctx: Context, me: Actor, of: HandledObjection, given: Given) -> object:
    return letters.undo(ctx, me, of.id, given["reason"])


def _take_back(ctx: Context, me: Actor, of: HandledObjection, given: Given) -> object:
    return objections.enter_withdrawal(ctx, me, of.id, scanned(given))


def _publication(ctx: Context, me: Actor, of: HandledObjection, given: Given) -> object:
    publish, reason = given["decision"] == "publish", given["reason"] or ""
    return moderation.decide_publication(ctx, me, of.id, publish, reason)


DEEDS: Mapping[str, DeedForm] = {
    Deed.VERIFY: DeedForm((*FLAT, NAME), _verify),
    Deed.NOT_ENTITLED: DeedForm((ANSWER, CHECKED), _not_entitled),
    Deed.ANSWER: DeedForm((ANSWER, CHECKED), _answer),
    Deed.DISMISS: DeedForm(
        (Field("answer", "不予采纳的理由", hint=ANSWER.hint), CHECKED), _dismiss
    ),
    Deed.UNDO_DISMISSAL: DeedForm((REASON,), _undo_dismissal),
    Deed.DELIVER: DeedForm(
        proved_by(tuple(HOW_NAMES), "公告送达的填张贴的那天，满30日再录入。"),
        _deliver,
    ),
    Deed.UNDO_DELIVERY: DeedForm((REASON,), _undo_delivery),
    Deed.TAKE_BACK: DeedForm(
        (
            Field(
                "file_sha256",
                "异议人签名的书面撤回",
                Kind.FILE,
                f"另一位经办在今日待办里对照扫描件核对以后，异议才撤回。{PHOTO_OR_PDF}",
            ),
            RECEIVED,
        ),
        _take_back,
    ),
    Deed.PUBLICATION: DeedForm(
        (
            Field(
                "decision",
                "原文是否公布",
                Kind.CHOICE,
                "公布的是隐去姓名、电话、门牌以后的文字。",
                choices=(("publish", "公布"), ("refuse", "不予公布")),
            ),
            Field("reason", "理由", hint="不予公布的须写明，异议人会看到。", optional=True),
        ),
        _publication,
    ),
}
