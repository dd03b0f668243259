"""Purchases from application to cover."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_purchases"
down_revision = "0003_accounts"


def upgrade() -> None:
    op.create_table(
        "purchase",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("profile_version", sa.Text(), nullable=False),
        sa.Column("estate_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("applied_by", sa.Uuid(), nullable=False),
        sa.Column("insurer_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "applicant IN ('owners', 'committee', 'property_company')",
            name=op.f("ck_purchase_applicant"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_purchase_account_id")
        ),
        sa.ForeignKeyConstraint(["applied_by"], ["person.id"], name=op.f("fk_purchase_applied_by")),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_purchase_estate_id")),
        sa.ForeignKeyConstraint(
            ["insurer_id"], ["insurer.id"], name=op.f("fk_purchase_insurer_id")
        ),
        sa.ForeignKeyConstraint(
            ["profile_version"], ["city_profile.version"], name=op.f("fk_purchase_profile_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_number")),
    )

    op.create_index(op.f("ix_purchase_estate_id"), "purchase", ["estate_id"])

    op.create_index("ix_purchase_state", "purchase", ["state"])

    op.create_table(
        "purchase_lift",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("lift_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["lift_id"], ["lift.id"], name=op.f("fk_purchase_lift_lift_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_lift_purchase_id")
        ),
        sa.PrimaryKeyConstraint("purchase_id", "lift_id", name=op.f("pk_purchase_lift")),
    )

    op.create_table(
        "cosignature",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name=op.f("fk_cosignature_owner_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_cosignature_purchase_id")
        ),
        sa.PrimaryKeyConstraint("purchase_id", "owner_id", name=op.f("pk_cosignature")),
    )

    op.create_table(
        "transition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_transition_actor_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_transition_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transition")),
        sa.UniqueConstraint("purchase_id", "seq", name=op.f("uq_transition_purchase_id_seq")),
    )

    op.create_table(
        "officer_act",
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_officer_act_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_officer_act_purchase_id")
        ),
        sa.PrimaryKeyConstraint("purchase_id", "person_id", "role", name=op.f("pk_officer_act")),
    )

    op.create_table(
        "survey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("lift_id", sa.Uuid(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("surveyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("surveyed_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("result IN ('passed', 'failed')", name=op.f("ck_survey_result")),
        sa.ForeignKeyConstraint(["lift_id"], ["lift.id"], name=op.f("fk_survey_lift_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_survey_purchase_id")
        ),
        sa.ForeignKeyConstraint(["surveyed_by"], ["person.id"], name=op.f("fk_survey_surveyed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
    )

    op.create_index(op.f("ix_survey_purchase_id"), "survey", ["purchase_id"])

    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("insurer_id", sa.Uuid(), nullable=False),
        sa.Column("premium_fen", sa.BigInteger(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("deductible_fen", sa.BigInteger(), nullable=False),
        sa.Column("cover_from", sa.Date(), nullable=False),
        sa.Column("cover_ends_before", sa.Date(), nullable=False),
        sa.Column("coverage", sa.Text(), nullable=False),
        sa.Column("exclusions", sa.Text(), nullable=False),
        sa.Column("promises", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cover_ends_before > cover_from", name=op.f("ck_plan_cover")),
        sa.CheckConstraint("premium_fen > 0", name=op.f("ck_plan_premium")),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurer.id"], name=op.f("fk_plan_insurer_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_plan_made_by")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_plan_purchase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("purchase_id", "revision", name=op.f("uq_plan_purchase_id_revision")),
    )

    op.create_table(
        "plan_lift",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("lift_id", sa.Uuid(), nullable=False),
        sa.Column("premium_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lift_id"], ["lift.id"], name=op.f("fk_plan_lift_lift_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_lift_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "lift_id", name=op.f("pk_plan_lift")),
    )

    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("plan_hash", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("answer IN ('approve', 'refuse')", name=op.f("ck_approval_answer")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["committee_member.id"], name=op.f("fk_approval_member_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_approval_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint(
            "plan_id", "member_id", "seq", name=op.f("uq_approval_plan_id_member_id_seq")
        ),
    )

    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(file_sha256 IS NOT NULL) OR (statement IS NOT NULL)", name=op.f("ck_evidence_content")
        ),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["file.sha256"], name=op.f("fk_evidence_file_sha256")
        ),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name=op.f("fk_evidence_given_by")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_evidence_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )

    op.create_index(op.f("ix_evidence_purchase_id"), "evidence", ["purchase_id"])

    op.create_table(
        "contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("insurer_id", sa.Uuid(), nullable=False),
        sa.Column("premium_fen", sa.BigInteger(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("lift_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("payee_name", sa.Text(), nullable=False),
        sa.Column("payee_bank", sa.Text(), nullable=False),
        sa.Column("payee_account", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["file.sha256"], name=op.f("fk_contract_file_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["insurer_id"], ["insurer.id"], name=op.f("fk_contract_insurer_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_contract_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("insurer_id", "number", name=op.f("uq_contract_insurer_id_number")),
        sa.UniqueConstraint("purchase_id", name=op.f("uq_contract_purchase_id")),
    )

    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("insurer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_invoice_amount")),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["file.sha256"], name=op.f("fk_invoice_file_sha256")
        ),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurer.id"], name=op.f("fk_invoice_insurer_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_invoice_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("insurer_id", "number", name=op.f("uq_invoice_insurer_id_number")),
    )

    op.create_index(op.f("ix_invoice_purchase_id"), "invoice", ["purchase_id"])

    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payee_name", sa.Text(), nullable=False),
        sa.Column("payee_bank", sa.Text(), nullable=False),
        sa.Column("payee_account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('ordered', 'confirmed', 'rejected')", name=op.f("ck_payment_state")
        ),
        sa.ForeignKeyConstraint(["ordered_by"], ["person.id"], name=op.f("fk_payment_ordered_by")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_payment_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("bank_reference", name=op.f("uq_payment_bank_reference")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_number")),
    )

    op.create_index(
        "uq_payment_live",
        "payment",
        ["purchase_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'rejected'"),
    )

    op.create_table(
        "cover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lift_id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("insurer_id", sa.Uuid(), nullable=False),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        sa.Column("policy_number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("lift_id"), "="),
            (sa.column("period"), "&&"),
            where=sa.text("state <> 'released'"),
            using="gist",
            name="ex_cover_overlap",
        ),
        sa.CheckConstraint(
            "(state IN ('in_force', 'ended')) <= (policy_number IS NOT NULL)",
            name=op.f("ck_cover_policy"),
        ),
        sa.CheckConstraint(
            "state IN ('reserved', 'in_force', 'released', 'ended')", name=op.f("ck_cover_state")
        ),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurer.id"], name=op.f("fk_cover_insurer_id")),
        sa.ForeignKeyConstraint(["lift_id"], ["lift.id"], name=op.f("fk_cover_lift_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_cover_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover")),
    )

    op.create_index(op.f("ix_cover_purchase_id"), "cover", ["purchase_id"])
    op.create_foreign_key(op.f("fk_purchase_plan_id"), "purchase", "plan", ["plan_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_purchase_invoice_id"), "purchase", "invoice", ["invoice_id"], ["id"]
    )
