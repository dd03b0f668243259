"""Statements of the fund's bank accounts, their lines, and what of the books each stands for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0081_bank_statements"
down_revision = "0080_confirmed_by_mistake"

KINDS = (
    "'payment', 'payment_returned', 'refund', 'interest', 'deposit_placed', 'deposit_matured', "
    "'other'"
)
# Words may be sealed anew by the tables' owner, and end ten years after their year (《会计档案管理
# 办法》附表一, 银行对账单); how late it is says the audit chain, or this machine. The rest stays.
ENDS = """
CREATE FUNCTION refuse_early_end_of_bank_words() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    known timestamptz;
BEGIN
    SELECT greatest(clock_timestamp(), at) INTO known FROM audit_entry ORDER BY id DESC LIMIT 1;
    IF NEW.words_sealed IS NOT NULL OR OLD.day >= date_trunc(
        'year', coalesce(known, clock_timestamp()) AT TIME ZONE 'Asia/Shanghai'
    ) - interval '10 years' THEN
        RAISE EXCEPTION 'the words of bank line % are kept', NEW.id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER bank_line_words BEFORE UPDATE ON bank_line FOR EACH ROW
    WHEN (OLD.words_sealed IS DISTINCT FROM NEW.words_sealed AND NOT by_the_owner())
    EXECUTE FUNCTION refuse_early_end_of_bank_words();
"""
FROZEN = """
CREATE TRIGGER bank_line_frozen BEFORE UPDATE ON bank_line FOR EACH ROW
    WHEN ((OLD.id, OLD.statement_id, OLD.bank_id, OLD.row, OLD.day, OLD.amount_fen, OLD.reference)
        IS DISTINCT FROM (NEW.id, NEW.statement_id, NEW.bank_id, NEW.row, NEW.day, NEW.amount_fen,
        NEW.reference))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_line_kept BEFORE DELETE OR TRUNCATE ON bank_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_statement_frozen BEFORE UPDATE ON bank_statement FOR EACH ROW
    WHEN (OLD.words_ended_at IS NOT NULL AND OLD.words_ended_at IS DISTINCT FROM NEW.words_ended_at
        OR OLD.withdrawn_at IS NOT NULL
        AND (OLD.withdrawn_at, OLD.withdrawn_by, OLD.withdrawn_because)
        IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_by, NEW.withdrawn_because)
        OR (OLD.id, OLD.bank_id, OLD.from_on, OLD.until_on, OLD.opening_fen, OLD.closing_fen,
        OLD.lines, OLD.digest, OLD.imported_by, OLD.imported_at)
        IS DISTINCT FROM (NEW.id, NEW.bank_id, NEW.from_on, NEW.until_on, NEW.opening_fen,
        NEW.closing_fen, NEW.lines, NEW.digest, NEW.imported_by, NEW.imported_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_statement_kept BEFORE DELETE OR TRUNCATE ON bank_statement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_match_frozen BEFORE UPDATE ON bank_match FOR EACH ROW
    WHEN (OLD.undone_at IS NOT NULL
        OR (OLD.id, OLD.line_id, OLD.bank_id, OLD.kind, OLD.entry_id, OLD.deposit_id,
        OLD.matched_by, OLD.matched_at)
        IS DISTINCT FROM (NEW.id, NEW.line_id, NEW.bank_id, NEW.kind, NEW.entry_id,
        NEW.deposit_id, NEW.matched_by, NEW.matched_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_match_kept BEFORE DELETE OR TRUNCATE ON bank_match
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _statements()
    _lines()
    _matches()
    op.execute(ENDS)
    op.execute(FROZEN)


def _statements() -> None:
    table = "bank_statement"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("opening_fen", sa.BigInteger(), nullable=False),
        sa.Column("closing_fen", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("withdrawn_by", sa.Uuid()),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("withdrawn_because", sa.Text()),
        sa.Column("words_ended_at", MOMENT),
        sa.CheckConstraint("until_on >= from_on", name=op.f(f"ck_{table}_period")),
        sa.CheckConstraint("lines >= 0", name=op.f(f"ck_{table}_lines")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"
            " AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
            name=op.f(f"ck_{table}_taken_back"),
        ),
        postgresql.ExcludeConstraint(
            (sa.column("bank_id"), "="),
            (sa.text("daterange(from_on, until_on, '[]')"), "&&"),
            where=sa.text("withdrawn_at IS NULL"),
            using="gist",
            name="ex_bank_statement_overlap",
        ),
        *_keys(table, bank_id="account.id"),
        *_keys(table, imported_by="person.id", withdrawn_by="person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_bank_id", table, ["bank_id"])
    op.create_index(
        f"ix_{table}_words",
        table,
        ["until_on"],
        postgresql_where=sa.text("words_ended_at IS NULL"),
    )


def _lines() -> None:
    table = "bank_line"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary()),
        sa.CheckConstraint("amount_fen <> 0", name=op.f(f"ck_{table}_amount")),
        *_keys(table, statement_id="bank_statement.id", bank_id="account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "statement_id", "reference", name=op.f(f"uq_{table}_statement_id_reference")
        ),
        sa.UniqueConstraint("statement_id", "row", name=op.f(f"uq_{table}_statement_id_row")),
    )
    op.create_index(f"ix_{table}_bank_id", table, ["bank_id", "day"])
    op.create_index(f"ix_{table}_reference", table, ["reference"])


def _matches() -> None:
    table = "bank_match"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid()),
        sa.Column("deposit_id", sa.Uuid()),
        sa.Column("matched_by", sa.Uuid(), nullable=False),
        sa.Column("matched_at", MOMENT, nullable=False),
        sa.Column("undone_by", sa.Uuid()),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_because", sa.Text()),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f(f"ck_{table}_kind")),
        sa.CheckConstraint(
            "(deposit_id IS NOT NULL) = (kind IN ('deposit_placed', 'deposit_matured'))"
            " AND num_nonnulls(entry_id, deposit_id) = 1",
            name=op.f(f"ck_{table}_thing"),
        ),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)"
            " AND (undone_at IS NULL) = (undone_because IS NULL)",
            name=op.f(f"ck_{table}_undone"),
        ),
        *_keys(table, line_id="bank_line.id", bank_id="account.id", entry_id="entry.id"),
        *_keys(table, deposit_id="deposit.id", matched_by="person.id", undone_by="person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_line_id", table, ["line_id"])
    op.create_index(f"ix_{table}_bank_id", table, ["bank_id"])
    for name, columns in (
        ("line", ["line_id"]),
        ("entry", ["entry_id", "bank_id"]),
        ("deposit", ["deposit_id", "kind"]),
    ):
        op.create_index(
            f"uq_{table}_{name}",
            table,
            columns,
            unique=True,
            postgresql_where=sa.text("undone_at IS NULL"),
        )


def _keys(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]
