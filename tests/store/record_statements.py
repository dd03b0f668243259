"""Keeps what the programs of one version say to the database, so that it can be said again.

`data/code_of_before.jsonl.gz` holds it: first the revision of that version's tables, then each
transaction of each scene with its statements, values and the rows that they touched (`zcat` shows
them). A scene is a test that people act in; it begins in a database without a row.
`test_code_of_before.py` says all of it again on today's tables. The record is renewed at a release,
and together with a migration that says `# stops: why`, by

    .venv/bin/python -m tests.store.record_statements
"""

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event

from backend.store import migrate
from tests.build.databases import MIGRATED

RECORD = Path(__file__).parent / "data" / "code_of_before.jsonl.gz"
SCENES = (
    "tests/api/test_route_over_http.py::test_the_whole_route_is_walked_by_the_people_who_take_its_steps",
    "tests/api/test_route_over_http.py::test_a_policy_can_be_cancelled_and_the_refund_returns",
    "tests/api/test_route_over_http.py::test_owners_apply_together",
    "tests/api/test_objecting.py::test_an_objection_goes_from_the_phone_to_the_receipt",
    "tests/api/test_residents.py::test_a_phone_code_verifies_an_owner_who_then_is_one",
    "tests/api/test_residents.py::test_ones_data_is_seen_taken_along_corrected_and_left_behind",
    "tests/api/test_residents.py::test_following_and_consents_are_listed",
    "tests/services/test_balances_import.py::test_an_estate_that_comes_later_brings_its_own_part",
    "tests/services/test_registry_import.py::test_one_maintainer_has_one_phone_however_it_is_written",
    "tests/services/test_printing.py::test_an_order_has_every_poster_of_the_estate_in_one_zip",
    "tests/services/test_holidays.py::test_reminders_follow_the_new_end",
    "tests/services/test_dismissals.py::test_a_dismissal_by_mistake_is_undone_by_another_officer_and_the_case_stands_still",
    "tests/services/test_takedowns.py::test_another_officer_restores_what_was_taken_down",
    "tests/services/test_things_change.py::test_a_code_put_right_is_the_same_lift_for_the_next_workbook",
    "tests/services/test_lockouts.py::test_whoever_is_let_in_again_signs_in_anew",
    "tests/services/test_followers.py::test_followers_hear_from_nine_on_the_day_before_the_last",
    "tests/jobs/test_delivery.py::test_a_reminder_reaches_the_person",
    "tests/services/test_deadline_sweep.py::test_overdue_is_daily_and_escalates_to_the_supervisor",
    "tests/services/test_inbox.py::test_a_failure_is_counted_and_keeps_no_words",
    "tests/wechat/test_bot_approval.py::TestApproval::test_a_refusal_asks_for_its_reason",
    "tests/wechat/test_callback_endpoint.py::test_what_the_platform_sent_and_nobody_can_read_becomes_a_unreadable_callback",
)
# Where a process that plays a scene writes what it heard; without it nothing is listened to.
OUT = "TIBAO_TEST_RECORD"

# One statement: what was said, and how many rows it touched or found, where that is known.
Said = tuple[str, int | None]
READING = re.compile(r"(?:SELECT|WITH)\b(?!.*\b(?:UPDATE|INSERT|DELETE|pg_advisory))", re.DOTALL)


class Listener:
    """Hears every transaction that was written, in the order of the commits, and what was read."""

    def __init__(self) -> None:
        self.transactions: list[list[Said]] = []
        self._open: dict[Any, list[tuple[bool, Said]]] = defaultdict(list)
        self._read: set[str] = set()

    def listen(self) -> None:
        """From now on, on every engine."""
        event.listen(Engine, "after_cursor_execute", self._heard)
        event.listen(Engine, "commit", self._written)
        event.listen(Engine, "rollback", self._left)

    def _heard(self, connection: Connection, cursor: Any, sql: str, values: Any, *_: Any) -> None:
        real: Any = connection.connection.dbapi_connection
        if real.info.dbname == MIGRATED:
            return  # a migration, not a program
        reads = bool(READING.match(sql))
        if reads and sql in self._read:
            return
        if reads:
            self._read.add(sql)
        several = isinstance(values, list)
        for one in values if several else [values]:
            rows = None if several or cursor.rowcount < 0 else cursor.rowcount
            said = (psycopg.ClientCursor(real).mogrify(sql, one), rows)
            self._open[real].append((reads, said))

    def _written(self, connection: Connection) -> None:
        said = self._open.pop(connection.connection.dbapi_connection, [])
        if said:
            self.transactions.append([one for _, one in said])

    def _left(self, connection: Connection) -> None:
        """A session that only read ends so too."""
        said = self._open.pop(connection.connection.dbapi_connection, [])
        if said and all(reads for reads, _ in said):
            self.transactions.append([one for _, one in said])


LISTENER = Listener()


def pytest_configure() -> None:
    """Listen, as a plugin of the pytest that plays a scene."""
    LISTENER.listen()


def pytest_unconfigure() -> None:
    """Write down what was heard."""
    Path(os.environ[OUT]).write_text(json.dumps(LISTENER.transactions), "utf-8")


def _played(scene: str) -> list[list[Said]]:
    """What is said in a scene. A process of its own begins without copies of earlier stages."""
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", __spec__.name, scene],
            check=True,
            env={**os.environ, OUT: out.name},
        )
        heard: list[list[Said]] = json.loads(Path(out.name).read_text("utf-8"))
        return heard


def _lines() -> Iterator[str]:
    yield json.dumps({"revision": migrate.head()})
    for scene in SCENES:
        for transaction in _played(scene):
            yield json.dumps([scene.rpartition("::")[2], transaction], ensure_ascii=False)


if __name__ == "__main__":
    text = "".join(f"{line}\n" for line in _lines())
    RECORD.write_bytes(gzip.compress(text.encode(), mtime=0))
