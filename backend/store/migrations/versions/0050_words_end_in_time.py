"""The words of an objection end only once its case is closed and its period is over."""

from alembic import op

revision = "0050_words_end_in_time"
down_revision = "0049_desk_sign_in"

# The states of `backend.domain.routes.catalogue.closed_states`. The city's period is not known
# here, so it is the shortest that a city file may set, a year by the calendar of Shanghai. Business
# time may run ahead of the machine's where the clock can be set: never ahead of the audit chain.
MAY_END = """
CREATE FUNCTION refuse_early_end() RETURNS trigger LANGUAGE plpgsql
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
    GROUP BY purchase.state;
    SELECT greatest(now(), at) INTO known FROM audit_entry ORDER BY id DESC LIMIT 1;
    IF stands IS NULL OR stands NOT IN (
        'cancelled', 'expired', 'in_force', 'lapsed', 'rejected', 'renewed', 'terminated',
        'withdrawn'
    ) THEN
        RAISE EXCEPTION 'the case of objection % goes on: ending its words is refused', NEW.id;
    END IF;
    IF NEW.words_ended_at > coalesce(known, now()) OR stepped >= (
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
    op.execute("REVOKE EXECUTE ON FUNCTION refuse_early_end() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER objection_words_end BEFORE UPDATE ON objection FOR EACH ROW WHEN ("
        "OLD.words_ended_at IS NULL AND NEW.words_ended_at IS NOT NULL"
        ") EXECUTE FUNCTION refuse_early_end()"
    )
