"""Disks without room, for tests that fill them."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from backend.store.database import make_engine
from tests.build.databases import Database

MAY_MOUNT = pytest.mark.skipif(
    subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode != 0,
    reason="this machine lets nobody mount a disk",
)
# What PostgreSQL says when the disk has no room for one more page of this table.
NO_MORE_PAGES = """
CREATE FUNCTION no_more_pages() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'could not extend file: 冯样零' USING ERRCODE = 'disk_full'; END$$;
CREATE TRIGGER no_more_pages BEFORE INSERT ON audit_entry EXECUTE FUNCTION no_more_pages()
"""
ROOM = "DROP TRIGGER no_more_pages ON audit_entry; DROP FUNCTION no_more_pages"


@contextmanager
def no_more_pages(database: Database) -> Iterator[None]:
    """The database's disk has no room for one more link of the chain in the block, so that whatever
    is written ends with what PostgreSQL says then."""
    database.create()
    owner = make_engine(database.owner_url)
    try:
        with owner.begin() as connection:
            connection.execute(text(NO_MORE_PAGES))
        yield
        with owner.begin() as connection:
            connection.execute(text(ROOM))
    finally:
        owner.dispose()
