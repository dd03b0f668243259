"""A limit that stands still says since when, why, and how much of it is left."""

import sqlalchemy as sa
from alembic import op

revision = "0039_limits_stand_still"
down_revision = "0038_bound_seals"


def upgrade() -> None:
    op.add_column("deadline", sa.Column("paused_on", sa.Date(), nullable=True))
    op.add_column("deadline", sa.Column("days_left", sa.BigInteger(), nullable=True))
    op.add_column("deadline", sa.Column("pause_words", sa.Text(), nullable=True))
    # Until now only suspended notices stood still; their limits say so themselves from here on.
    op.execute("""
        UPDATE deadline SET
            days_left = notice.days_left,
            paused_on = (suspended.at AT TIME ZONE 'Asia/Shanghai')::date,
            pause_words = '有异议还没有处理完，自' || to_char(
                suspended.at AT TIME ZONE 'Asia/Shanghai', 'YYYY"年"FMMM"月"FMDD"日"'
            ) || '起暂停计算'
        FROM public_notice notice, LATERAL (
            SELECT max(at) AS at FROM transition
            WHERE transition.purchase_id = notice.purchase_id AND to_state = 'suspended'
        ) suspended
        WHERE deadline.state = 'paused' AND deadline.kind = 'public_notice_period'
            AND deadline.purchase_id = notice.purchase_id AND notice.state = 'suspended'
    """)
