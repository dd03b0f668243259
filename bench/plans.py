"""What the database did for what it was asked: its own plans, told with every statement.

A server that runs `TOLD` answers each statement with its plan as a notice; `Plans` adds them up for
whatever happens inside a block. Statements inside triggers and functions count as well.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg.errors import Diagnostic
from sqlalchemy import Connection, Engine, event, text

TOLD = (
    "session_preload_libraries=auto_explain",
    "auto_explain.log_min_duration=0",
    "auto_explain.log_analyze=on",
    "auto_explain.log_buffers=on",
    "auto_explain.log_timing=off",
    "auto_explain.log_nested_statements=on",
    "auto_explain.log_format=json",
    "log_min_messages=fatal",
)


def vacuum(connection: Connection) -> None:
    """See that what the database knows of its tables does not depend on chance: a page counts as
    seen by all only when the commits of its rows are in the log for good, and these servers wait
    for none. The connection commits by itself."""
    connection.execute(text("SET synchronous_commit = on"))
    connection.execute(text("SELECT pg_current_xact_id()"))
    connection.execute(text("VACUUM ANALYZE"))


@dataclass
class Cost:
    """Statements sent, pages of the database they touched, and rows they looked at; and the tables
    that were read from end to end, as one without an index for what is asked must be."""

    statements: int = 0
    buffers: int = 0
    rows: int = 0
    scanned: set[str] = field(default_factory=set)

    def add(self, plan: dict[str, Any]) -> None:
        """One statement's plan."""
        self.buffers += plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
        for node in _nodes(plan):
            if node["Node Type"] == "Seq Scan":
                self.scanned.add(node["Relation Name"])
            seen = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
            if "Relation Name" in node or node["Node Type"] == "Bitmap Index Scan":
                self.rows += round(seen * node.get("Actual Loops", 1))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


class Plans:
    """Listens to every connection that this engine opens from now on."""

    def __init__(self, engine: Engine) -> None:
        self._now = Cost()
        event.listen(engine, "connect", self._listen)
        event.listen(engine, "before_cursor_execute", self._count)

    def _listen(self, connection: Any, _: object) -> None:
        connection.execute("SET client_min_messages = log")
        connection.commit()
        connection.add_notice_handler(self._told)

    def _count(self, *_: object) -> None:
        self._now.statements += 1

    def _told(self, notice: Diagnostic) -> None:
        words, _, plan = (notice.message_primary or "").partition("plan:\n")
        if plan and words.startswith("duration:"):
            self._now.add(json.loads(plan)["Plan"])

    @contextmanager
    def of(self) -> Iterator[Cost]:
        """What was asked inside the block."""
        before, self._now = self._now, Cost()
        try:
            yield self._now
        finally:
            self._now = before
