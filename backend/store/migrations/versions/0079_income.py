"""Where the money comes from: deposits, the interest that banks paid, and the yearly close."""

import sqlalchemy as sa
from alembic import op

revision = "0079_income"
down_revision = "0078_ordered_files"

KINDS = (
    "'bank', 'owners_principal', 'statutory_interest_payable', 'unallocated_income', "
    "'pooled_income', 'pool_receivable', 'held_premium', 'insurer_payable', 'special_account', "
    "'refund_suspense'"
)
PERSONS = ("entered_by", "in_stead_of", "decided_by")
# What was posted stays; shares of a preview go with it.
FROZEN = """
CREATE FUNCTION keep_shares() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM year_close
        WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.close_id ELSE OLD.close_id END
            AND state = 'posted'
    ) THEN
        RAISE EXCEPTION '% of % is refused', lower(TG_OP), TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER year_share_frozen BEFORE INSERT OR UPDATE OR DELETE ON year_share
    FOR EACH ROW EXECUTE FUNCTION keep_shares();
CREATE TRIGGER year_close_frozen BEFORE UPDATE OR DELETE ON year_close
    FOR EACH ROW WHEN (OLD.state = 'posted') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deposit_interest_frozen BEFORE UPDATE ON deposit_interest
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deposit_interest_kept BEFORE DELETE ON deposit_interest
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER interest_year_kept BEFORE UPDATE OR DELETE ON interest_year
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE EXECUTE ON FUNCTION keep_shares() FROM PUBLIC
"""


def upgrade() -> None:
    op.drop_constraint(op.f("ck_account_kind"), "account", type_="check")
    op.execute(f"ALTER TABLE account ADD CONSTRAINT ck_account_kind CHECK (kind IN ({KINDS}))")
    _deposits()
    _interest()
    _closes()
    op.execute(FROZEN)


def _deposits() -> None:
    op.create_table(
        "deposit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("principal_fen", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Numeric(9, 8), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("matures_on", sa.Date()),
        sa.Column("benchmark_rate", sa.Numeric(9, 8), nullable=False),
        sa.Column("benchmark_source", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid()),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_because", sa.Text()),
        sa.CheckConstraint("principal_fen > 0", name=op.f("ck_deposit_principal")),
        sa.CheckConstraint("rate > 0 AND rate < 1", name=op.f("ck_deposit_rate")),
        sa.CheckConstraint(
            "benchmark_rate > 0 AND benchmark_rate < 1", name=op.f("ck_deposit_benchmark")
        ),
        sa.CheckConstraint("(months = 0) = (matures_on IS NULL)", name=op.f("ck_deposit_term")),
        sa.CheckConstraint("matures_on > value_on", name=op.f("ck_deposit_matures")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
            " AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
            name=op.f("ck_deposit_taken_back"),
        ),
        *_keys("deposit", bank_id="account.id", file_sha256="file.sha256"),
        *_keys("deposit", entered_by="person.id", withdrawn_by="person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit")),
    )
    op.create_index("ix_deposit_file_sha256", "deposit", ["file_sha256"])
    op.create_index(
        "uq_deposit_number",
        "deposit",
        ["bank_id", "number"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def _interest() -> None:
    table = "deposit_interest"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("actual_fen", sa.BigInteger(), nullable=False),
        sa.Column("statutory_fen", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid()),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("in_stead_of", sa.Uuid()),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed", sa.Boolean()),
        sa.Column("turned_down_because", sa.Text()),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)"
            " AND (decided_at IS NULL) = (confirmed IS NULL)"
            " AND (turned_down_because IS NOT NULL) = (confirmed IS NOT NULL AND NOT confirmed)",
            name=op.f("ck_deposit_interest_decided"),
        ),
        sa.CheckConstraint(
            "NOT confirmed OR (decided_by <> entered_by"
            " AND decided_by IS DISTINCT FROM in_stead_of)",
            name=op.f("ck_deposit_interest_another_officer"),
        ),
        sa.CheckConstraint(
            "until_on > from_on AND posted_on >= until_on", name=op.f("ck_deposit_interest_days")
        ),
        sa.CheckConstraint(
            "actual_fen >= 0 AND statutory_fen >= 0", name=op.f("ck_deposit_interest_amounts")
        ),
        sa.CheckConstraint(
            "(entry_id IS NULL) OR (confirmed IS NOT NULL AND confirmed)",
            name=op.f("ck_deposit_interest_booked"),
        ),
        *_keys(table, deposit_id="deposit.id", bank_id="account.id", entry_id="entry.id"),
        *_keys(table, file_sha256="file.sha256", **dict.fromkeys(PERSONS, "person.id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_deposit_id", table, ["deposit_id"])
    op.create_index(f"ix_{table}_file_sha256", table, ["file_sha256"])
    for name, columns, where in (
        (f"uq_{table}_waiting", ["deposit_id"], "decided_at IS NULL"),
        (
            f"uq_{table}_reference",
            ["bank_id", "bank_reference"],
            "confirmed IS NULL OR confirmed",
        ),
        (f"uq_{table}_days", ["deposit_id", "until_on"], "confirmed"),
    ):
        op.create_index(name, table, columns, unique=True, postgresql_where=sa.text(where))
    op.create_table(
        "interest_year",
        sa.Column("interest_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("value_added_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("value_added_fen > 0", name=op.f("ck_interest_year_value_added")),
        *_keys("interest_year", interest_id="deposit_interest.id"),
        sa.PrimaryKeyConstraint("interest_id", "year", name=op.f("pk_interest_year")),
    )


def _closes() -> None:
    op.create_table(
        "year_close",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("moved_fen", sa.BigInteger(), nullable=False),
        sa.Column("receivable_fen", sa.BigInteger(), nullable=False),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.Numeric(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("previewed_by", sa.Uuid(), nullable=False),
        sa.Column("in_stead_of", sa.Uuid()),
        sa.Column("previewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_by", sa.Uuid()),
        sa.Column("posted_at", sa.DateTime(timezone=True)),
        sa.Column("entry_id", sa.Uuid()),
        sa.CheckConstraint("state IN ('preview', 'posted')", name=op.f("ck_year_close_state")),
        sa.CheckConstraint("total_fen >= 0 AND revision > 0", name=op.f("ck_year_close_total")),
        sa.CheckConstraint(
            "(state = 'posted') = (posted_by IS NOT NULL)"
            " AND (posted_by IS NULL) = (posted_at IS NULL)"
            " AND (posted_by IS NULL) = (entry_id IS NULL)",
            name=op.f("ck_year_close_is_posted"),
        ),
        sa.CheckConstraint(
            "posted_by IS NULL OR (posted_by <> previewed_by"
            " AND posted_by IS DISTINCT FROM in_stead_of)",
            name=op.f("ck_year_close_another_officer"),
        ),
        *_keys("year_close", previewed_by="person.id", in_stead_of="person.id"),
        *_keys("year_close", posted_by="person.id", entry_id="entry.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_close")),
        sa.UniqueConstraint("year", "revision", name=op.f("uq_year_close_year_revision")),
    )
    op.create_table(
        "year_share",
        sa.Column("close_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.Numeric(), nullable=False),
        sa.Column("remainder", sa.Numeric(), nullable=False),
        sa.Column("extra", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("before_fen", sa.BigInteger(), nullable=False),
        sa.Column("receivable_fen", sa.BigInteger(), nullable=False),
        sa.Column("settled_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("weight >= 0 AND remainder >= 0", name=op.f("ck_year_share_weight")),
        sa.CheckConstraint(
            "fen >= 0 AND before_fen >= 0 AND extra IN (0, 1)", name=op.f("ck_year_share_fen")
        ),
        sa.CheckConstraint(
            "receivable_fen BETWEEN 0 AND greatest(before_fen - fen, 0)",
            name=op.f("ck_year_share_owed"),
        ),
        sa.CheckConstraint(
            "settled_fen BETWEEN 0 AND greatest(fen - before_fen, 0)",
            name=op.f("ck_year_share_settled"),
        ),
        *_keys("year_share", close_id="year_close.id", account_id="account.id"),
        sa.PrimaryKeyConstraint("close_id", "account_id", name=op.f("pk_year_share")),
    )


def _keys(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]
