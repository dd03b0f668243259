"""The policy as a record of its own: its days and its premium, not the plan's.

Policies of before were a number on each cover; their days were the plan's.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032_policies"
down_revision = "0031_changed_applications"

OF_BEFORE = """
INSERT INTO policy (
    id, purchase_id, insurer_id, number, cover_from, cover_ends_before, issued_on, premium_fen,
    lift_codes, file_sha256, answers_for_days_before, handed_in_by, handed_in_at
)
SELECT
    gen_random_uuid(), purchase.id, contract.insurer_id, cover.number, plan.cover_from,
    plan.cover_ends_before, (issued.at AT TIME ZONE 'Asia/Shanghai')::date, contract.premium_fen,
    contract.lift_codes, paper ->> 'sha256', true, issued.actor_id, issued.at
FROM purchase
JOIN plan ON plan.id = purchase.plan_id
JOIN contract ON contract.id = purchase.contract_id
JOIN (
    SELECT purchase_id, min(policy_number) AS number FROM coverage_period
    WHERE policy_number IS NOT NULL GROUP BY purchase_id
) cover ON cover.purchase_id = purchase.id
JOIN transition issued
    ON issued.subject_id = purchase.id AND issued.action = 'issue_policy'
CROSS JOIN LATERAL jsonb_array_elements(issued.evidence) paper
WHERE paper ->> 'kind' = 'policy_document'
"""


def upgrade() -> None:
    op.create_table(
        "policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("insurer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("cover_from", sa.Date(), nullable=False),
        sa.Column("cover_ends_before", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("premium_fen", sa.BigInteger(), nullable=False),
        sa.Column("lift_codes", JSONB(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("answers_for_days_before", sa.Boolean(), nullable=False),
        sa.Column("handed_in_by", sa.Uuid(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("premium_fen > 0", name=op.f("ck_policy_premium")),
        sa.CheckConstraint("cover_ends_before > cover_from", name=op.f("ck_policy_cover")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], op.f("fk_policy_purchase_id")),
        sa.ForeignKeyConstraint(["insurer_id"], ["insurer.id"], op.f("fk_policy_insurer_id")),
        sa.ForeignKeyConstraint(["file_sha256"], ["file.sha256"], op.f("fk_policy_file_sha256")),
        sa.ForeignKeyConstraint(["handed_in_by"], ["person.id"], op.f("fk_policy_handed_in_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
    )
    op.create_index(op.f("ix_policy_purchase_id"), "policy", ["purchase_id"])
    op.create_exclude_constraint(
        "ex_policy_number",
        "policy",
        ("insurer_id", "="),
        ("number", "="),
        ("purchase_id", "<>"),
        using="gist",
    )
    op.execute(OF_BEFORE)
    op.execute(
        "CREATE TRIGGER policy_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.add_column("purchase", sa.Column("policy_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE purchase SET policy_id = policy.id FROM policy "
        "WHERE policy.purchase_id = purchase.id"
    )
    op.create_foreign_key(
        op.f("fk_purchase_policy_id"), "purchase", "policy", ["policy_id"], ["id"]
    )
    op.drop_constraint(op.f("ck_coverage_period_state"), "coverage_period", type_="check")
    op.create_check_constraint(
        op.f("ck_coverage_period_state"),
        "coverage_period",
        "state IN ('reserved', 'unpaid', 'in_force', 'released', 'ended')",
    )
