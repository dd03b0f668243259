"""Whether the words of an objection are published: what the platform said of them, and the clerk.

§7 lets us publish number, kind and answer. The words follow only when their author asked for it
(个人信息保护法 25) and is known to be an owner, masked, and are taken back whenever the author says
so. `held` means that somebody asked and nobody decided yet.
"""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.masking import MASK, is_telling, masked_text
from backend.domain.objection import Publication, Verdict, publication_of
from backend.domain.roles import Role
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.public_notice.objectors import objection_for, wrote
from backend.store.notices import Objection, PublicNotice
from backend.store.people import Identity, Person
from backend.store.purchases import Purchase
from backend.store.queries import area
from backend.store.registry import Owner

LOOK_REASON = "审核原文是否公布"
PLATFORM_LIMIT = 2500  # characters that the platform takes


@dataclass(frozen=True)
class Author:
    """Whose words they are: the owner on the roster, if one is known, and whoever entered them."""

    owner: Owner | None
    person: Person


def take_verdict(ctx: Context, objection_id: UUID, verdict: Verdict) -> Objection:
    """The platform has said what it thinks of words on record: they are published if they pass."""
    with ctx.sessions() as tx:
        objection, author = _lock(tx, objection_id)
        objection.moderation = verdict
        resolve_publication(tx, ctx, objection, author)
        tx.commit()
        return objection


def ask_platform(ctx: Context, actor: Actor, text: str) -> Verdict:
    """What the platform thinks of words; they are on record before, and nothing is locked.

    `unchecked` when it does not say, or when we do not know the person in the mini-program.
    """
    if len(text) > PLATFORM_LIMIT:
        return Verdict.UNCHECKED
    with ctx.sessions() as tx:
        openid = tx.scalar(
            select(Identity.openid).where(
                Identity.person_id == actor.person_id,
                Identity.appid == ctx.platform.mini_appid,
            )
        )
    return ctx.platform.check_text(openid, text) if openid else Verdict.UNCHECKED


def resolve_publication(
    tx: Session, ctx: Context, objection: Objection, author: Author | None = None
) -> None:
    """What becomes of held words, by the verdict on them and by what is known of their author, who
    is looked for where nobody did yet.

    Called whenever one of the two changes; decisions that were made stay. The case is locked. It is
    the house's own step: nobody chose.
    """
    verdict = objection.moderation or Verdict.UNCHECKED
    asked = objection.publication != Publication.PRIVATE
    if objection.publication == Publication.HELD:
        shown = _own_words(ctx, objection, author or _author(tx, objection))
        known = objection.owner_id is not None
        publication, reason = publication_of(verdict, known, is_telling(shown))
        _set(ctx, objection, publication, reason, shown)
    _audit(tx, ctx, None, objection, AuditAction.OBJECTION_MODERATE, asked=asked)


def unpublish(tx: Session, ctx: Context, person_id: UUID, objection: Objection) -> None:
    """The words are not, or no longer, to be published: the author says so, or is no owner."""
    if objection.publication == Publication.PRIVATE:
        return
    _set(ctx, objection, Publication.PRIVATE, None, "")
    _audit(tx, ctx, person_id, objection, AuditAction.OBJECTION_UNPUBLISH)


def unpublish_all(tx: Session, ctx: Context, person_id: UUID) -> None:
    """Somebody who leaves takes all their words back. Call it before the roster lets them go."""
    query = select(Objection).where(Objection.written_by(person_id)).order_by(Objection.id)
    for objection in tx.scalars(query.with_for_update()):
        unpublish(tx, ctx, person_id, objection)


def take_back(ctx: Context, actor: Actor, objection_id: UUID) -> None:
    """The author does not want the words published any more (个人信息保护法 15); the objection
    stands as it did. Raises Refused `not_found` for everybody else."""
    with ctx.sessions() as tx:
        if not wrote(tx, objection_id, actor.person_id):
            raise nothing_there("异议")
        unpublish(tx, ctx, actor.person_id, _lock(tx, objection_id)[0])
        tx.commit()


def decide_publication(
    ctx: Context, actor: Actor, objection_id: UUID, publish: bool, reason: str
) -> Objection:
    """The clerk publishes words that were held, or refuses them; published ones can be taken down.

    What was refused, by the clerk or because the platform called it risky, stays so. The objection
    itself stands as it did. Deciding the same again changes nothing. Raises Refused: not_found,
    same_officer, officer_is_party, text_required, publication_not_asked, publication_decided,
    author_not_verified.
    """
    what = "理由" if publish else "不予公布的理由（提交人会看到）"
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.CLERK)
        wanted = Publication.PUBLISHED if publish else Publication.REFUSED
        if objection.publication == wanted:
            return objection
        if objection.publication == Publication.PRIVATE:
            message = "提交人没有要求公布原文（或已经撤回），不能公布。"
            raise refuse("publication_not_asked", message, kind="conflict")
        if objection.publication == Publication.REFUSED:
            message = "原文已决定不予公布，不能再公布。"
            raise refuse("publication_decided", message, kind="conflict")
        if publish and not _is_known(tx, case.purchase, objection):
            message = "提交人的业主身份尚未核实，请先核实，再决定是否公布原文。"
            raise refuse("author_not_verified", message, kind="conflict")
        check = texts.optional if publish else texts.required
        words = check(reason, texts.REASON_LIMIT, "reason", what)
        _set(ctx, objection, wanted, words, _own_words(ctx, objection, _author(tx, objection)))
        objection.published_by, objection.published_at = actor.person_id, ctx.clock()
        _audit(tx, ctx, actor.person_id, objection, AuditAction.OBJECTION_DECIDE_PUBLICATION)
        tx.commit()
        return objection


@dataclass(frozen=True)
class HeldWords:
    """Held words as they would be published: where they are masked (`**`), whether something
    telling may be left, and whether their author is known to be an affected owner."""

    text: str
    telling: bool
    known: bool

    @property
    def masked(self) -> int:
        """At how many places something is masked."""
        return self.text.count(MASK)


def look(ctx: Context, actor: Actor, objection_id: UUID) -> HeldWords:
    """What the clerk judges, without any name; the look is in the audit chain.

    Raises Refused: not_found, same_officer, officer_is_party, publication_decided.
    """
    with ctx.sessions() as tx:
        objection, case = objection_for(tx, ctx, actor, objection_id, Role.CLERK, notes=False)
        if objection.publication != Publication.HELD:
            message = "原文不在等待审核：已经审核过，或提交人不要求公布了。"
            raise refuse("publication_decided", message, kind="conflict")
        subject = ("purchase", case.purchase.id)
        facts = {"objections": [objection.number], "reason": LOOK_REASON}
        action = AuditAction.PURCHASE_READ_OBJECTIONS
        audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
        text = _own_words(ctx, objection, _author(tx, objection))
        found = HeldWords(text, is_telling(text), _is_known(tx, case.purchase, objection))
        tx.commit()
        return found


def _lock(tx: Session, objection_id: UUID) -> tuple[Objection, Author]:
    """The objection as it stands once its case is locked, since the clerk may be at it too; and
    whose it is."""
    objection, owner, person = tx.execute(
        select(Objection, Owner, Person)
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .join(Person, Person.id == Objection.entered_by)
        .outerjoin(Owner, Owner.id == Objection.owner_id)
        .where(Objection.id == objection_id)
        # The case first, as everybody locks it; then both are read as they are now.
        .with_for_update(of=(Purchase, Objection), key_share=True)
    ).one()
    return objection, Author(owner, person)


def _author(tx: Session, objection: Objection) -> Author:
    found = tx.execute(
        select(Owner, Person)
        .select_from(Person)
        .outerjoin(Owner, Owner.id == objection.owner_id)
        .where(Person.id == objection.entered_by)
    ).one()
    return Author(*found)


def _is_known(tx: Session, purchase: Purchase, objection: Objection) -> bool:
    """Whether the author is an affected owner: a late objection is never verified itself."""
    circle = area.circle(purchase.id)
    return bool(objection.owner_id or area.owners_of(tx, circle, objection.entered_by))


def _own_words(ctx: Context, objection: Objection, author: Author) -> str:
    words = ctx.cipher.open(Objection.text_sealed, objection.id, objection.text_sealed)
    return _masked(ctx, objection, author, words)


def masked_for(tx: Session, ctx: Context, objection: Objection, text: str) -> str:
    """Words by or to the author, without the names that the roster, the paper and the person gave;
    the city's own telephone numbers stay."""
    return _masked(ctx, objection, _author(tx, objection), text)


def _masked(ctx: Context, objection: Objection, author: Author, text: str) -> str:
    names = [name_of(ctx.cipher, whose) for whose in (author.owner, author.person) if whose]
    if objection.objector_sealed:
        column = Objection.objector_sealed
        names.append(ctx.cipher.open(column, objection.id, objection.objector_sealed))
    known = [name for name in names if name]
    return masked_text(text, known, public=(ctx.city.centre.phone.value,))


def _set(
    ctx: Context,
    objection: Objection,
    publication: Publication,
    reason: str | None,
    shown: str,
) -> None:
    published = publication is Publication.PUBLISHED
    objection.publication, objection.publication_reason = publication, reason
    objection.published_text = shown if published else None
    objection.published_at = ctx.clock() if published else None


def _audit(
    tx: Session,
    ctx: Context,
    person_id: UUID | None,
    objection: Objection,
    action: AuditAction,
    **facts: bool,
) -> None:
    body = {
        "number": objection.number,
        "verdict": objection.moderation,
        "publication": objection.publication,
        **facts,
    }
    if objection.published_text is not None:
        body["published_sha256"] = sha256(objection.published_text.encode()).hexdigest()
    audit.append(tx, ctx.clock(), person_id, action, ("objection", objection.id), body)
