"""A village that was copied is like one that was walked, and a changed one is always walked."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from backend.store.database import make_sessions
from backend.store.files import FileStore
from backend.store.notices import StoredFile
from backend.store.purchases import Purchase
from backend.store.registry import Estate
from tests.build.clock import MORNING, ManualClock
from tests.build.context import quiet_context
from tests.build.databases import Database, Databases
from tests.build.looking import assert_sound, steps
from tests.build.players import populate_neighbours, rows
from tests.build.village import Village, populate_village


@pytest.fixture
def settled(village: Village, database: Database) -> str:
    """The database that a village is a copy of while it stands nowhere else."""
    return database.template


@pytest.mark.parametrize("stage", ["planned", "cleared", "insured"])
def test_a_copied_stage_is_like_a_walked_one(
    village: Village,
    database: Database,
    settled: str,
    databases: Databases,
    tmp_path: Path,
    stage: str,
) -> None:
    copied: Purchase = getattr(village, stage)()
    assert database.template != settled
    own = databases.new()
    with own.engine() as engine:
        clock = ManualClock(MORNING)
        ctx = quiet_context(make_sessions(engine), clock, FileStore(tmp_path / "on foot"))
        on_foot = populate_village(ctx, clock)
        walked: Purchase = getattr(on_foot, stage)()
        assert (copied.number, copied.state) == (walked.number, walked.state)
        assert [step.action for step in steps(village, copied)] == [
            step.action for step in steps(on_foot, walked)
        ]
        assert rows(village.ctx) == rows(ctx)
        assert village.clock() == on_foot.clock()
    own.drop()


def test_papers_come_along(village: Village) -> None:
    village.insured()
    with village.ctx.sessions() as tx:
        papers = tx.scalars(select(StoredFile.sha256)).all()
    assert len(papers) > 10
    assert all(village.ctx.files.read(sha256) for sha256 in papers)


def test_a_case_goes_on_from_a_copied_stage(village: Village) -> None:
    paid = village.paid()
    paper = village.upload("insurer")
    issued = village.person("insurer").issues_policy(
        paid.id, village.policy(number="PL-9", file_sha256=paper)
    )
    assert issued.state == "policy_issued"
    assert_sound(village)


def test_stages_build_on_each_other(village: Village, database: Database, settled: str) -> None:
    neighbours = populate_neighbours(village)
    village.planned()
    assert database.template != settled
    assert "other_owner" in village.people
    with village.ctx.sessions() as tx:
        assert tx.get_one(Estate, neighbours.estate).code == "E2"


def test_where_something_was_written_the_way_is_walked(
    village: Village, database: Database, settled: str
) -> None:
    with village.ctx.sessions() as tx:
        tx.execute(update(Estate).values(name="改名小区"))
        tx.commit()
    purchase, _ = village.posted()
    assert database.template == settled
    assert purchase.state == "posted"
    with village.ctx.sessions() as tx:
        assert tx.get_one(Estate, village.estate).name == "改名小区"


def test_at_another_time_the_way_is_walked(
    village: Village, database: Database, settled: str
) -> None:
    village.clock.advance(days=1)
    purchase = village.planned()
    assert database.template == settled
    assert purchase.started_at == village.clock()


def test_with_other_lifts_the_way_is_walked(
    village: Village, database: Database, settled: str
) -> None:
    del village.lifts[1]
    village.planned()
    assert database.template == settled
