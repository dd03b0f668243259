"""What operators are told to type exists: every statement, every command of ours."""

import re
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.cli import COMMANDS
from backend.jobs.names import QUEUES

ROOT = Path(__file__).parents[2]
PAGE = "\n".join((ROOT / page).read_text("utf-8") for page in ("SECURITY.md", "docs/operating.md"))


def test_every_statement_runs(tx: Session) -> None:
    blocks = re.findall(r"```sql\n(.+?)```", PAGE, re.DOTALL)
    statements = [sql for block in blocks for sql in re.sub("--.*", "", block).split(";")]
    asked = [sql for sql in statements if sql.strip()]
    assert len(asked) > 4
    for sql in asked:
        tx.execute(text(sql))


def test_every_command_and_queue_exists() -> None:
    called = set(re.findall(r"(?<!SETUSER )tibao (?!worker QUEUE)([a-z-]+)", PAGE))
    assert called >= {"migrate", "audit", "trial-balance", "cron"}
    assert called <= COMMANDS.keys()
    assert [queue for queue in QUEUES if f"`{queue}`" not in PAGE] == []
