"""Owners vote: a vote on a plan, its roll that nobody changes once it is open, and the ballots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0095_votes"
down_revision = "0094_leading_decisions"

GUARDS = """
CREATE FUNCTION close_roll() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM vote WHERE id = NEW.vote_id AND closes_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the roll of a vote is frozen when it is opened'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION close_roll() FROM PUBLIC;
CREATE TRIGGER vote_property_closed BEFORE INSERT ON vote_property
    FOR EACH ROW EXECUTE FUNCTION close_roll();
CREATE TRIGGER vote_property_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vote_property
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ballot_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ballot
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER vote_kept BEFORE DELETE OR TRUNCATE ON vote
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER vote_frozen BEFORE UPDATE ON vote FOR EACH ROW WHEN (
    OLD.outcome IN ('withdrawn', 'void')
    OR (OLD.outcome IS NOT NULL AND NEW.outcome IS DISTINCT FROM 'void')
    OR (OLD.closes_at IS NOT NULL AND NEW.closes_at IS DISTINCT FROM OLD.closes_at)
    OR (OLD.counted_at IS NOT NULL AND (NEW.counted_at IS DISTINCT FROM OLD.counted_at
        OR NEW.result IS DISTINCT FROM OLD.result))
    OR NEW.roll_digest <> OLD.roll_digest OR NEW.plan_id <> OLD.plan_id
) EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    _vote()
    _roll()
    _ballot()
    op.execute(GUARDS)
    op.drop_constraint(op.f("ck_paper_entry_kind"), "paper_entry", type_="check")
    op.create_check_constraint(
        op.f("ck_paper_entry_kind"),
        "paper_entry",
        "kind IN ('cosignatures', 'minutes', 'objection_withdrawal', 'ballots')",
    )


def _vote() -> None:
    op.create_table(
        "vote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("plan_hash", sa.Text(), nullable=False),
        sa.Column("roll_digest", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True)),
        sa.Column("counted_by", sa.Uuid()),
        sa.Column("counted_at", sa.DateTime(timezone=True)),
        sa.Column("result", postgresql.JSONB()),
        sa.Column("outcome", sa.Text()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        *_checks(
            "vote",
            outcome="outcome IN ('passed', 'lost', 'withdrawn', 'void')",
            ended="(outcome IS NULL) = (ended_at IS NULL)",
            counted="(counted_at IS NULL) = (counted_by IS NULL)"
            " AND (counted_at IS NULL) = (result IS NULL)",
            by_count="counted_at IS NOT NULL OR outcome NOT IN ('passed', 'lost')",
        ),
        *_keys(
            "vote",
            purchase_id="purchase.id",
            plan_id="plan.id",
            opened_by="person.id",
            counted_by="person.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
    )
    op.create_index("ix_vote_purchase_id", "vote", ["purchase_id"])
    op.create_index("ix_vote_plan_id", "vote", ["plan_id"])
    op.create_index(
        "uq_vote_open",
        "vote",
        ["plan_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )


def _roll() -> None:
    op.create_table(
        "vote_property",
        sa.Column("vote_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("area_dm2", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        *_checks("vote_property", positive="area_dm2 > 0 AND head > 0"),
        *_keys("vote_property", vote_id="vote.id", household_id="household.id"),
        sa.PrimaryKeyConstraint("vote_id", "household_id", name=op.f("pk_vote_property")),
    )
    op.create_index("ix_vote_property_household_id", "vote_property", ["household_id"])


def _ballot() -> None:
    op.create_table(
        "ballot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vote_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("choice", sa.Text()),
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("proxy_id", sa.Uuid()),
        sa.Column("file_sha256", sa.Text()),
        sa.Column("cast_by", sa.Uuid(), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        *_checks(
            "ballot",
            choice="choice IN ('agree', 'refuse', 'abstain')",
            sale="(medium = 'sale') = (choice IS NULL)",
            scan="(medium = 'paper') = (file_sha256 IS NOT NULL)",
            proxy="proxy_id IS NULL OR medium = 'paper'",
        ),
        *_keys(
            "ballot",
            owner_id="owner.id",
            proxy_id="owner.id",
            file_sha256="file.sha256",
            cast_by="person.id",
        ),
        sa.ForeignKeyConstraint(
            ["vote_id", "household_id"],
            ["vote_property.vote_id", "vote_property.household_id"],
            name="fk_ballot_on_the_roll",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sa.UniqueConstraint("vote_id", "seq", name=op.f("uq_ballot_vote_id_seq")),
    )
    op.create_index("ix_ballot_flat", "ballot", ["vote_id", "household_id"])
    op.create_index("ix_ballot_owner_id", "ballot", ["owner_id"])
    op.create_index("ix_ballot_file_sha256", "ballot", ["file_sha256"])


def _checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()
    ]


def _keys(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]
