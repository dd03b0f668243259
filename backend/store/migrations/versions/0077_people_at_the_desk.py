"""People are let in at the desk, with a phone or without WeChat; cases go from one to another.

`access_grant.ended_because` is empty where nobody was asked, as over the API and before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0077_people_at_the_desk"
down_revision = "0076_flat_reads"

ENDS = "ended_because IN ('left', 'moved', 'not_needed', 'mistake')"
STATES = "state IN ('open', 'accepted', 'granted', 'refused', 'withdrawn')"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("access_grant", sa.Column("ended_because", sa.Text()))
    op.create_check_constraint("ended_because", "access_grant", ENDS)
    _invitations()
    _accounts()
    op.create_table(
        "case_handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("from_person", sa.Uuid(), nullable=False),
        sa.Column("to_person", sa.Uuid(), nullable=False),
        sa.Column("handed_by", sa.Uuid(), nullable=False),
        sa.Column("handed_at", MOMENT, nullable=False),
        sa.CheckConstraint("from_person <> to_person", name=op.f("ck_case_handover_people")),
        *_points("case_handover", "purchase_id", to="purchase"),
        *_points("case_handover", "from_person", "to_person", "handed_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_handover")),
    )
    op.create_index("ix_case_handover_purchase_id", "case_handover", ["purchase_id"])
    op.create_index("ix_case_handover_to_person", "case_handover", ["to_person"])


def _points(table: str, *columns: str, to: str = "person") -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))
        for column in columns
    ]


def _invitations() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Uuid()),
        sa.Column("valid_until", MOMENT),
        sa.Column("name_sealed", sa.LargeBinary()),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("accepted_by", sa.Uuid()),
        sa.Column("settled_at", MOMENT),
        sa.CheckConstraint(STATES, name=op.f("ck_invitation_state")),
        sa.CheckConstraint(
            "accepted_by IS NOT NULL OR state IN ('open', 'withdrawn')",
            name=op.f("ck_invitation_taken"),
        ),
        *_points("invitation", "invited_by", "accepted_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index("ix_invitation_accepted_by", "invitation", ["accepted_by"])
    waiting = sa.text("state IN ('open', 'accepted')")
    op.create_index("ix_invitation_waiting", "invitation", ["id"], postgresql_where=waiting)


def _accounts() -> None:
    op.create_table(
        "desk_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("confirmed_by", sa.Uuid()),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("begun_at", MOMENT),
        sa.Column("phrase_hash", sa.LargeBinary()),
        sa.Column("phrase_salt", sa.LargeBinary()),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", MOMENT),
        sa.CheckConstraint(
            "(phrase_hash IS NULL) = (phrase_salt IS NULL)", name=op.f("ck_desk_account_phrase")
        ),
        sa.CheckConstraint(
            "phrase_hash IS NULL OR begun_at IS NOT NULL", name=op.f("ck_desk_account_begun")
        ),
        sa.CheckConstraint(
            "begun_at IS NULL OR confirmed_at IS NOT NULL", name=op.f("ck_desk_account_confirmed")
        ),
        sa.CheckConstraint(
            "confirmed_by IS DISTINCT FROM invited_by",
            name=op.f("ck_desk_account_another_officer"),
        ),
        *_points("desk_account", "person_id", "invited_by", "confirmed_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_account")),
        sa.UniqueConstraint("person_id", name=op.f("uq_desk_account_person_id")),
        sa.UniqueConstraint("number", name=op.f("uq_desk_account_number")),
    )
    op.create_table(
        "desk_try",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tried_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_try")),
    )
    op.create_index("ix_desk_try_address_hash", "desk_try", ["address_hash"])
    op.create_index("ix_desk_try_tried_at", "desk_try", ["tried_at"])
