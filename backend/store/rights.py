"""What the programs may do in the database: exactly this, given anew by each `tibao migrate`.

The tables belong to the role that migrates. The programs come as another, which owns nothing, makes
nothing, not even temporary tables, and has a right to a table only where the code uses it. So what
somebody does who got hold of a program, or of its password, stays within what the guards of the
tables let through (`docs/data-model.md`).

A right that new code no longer uses is taken away one version later: until then, programs of the
version before may still run.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, text

SEE = "SELECT"
ADD = "SELECT, INSERT"  # append-only, or never corrected
CHANGE = "SELECT, INSERT, UPDATE"
ANY = "SELECT, INSERT, UPDATE, DELETE"

RIGHTS: Mapping[str, str] = {
    "access_grant": CHANGE,
    # The figures follow the postings and holds: guards write them. Locking a row needs a column.
    "account": f"{ADD}, UPDATE (name, closed_on)",
    "account_bank": ADD,
    "account_year": SEE,  # a guard keeps it
    "alembic_version": SEE,
    "answer_delivery": f"{ADD}, UPDATE (undone_at, undone_by, undone_because)",
    "approval": ADD,
    "audit_checkpoint": ADD,
    "audit_entry": ADD,  # a guard links it
    "ballot": ADD,
    "bank_agreement": f"{ADD}, UPDATE (withdrawn_by, withdrawn_at, withdrawn_because)",
    "bank_answer": ADD,
    "bank_line": f"{ADD}, UPDATE (words_sealed)",
    "bank_match": f"{ADD}, UPDATE (undone_at, undone_by, undone_because)",
    "bank_offer": ADD,
    "bank_statement": f"{ADD}, UPDATE (withdrawn_at, withdrawn_by, withdrawn_because,"
    " words_ended_at)",
    "bank_transfer": f"{ADD}, UPDATE (entry_id, decided_by, decided_at, confirmed,"
    " turned_down_because)",
    "building": CHANGE,
    "case_handover": ADD,
    "case_letter": ADD,
    "case_letter_delivery": f"{ADD}, UPDATE (undone_at, undone_by, undone_because)",
    "channel_state": CHANGE,
    "chat_turn": ANY,
    "city_profile": ADD,
    "committee": CHANGE,
    "committee_member": CHANGE,
    "consent": ANY,
    "contract": ADD,
    "cosignature": f"{ADD}, UPDATE (signed_at, entered_by, withdrawn_at)",
    "coverage_period": CHANGE,
    "deadline": CHANGE,
    "departure": "SELECT, INSERT, DELETE",
    "deposit": f"{ADD}, UPDATE (withdrawn_by, withdrawn_at, withdrawn_because)",
    "deposit_interest": CHANGE,
    "desk_account": ANY,
    "desk_draft": ANY,
    "desk_sign_in": ANY,
    "desk_try": ANY,
    "dismissal": CHANGE,
    "entry": ADD,
    "estate": CHANGE,
    "evidence": ADD,
    "file": ADD,
    "filed_clause": f"{ADD}, UPDATE (ended_on, ended_because)",
    "follow": ANY,
    "former_lift_code": ADD,
    "fund_batch": ADD,
    "fund_line": ADD,
    "fund_sent": ADD,
    "hold": CHANGE,
    "holiday_year": CHANGE,
    "household": CHANGE,
    "household_balance": ADD,
    "household_control": ADD,  # guards add up what flats have
    "household_movement": ADD,
    "household_share": "SELECT, INSERT, DELETE",
    "idempotency_key": ANY,
    "identity": ANY,
    "inbox": ANY,
    "insurer": CHANGE,
    "interest_undo": CHANGE,
    "interest_year": ADD,
    "invitation": CHANGE,
    "invoice": ADD,
    "key_check": SEE,
    "last_look": CHANGE,
    "lift": CHANGE,
    "lift_token": CHANGE,
    "lift_unit": "SELECT, INSERT, DELETE",
    "lockout": CHANGE,
    "login_session": ANY,
    "maintainer": CHANGE,
    "mandate": CHANGE,
    "name_form": "SELECT, UPDATE",
    "number_series": CHANGE,
    "objection": CHANGE,
    "objection_photo": ADD,
    "officer_act": ADD,
    "opening_correction": CHANGE,
    "opening_figure": ADD,
    "ordered_file": ANY,
    "outbox": ANY,
    "owner": CHANGE,
    "owner_verification": CHANGE,
    "paper_entry": f"{ADD}, UPDATE (decided_by, decided_at, confirmed, turned_down_because)",
    "leading_decision": f"{ADD}, UPDATE (withdrawn_by, withdrawn_at, withdrawn_because)",
    "past_income": f"{ADD}, UPDATE (entry_id, decided_by, decided_at, confirmed,"
    " turned_down_because)",
    "payee_change": CHANGE,
    "payment": CHANGE,
    "payment_batch": f"{ADD}, UPDATE (submitted_by, submitted_at)",
    "period_lock": f"{ADD}, UPDATE (decided_by, decided_at, confirmed, turned_down_because)",
    "person": CHANGE,
    "phone_try": ANY,
    "photo": ADD,
    "plan": ADD,
    "plan_lift": ADD,
    "plan_share": ADD,
    "poster": ADD,
    "policy": ADD,
    "posting": ADD,
    "print_item": CHANGE,
    "print_order": CHANGE,
    "property_company": CHANGE,
    "public_notice": CHANGE,
    "public_notice_photo": ADD,
    "purchase": CHANGE,
    "purchase_lift": "SELECT, INSERT, DELETE",
    "purchase_source": "SELECT, INSERT, DELETE",
    "purchase_unit": "SELECT, INSERT, DELETE",
    "rectification_request": ANY,
    "refund": CHANGE,
    "registration": ADD,
    "saved_filter": ANY,
    "screening_finding": ADD,
    "second_factor": ANY,
    "special_deposit": f"{ADD}, UPDATE (undone_by, undone_at)",
    "succession": CHANGE,
    "survey": ADD,
    "takedown": CHANGE,
    "transition": ADD,
    "unit": CHANGE,
    "unreadable_callback": "SELECT, INSERT, DELETE",
    "upload": ANY,
    "upload_try": ANY,
    "vote": f"{ADD}, UPDATE (closes_at, counted_by, counted_at, result, outcome, ended_at)",
    "vote_property": ADD,
    "workbook_import": CHANGE,
    "year_close": ANY,
    "year_share": f"{ADD}, DELETE, UPDATE (receivable_fen, settled_fen)",
}

# What a role could still do that no program of ours needs; each row is one sentence.
EXCESS = """
SELECT 'is a superuser' FROM pg_roles WHERE rolname = :role AND rolsuper
UNION ALL
SELECT 'may make roles, databases or replicas, or pass row security' FROM pg_roles
WHERE rolname = :role AND (rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
UNION ALL
SELECT 'is a member of ' || rolname FROM pg_roles
WHERE rolname <> :role AND pg_has_role(:role, oid, 'MEMBER')
UNION ALL
SELECT 'owns ' || relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND pg_get_userbyid(relowner) = :role
UNION ALL
SELECT 'may ' || may || ' in the database' FROM unnest(ARRAY['CREATE', 'TEMPORARY']) may
WHERE has_database_privilege(:role, current_database(), may)
UNION ALL
SELECT 'may make tables' WHERE has_schema_privilege(:role, 'public', 'CREATE')
"""


class TooMuchPower(Exception):
    """The programs' role can do what no program needs; the message says what."""


def give(connection: Connection, role: str) -> None:
    """Give `role` these rights and no others, as the owner of the tables.

    Raises TooMuchPower when it has power that the owner cannot take away.
    """
    quote = connection.dialect.identifier_preparer.quote
    database, name = (
        quote(connection.execute(text("SELECT current_database()")).scalar_one()),
        quote(role),
    )
    script = [
        f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {name}",
        f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {name}",
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {name}",
        *(f"GRANT {rights} ON {table} TO {name}" for table, rights in RIGHTS.items()),
    ]
    connection.exec_driver_sql("; ".join(script))
    if excess := connection.scalars(text(EXCESS), {"role": role}).all():
        raise TooMuchPower(f"{role} " + ", ".join(excess))
