"""A database as it stood at an old head, and where its rows are today.

`data/old_head_0015.copy.gz` holds every row of a small city at `0015_public_face`, as COPY blocks
(`zcat` shows them). It was made once, before this file came, by the services of that day: two
estates and an imported one, whose 29 cases were walked into every state of R1 over the WeChat
emulator, with objections, claims, corrections, chats, deliveries, print orders and imports beside
them. By hand came only what a case finds there (places, people, the roster, money in the accounts,
the files of most papers) and a session that had ended; most callbacks were forgotten, as they are
after thirty days. `data/old_head_0015.json` says who plays which part in the cases that can go on.
Neither file can be made again, since the services moved on.

Sealed fields open with the secret of the tests. All people and numbers are invented.
"""

import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.build.databases import Database

OLD_HEAD = "0015_public_face"
OLD_SECRET = "a secret for tests only, long enough"
DATA = Path(__file__).parent / "data"

# Where later migrations put what stood in a table or column of the old head: SQL over the tables of
# today that gives the old rows and values back. What is not named here stands where it stood.
# A column that was dropped on purpose gives None; say why.
TABLES: Mapping[str, str] = {
    "claim": "owner_verification",
    "correction": "rectification_request",
    "cover": "coverage_period",
    "dead_letter": "unreadable_callback",
    "notice": "public_notice",
    "notice_photo": "public_notice_photo",
}
COLUMNS: Mapping[str, str | None] = {
    "approval.channel": "medium",
    "committee_member.conflicted": "recused",
    "inbox.openid": None,  # nobody read it; who wrote stands in the sealed body
    "objection.standing": "status",
    "plan.coverage": "scope_of_cover",
    "plan.limit_fen": "sum_insured_fen",
    "plan.promises": "service_commitments",
    "purchase.state": "CASE state WHEN 'posted' THEN 'publicised' ELSE state END",
    "transition.from_state": "CASE from_state WHEN 'posted' THEN 'publicised' ELSE from_state END",
    "transition.to_state": "CASE to_state WHEN 'posted' THEN 'publicised' ELSE to_state END",
    "transition.action": "CASE action WHEN 'post_notice' THEN 'publicise' ELSE action END",
    "purchase.account_id": (
        "(SELECT account_id FROM purchase_source WHERE purchase_id = purchase.id AND weight = 1)"
    ),
    "deadline.subject_id": "about_id",
    "deadline.kind": "CASE kind WHEN 'public_notice_period' THEN 'publicity' ELSE kind END",
}
# What a case's state was called, where it is called otherwise today.
STATES_TODAY = {"publicised": "posted"}

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Block:
    """The rows of one table, each the line that COPY writes for it."""

    table: str
    columns: Sequence[str]
    lines: Sequence[str]

    def only(self, columns: Sequence[str]) -> Counter[str]:
        """How often each row occurs, of which only these columns are looked at."""
        places = [self.columns.index(column) for column in columns]
        rows = (line.split("\t") for line in self.lines)
        return Counter("\t".join(row[place] for place in places) for row in rows)

    def rows(self) -> list[dict[str, str]]:
        """The rows by column, in the text of COPY (null is `\\N`)."""
        return [dict(zip(self.columns, line.split("\t"), strict=True)) for line in self.lines]


def old_rows() -> dict[str, Block]:
    """Every table of the old head with its rows, in an order in which they can be written."""
    blocks = {}
    text = gzip.decompress((DATA / "old_head_0015.copy.gz").read_bytes()).decode()
    for part in text.removesuffix("\\.\n\n").split("\\.\n\n"):
        head, *lines = part.removesuffix("\n").split("\n")
        table, columns = head.removeprefix("COPY ").removesuffix(") FROM stdin;").split(" (")
        blocks[table] = Block(table, columns.split(", "), lines)
    return blocks


def cast() -> dict[str, Any]:
    """The moment of the old database, and who plays which part in each case that can go on."""
    found: dict[str, Any] = json.loads((DATA / "old_head_0015.json").read_text())
    return found


def connect(database: Database) -> Connection:
    """A connection of our own to a database of the tests, as the owner of its tables."""
    return psycopg.connect(database.owner_url.replace("+psycopg", ""))


def load(connection: Connection) -> None:
    """Write the old rows into empty tables of the old head, as they are.

    The triggers would number, hash and add up anew, so they rest meanwhile; keys and checks do not.
    A purchase and its plan name each other, so that is looked at in the end.
    """
    blocks = old_rows().values()
    circle = ("fk_purchase_plan_id", "fk_purchase_invoice_id")
    for block in blocks:
        connection.execute(f"ALTER TABLE {block.table} DISABLE TRIGGER USER")
    for key in circle:
        connection.execute(f"ALTER TABLE purchase ALTER CONSTRAINT {key} DEFERRABLE")
    connection.execute("SET CONSTRAINTS ALL DEFERRED")
    for block in blocks:
        columns = ", ".join(block.columns)
        words = sql.SQL(f"COPY {block.table} ({columns}) FROM STDIN")
        with connection.cursor().copy(words) as copy:
            copy.write("".join(f"{line}\n" for line in block.lines))
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for key in circle:
        connection.execute(f"ALTER TABLE purchase ALTER CONSTRAINT {key} NOT DEFERRABLE")
    for block in blocks:
        connection.execute(f"ALTER TABLE {block.table} ENABLE TRIGGER USER")


def differences(connection: Connection, block: Block) -> tuple[list[str], list[str]]:
    """The rows of an old table that today's database has lost, and those it never had."""
    values = {name: COLUMNS.get(f"{block.table}.{name}", name) for name in block.columns}
    kept = {name: value for name, value in values.items() if value is not None}
    before = block.only(list(kept))
    source = TABLES.get(block.table, block.table)
    rows = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(
        sql.SQL(", ").join(sql.SQL(value) for value in kept.values()), sql.SQL(source)
    )
    with connection.cursor().copy(rows) as copy:
        text = b"".join(bytes(piece) for piece in copy).decode()
    today = Counter(text.removesuffix("\n").split("\n"))
    return sorted((before - today).elements()), sorted((today - before).elements())
