"""Many cases in a moment: copies of one by SQL, with numbers and limits of their own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from backend.services.base.context import Context

COPY_CASES = """
INSERT INTO purchase (id, number, route, state, version, profile_version, estate_id, applicant,
    applied_by, insurer_id, plan_id, started_at, updated_at)
SELECT gen_random_uuid(), 'SQ-2031-' || lpad(nth::text, 6, '0'), route, state, version,
    profile_version, estate_id, applicant, applied_by, insurer_id, plan_id, started_at,
    updated_at + nth * interval '1 minute'
FROM purchase, generate_series(1, :most) AS nth WHERE id = :original
RETURNING number, id
"""
GIVE_LIMITS = """
INSERT INTO deadline (id, subject_kind, subject_id, kind, started_on, days, ends_on, ends_before,
    provisional, explanation, state)
SELECT gen_random_uuid(), 'purchase', id, 'copied', :first, 1, :first, CAST(:ends AS timestamptz)
    - CAST(right(number, 6) AS int) * interval '1 day', false, '[]', 'open'
FROM purchase WHERE number LIKE 'SQ-2031-%'
"""

COPY_LIMITS = """
INSERT INTO deadline (id, subject_kind, subject_id, kind, started_on, days, ends_on, ends_before,
    provisional, explanation, state)
SELECT gen_random_uuid(), d.subject_kind, p.id, d.kind, d.started_on, d.days, d.ends_on,
    d.ends_before + interval '1 minute', d.provisional, d.explanation, d.state
FROM deadline d, purchase p WHERE d.subject_id = :original AND p.id = ANY(:cases)
"""
COPY_LAST_STEPS = """
INSERT INTO transition (id, subject_kind, subject_id, seq, action, from_state, to_state, actor_id,
    role, at, evidence)
SELECT gen_random_uuid(), t.subject_kind, p.id, t.seq, t.action, t.from_state, t.to_state,
    t.actor_id, t.role, t.at, t.evidence
FROM transition t, purchase p
WHERE t.subject_id = :original AND t.seq = p.version AND p.id = ANY(:cases)
"""


def copy_case(ctx: Context, original: UUID, most: int) -> list[UUID]:
    """`most` more cases like this one, in the order of their numbers; none has a limit."""
    with ctx.sessions() as tx:
        found = tx.execute(text(COPY_CASES), {"original": original, "most": most}).all()
        tx.commit()
    return [case for _, case in sorted(tuple(row) for row in found)]


def copy_turns(ctx: Context, original: UUID, cases: list[UUID]) -> None:
    """It is somebody's turn in each of these copies: the limits of the original, a minute later,
    and its last step."""
    with ctx.sessions() as tx:
        for each in (COPY_LIMITS, COPY_LAST_STEPS):
            tx.execute(text(each), {"original": original, "cases": cases})
        tx.commit()


def give_limits(ctx: Context, last_ends: datetime) -> None:
    """Each copy gets a limit, which ends one day before that of the copy before it."""
    with ctx.sessions() as tx:
        tx.execute(text(GIVE_LIMITS), {"first": last_ends.date(), "ends": last_ends})
        tx.commit()
