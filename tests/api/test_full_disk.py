"""A full disk is said in words, with a time to come again; nothing is half written."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.services.base.context import Context
from backend.store.audit import AuditEntry
from backend.store.files import NO_ROOM
from backend.store.notices import Photo, StoredFile, Upload
from backend.store.people import RectificationRequest
from tests.build.calling import SignIn, refused
from tests.build.databases import Database
from tests.build.players import Players
from tests.build.small_disk import no_more_pages
from tests.build.uploading import picture, send

Full = Callable[[int], None]


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Full:
    """From now on what is written reaches the disk no more, for this reason."""

    def fill(code: int) -> None:
        def fail(*_: object) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, "fsync", fail)

    return fill


def rows(tx: Session, record: Any) -> int | None:
    return tx.scalar(select(func.count()).select_from(record))


@pytest.mark.parametrize("code", NO_ROOM)
def test_an_upload_to_a_full_disk_comes_again_later(
    tx: Session,
    client: FlaskClient,
    sign_in: SignIn,
    ctx: Context,
    full: Full,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
) -> None:
    person, content = sign_in("张三"), picture("JPEG")
    links = rows(tx, AuditEntry)
    full(code)
    sent = send(client, person, content)
    assert refused(sent, 503) == ["busy"]
    assert int(sent.headers["Retry-After"]) >= 60
    assert "存储空间" in sent.get_json()["errors"][0]["message"]
    tx.rollback()
    assert [rows(tx, record) for record in (StoredFile, Upload, Photo)] == [0, 0, 0]
    assert rows(tx, AuditEntry) == links
    assert [path for path in _root(ctx).rglob("*") if path.is_file()] == []
    assert client.get("/healthz").status_code == 200
    monkeypatch.undo()
    assert send(client, person, content).status_code == 201


def test_a_write_that_finds_the_database_s_disk_full_comes_again_later_and_reads_go_on(
    tx: Session, players: Players, database: Database
) -> None:
    wrong, key = {"what": "房屋", "text": "应为 102"}, {"Idempotency-Key": "key-00000001"}
    there = "/me/rectification-requests"
    players.saw("owner1", "/me")
    with no_more_pages(database):
        sent = players.post("owner1", there, wrong, **key)
        assert refused(sent, 503) == ["busy"]
        assert int(sent.headers["Retry-After"]) >= 1
        assert players.saw("owner1", "/me")
    assert players.post("owner1", there, wrong, **key).status_code == 201
    assert rows(tx, RectificationRequest) == 1


def test_another_fault_of_the_disk_is_the_house_s(
    client: FlaskClient, sign_in: SignIn, full: Full
) -> None:
    person = sign_in("张三")
    full(errno.EIO)
    assert refused(send(client, person, picture("JPEG")), 500) == ["internal_error"]


def _root(ctx: Context) -> Path:
    return ctx.files.path("0" * 64).parents[1]
