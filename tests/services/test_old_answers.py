"""Answers that were published before answers were masked are masked the same way, once."""

from sqlalchemy import select, update

from backend.services.base import audit
from backend.services.public.lifts import read_public_notice
from backend.services.public_notice.old_answers import mask_answers
from backend.store.audit import AuditEntry
from backend.store.notices import Objection
from tests.build.looking import notice_of, suspended
from tests.build.village import Village, called

NAME = called("冯样", 0)


def as_before(village: Village, answer: str) -> None:
    """An answer as the version before kept it: as it was typed."""
    with village.ctx.sessions() as tx:
        tx.execute(update(Objection).values(answer=answer))
        tx.commit()


def test_an_old_answer_loses_the_name_the_number_and_the_flat(village: Village) -> None:
    _, notice, objection = suspended(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    as_before(village, f"{NAME}您好：已致电13800138000说明，三家报价已公布。")
    assert mask_answers(village.ctx) == (1, 1)
    shown = read_public_notice(village.ctx, notice_of(village, notice).number)
    assert shown
    assert [o.answer for o in shown.notice.objections] == ["**您好：已致电**说明，三家报价已公布。"]


def test_done_again_it_changes_nothing_and_the_chain_stays_whole(village: Village) -> None:
    _, _, objection = suspended(village)
    village.clerk.answers(objection.id, "三家报价已公布")
    as_before(village, f"{NAME}：三家报价已公布，请电 0743-8532500。")
    assert mask_answers(village.ctx) == (1, 1)
    assert mask_answers(village.ctx) == (1, 0)
    with village.ctx.sessions() as tx:
        answer = tx.scalars(select(Objection.answer)).one()
        assert answer == "**：三家报价已公布，请电 0743-8532500。", "the centre's own number stays"
        links = select(AuditEntry.id).where(AuditEntry.action == "objection.mask_answer")
        assert len(tx.scalars(links).all()) == 1
        assert audit.verify(tx).first_bad_seq is None
