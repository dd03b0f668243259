"""What is looked for has an index: reads stay as short in a large city as in a village."""

import sqlalchemy as sa
from alembic import op

revision = "0040_indexes"
down_revision = "0039_limits_stand_still"

# locks: writers wait until all are made, 2.3 s in a city of 300,000 lifts
OPEN, CREATED = sa.text("state = 'open'"), sa.text("state = 'created'")
INDEXES = {
    "account": ("building_id", "unit_id"),
    "approval": ("member_id",),
    "contract": ("file_sha256",),
    "cosignature": ("owner_id",),
    "dismissal": ("objection_id",),
    "estate": ("property_company_id",),
    "evidence": ("file_sha256",),
    "hold": ("account_id",),
    "idempotency_key": ("created_at",),
    "invoice": ("file_sha256",),
    "lockout": ("person_id",),
    "login_session": ("expires_at", "person_id"),
    "mandate": ("file_sha256", "property_company_id"),
    "objection": ("entered_by", "owner_id", "withdrawal_sha256"),
    "owner": ("former_person_id",),
    "owner_verification": ("person_id",),
    "plan_lift": ("lift_id",),
    "policy": ("file_sha256",),
    "poster": ("unit_id",),
    "print_order": ("file_sha256",),
    "public_notice": ("plan_id", "purchase_id"),
    "public_notice_photo": ("file_sha256",),
    "purchase": ("insurer_id", "profile_version"),
    "purchase_lift": ("lift_id",),
    "takedown": ("file_sha256",),
    "upload": ("person_id",),
}


def upgrade() -> None:
    for table, columns in INDEXES.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_access_grant_scope", "access_grant", ["role", "scope_id"])
    op.create_index(
        "ix_owner_verification_open", "owner_verification", ["id"], postgresql_where=OPEN
    )
    op.create_index("ix_deadline_running", "deadline", ["purchase_id"], postgresql_where=OPEN)
    op.create_index("ix_outbox_unsent", "outbox", ["subject_id"], postgresql_where=CREATED)
