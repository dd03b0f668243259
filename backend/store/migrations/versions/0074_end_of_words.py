"""The words of an objection end though money of the case came back late, and by a clock that runs.

What moves a case nowhere (退费 after its end) is no step of it: one such refund kept the words of a
whole batch. And the time of the end was compared with the beginning of its transaction, which it
always comes after.
"""

from alembic import op

revision = "0074_end_of_words"
down_revision = "0073_kept_and_over"

# As in 0050, but for the steps that count and the machine's clock.
MAY_END = """
CREATE OR REPLACE FUNCTION refuse_early_end() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    stands text;
    stepped timestamptz;
    known timestamptz;
BEGIN
    SELECT purchase.state, max(transition.at) INTO stands, stepped
    FROM public_notice
    JOIN purchase ON purchase.id = public_notice.purchase_id
    JOIN transition ON transition.purchase_id = purchase.id
    WHERE public_notice.id = NEW.notice_id
        AND transition.from_state IS DISTINCT FROM transition.to_state
    GROUP BY purchase.state;
    SELECT greatest(clock_timestamp(), at) INTO known FROM audit_entry ORDER BY id DESC LIMIT 1;
    IF stands IS NULL OR stands NOT IN (
        'cancelled', 'expired', 'in_force', 'lapsed', 'rejected', 'renewed', 'terminated',
        'withdrawn'
    ) THEN
        RAISE EXCEPTION 'the case of objection % goes on: ending its words is refused', NEW.id;
    END IF;
    IF NEW.words_ended_at > coalesce(known, clock_timestamp()) OR stepped >= (
        NEW.words_ended_at AT TIME ZONE 'Asia/Shanghai' - interval '1 year'
    ) AT TIME ZONE 'Asia/Shanghai' THEN
        RAISE EXCEPTION 'the period of objection % is not over: ending its words is refused',
            NEW.id;
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    op.execute(MAY_END)
