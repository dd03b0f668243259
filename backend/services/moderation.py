"""Whether the words of an objection are published: what the platform said of them, and the clerk.

§7 lets us publish number, kind and answer. The words follow only when their author asked for it
(个人信息保护法 25), masked, and taken back when the author withdraws.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.errors import refuse
from backend.domain.objection import masked_text, publication_on_receipt
from backend.domain.roles import Role
from backend.services import audit
from backend.services.context import Actor, Context, Verdict
from backend.services.objectors import objection_for
from backend.store.notices import Objection
from backend.store.people import Identity
from backend.store.registry import Owner

PLATFORM_LIMIT = 2500  # characters that the platform takes


def verdict_on(ctx: Context, actor: Actor, text: str) -> Verdict:
    """What the platform says of words that somebody hands in, asked while they wait.

    `unchecked` when it does not say, or when we do not know the person in the mini-program. Not
    for inside a transaction.
    """
    text = text.strip()
    if not text or len(text) > PLATFORM_LIMIT:
        return "unchecked"
    with ctx.sessions() as tx:
        openid = tx.scalar(
            select(Identity.openid).where(
                Identity.person_id == actor.person_id,
                Identity.appid == ctx.platform.mini_appid,
            )
        )
    return ctx.platform.check_text(openid, text) if openid else "unchecked"


def publish_on_receipt(
    tx: Session, ctx: Context, objection: Objection, text: str, asked: bool
) -> None:
    """Publish the words of an objection just received, if its author asked and they pass."""
    publication, reason = publication_on_receipt(asked, objection.moderation or "unchecked")
    objection.publication_reason = reason
    if publication == "published":
        _publish(tx, ctx, objection, text)
    else:
        objection.publication = publication
    tx.flush()


def unpublish(objection: Objection) -> None:
    """The author took the objection back, and with it the consent to publish its words."""
    objection.publication, objection.published_text = "private", None
    objection.publication_reason = None


def decide_publication(
    ctx: Context, actor: Actor, objection_id: UUID, publish: bool, reason: str
) -> Objection:
    """The clerk publishes words that were held, or refuses them; published ones can be taken down.

    The objection itself stands as it did. Deciding the same again changes nothing. Raises Refused:
    not_found, same_officer, officer_is_party, reason_required, publication_not_asked,
    publication_decided.
    """
    reason = reason.strip()
    with ctx.sessions() as tx:
        objection, _ = objection_for(tx, ctx, actor, objection_id, Role.CLERK)
        wanted = "published" if publish else "refused"
        if objection.publication == wanted:
            return objection
        if objection.publication == "private":
            message = "提交人没有要求公布原文（或已经撤回），不能公布。"
            raise refuse("publication_not_asked", message, kind="conflict")
        if objection.publication == "refused":
            message = "原文已决定不予公布，不能再公布。"
            raise refuse("publication_decided", message, kind="conflict")
        if not publish and not reason:
            raise refuse("reason_required", "请写明不予公布的理由，提交人会看到。", "reason")
        if publish:
            _publish(tx, ctx, objection, ctx.cipher.open(objection.text_sealed))
        else:
            objection.publication, objection.published_text = wanted, None
        objection.publication_reason = reason or None
        objection.published_by, objection.published_at = actor.person_id, ctx.clock()
        facts = {"number": objection.number, "publication": wanted}
        subject = ("objection", objection.id)
        audit.append(tx, ctx.clock(), actor.person_id, "decide_publication", subject, facts)
        tx.commit()
        return objection


def _publish(tx: Session, ctx: Context, objection: Objection, text: str) -> None:
    owner = tx.get(Owner, objection.owner_id) if objection.owner_id else None
    name = ctx.cipher.open(owner.name_sealed) if owner else None
    objection.publication, objection.published_text = "published", masked_text(text, name)
    objection.published_at = ctx.clock()
