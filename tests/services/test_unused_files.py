"""What was handed in and used for nothing goes after a month; what something rests on stays."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backend.domain.errors import Refused
from backend.pictures.apart import is_signed
from backend.services.base import audit
from backend.services.files.handed_in import check_upload
from backend.services.files.unused import (
    KEPT,
    PARTS,
    UNFINISHED_SECONDS,
    forget_unused,
    part_of,
)
from backend.services.files.uploads import read_file
from backend.services.files.whole import verify_files
from backend.services.public_notice import photos
from backend.store.audit import AuditEntry
from backend.store.base import Base
from backend.store.notices import Evidence, Objection, StoredFile, Upload
from backend.store.queries.files import _uses, lock_file
from tests.build.objecting import hand_in, object_to, picture, signature
from tests.build.papers import pdf
from tests.build.village import Village
from tests.build.waiting import eventually, somebody_waits_for_a_lock

PDF = pdf("paper")


def is_there(village: Village, sha256: str) -> bool:
    return village.ctx.files.path(sha256).exists()


def a_month_later(village: Village) -> None:
    village.clock.set(village.clock() + KEPT + timedelta(seconds=1))
    forget_unused(village.ctx)


def test_a_file_that_nothing_rests_on_goes_after_a_month(village: Village) -> None:
    owner = village.actor("owner0")
    sha256 = hand_in(village, "owner0", picture())
    village.clock.set(village.clock() + KEPT)
    forget_unused(village.ctx)
    assert is_there(village, sha256)
    village.clock.set(village.clock() + timedelta(seconds=1))
    forget_unused(village.ctx)
    assert not is_there(village, sha256)
    with pytest.raises(Refused) as refused:
        read_file(village.ctx, owner, sha256)
    assert refused.value.kind == "missing"
    with village.ctx.sessions() as tx:
        told = select(AuditEntry.subject_id).where(AuditEntry.action == "file.forget")
        assert tx.scalars(told).all() == [sha256]
        assert audit.verify(tx).ok
        assert verify_files(tx, village.ctx.files).ok


def test_what_was_missed_for_long_goes_when_its_part_comes_up(village: Village) -> None:
    sha256 = hand_in(village, "owner0", picture())
    village.clock.set(village.clock() + KEPT * 4)
    this_hour = int(sha256[:2], 16)
    forget_unused(village.ctx, part_of(this_hour + 1))
    assert is_there(village, sha256)
    forget_unused(village.ctx, part_of(this_hour + PARTS))
    assert not is_there(village, sha256)
    hashes = {hashlib.sha256(bytes([each])).hexdigest()[:2] for each in range(256)}
    assert hashes <= {part_of(hour) for hour in range(PARTS)}


def test_what_something_rests_on_stays(village: Village) -> None:
    notice = village.posted()[1]
    photo, signed = hand_in(village, "owner0", picture()), hand_in(village, "owner0", signature())
    object_to(village, notice, photos=[photo], signed=signed)
    paper = hand_in(village, "manager", PDF)
    with village.ctx.sessions() as tx:
        before = tx.scalars(select(Evidence.file_sha256)).all()
    a_month_later(village)
    assert is_there(village, photo)
    assert is_there(village, signed)
    assert not is_there(village, paper)
    assert all(is_there(village, sha256) for sha256 in before if sha256)
    with village.ctx.sessions() as tx:
        assert verify_files(tx, village.ctx.files).ok


def test_every_table_that_names_a_file_keeps_it() -> None:
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("sha256") and table.name not in ("file", "upload", "photo")
    }
    posters = {"public_notice_photo.poster_sha256", "print_item.poster_sha256"}  # rest on a poster
    # Of what is made anew each time, or lies sealed in its row.
    hashes = {"payment_batch.sha256", "workbook_import.sha256"}
    hashes |= {name for name in named if name.endswith("text_sha256")}
    assert {f"{use.table.name}.{use.name}" for use in _uses()} == named - posters - hashes


def test_handed_in_by_another_since_it_stays_for_both(village: Village) -> None:
    sha256 = hand_in(village, "owner0", picture())
    village.clock.set(village.clock() + timedelta(days=20))
    hand_in(village, "owner1", picture())
    village.clock.set(village.clock() + timedelta(days=20))
    forget_unused(village.ctx)
    assert is_there(village, sha256)
    with village.ctx.sessions() as tx:
        assert len(tx.scalars(select(Upload).where(Upload.file_sha256 == sha256)).all()) == 2


def test_handed_in_again_it_is_there_again(village: Village) -> None:
    sha256 = hand_in(village, "owner0", picture())
    a_month_later(village)
    assert hand_in(village, "owner0", picture()) == sha256
    assert is_there(village, sha256)
    assert read_file(village.ctx, village.actor("owner0"), sha256)[0]


def test_what_is_used_at_this_moment_is_not_dropped(village: Village) -> None:
    """The sweep finds it unused, and waits for whoever hands it in to a case just now."""
    sha256 = hand_in(village, "manager", PDF)
    case = village.drafted()
    village.clock.set(village.clock() + KEPT + timedelta(seconds=1))
    with ThreadPoolExecutor(1) as pool:
        with village.ctx.sessions() as tx:
            check_upload(tx, village.actor("manager"), sha256, "file_sha256")
            tx.add(
                Evidence(
                    subject=case.subject,
                    kind="application_form",
                    file_sha256=sha256,
                    given_by=village.actor("manager").person_id,
                    given_at=village.clock(),
                )
            )
            tx.flush()
            swept = pool.submit(forget_unused, village.ctx)
            eventually(lambda: somebody_waits_for_a_lock(village.ctx.sessions))
            tx.commit()
        swept.result()
    assert is_there(village, sha256)


def stored_long_ago(village: Village, content: bytes) -> str:
    """A process stored it and was killed before it could write a row."""
    sha256 = village.ctx.files.put(content)
    path = village.ctx.files.path(sha256)
    long_ago = path.stat().st_mtime - UNFINISHED_SECONDS - 1
    os.utime(path, (long_ago, long_ago))
    return sha256


def test_what_a_killed_process_stored_and_no_row_names_goes_after_a_day(village: Village) -> None:
    named = hand_in(village, "owner0", picture())
    path = village.ctx.files.path(named)
    os.utime(path, (0, 0))
    fresh, old = village.ctx.files.put(b"a minute ago"), stored_long_ago(village, b"long ago")
    for stored in (named, fresh, old):
        forget_unused(village.ctx, stored[:2])
    assert [is_there(village, one) for one in (named, fresh, old)] == [True, True, False]
    with village.ctx.sessions() as tx:
        assert verify_files(tx, village.ctx.files).ok


def test_what_is_handed_in_again_just_now_is_not_dropped_for_having_no_row(
    village: Village,
) -> None:
    """The sweep finds no row, and waits for whoever stores the same bytes."""
    sha256 = stored_long_ago(village, PDF)
    now = village.clock()
    row = {"sha256": sha256, "media_type": "application/pdf", "size_bytes": 1, "stored_at": now}
    with ThreadPoolExecutor(1) as pool:
        with village.ctx.sessions() as tx:
            lock_file(tx, sha256)
            village.ctx.files.put(PDF)
            swept = pool.submit(forget_unused, village.ctx, sha256[:2])
            eventually(lambda: somebody_waits_for_a_lock(village.ctx.sessions))
            tx.add(StoredFile(**row))
            tx.commit()
        swept.result()
    assert is_there(village, sha256)


def test_what_was_dropped_since_it_was_looked_at_is_asked_for_again(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at a signature, which takes a while, and the objection the sweep passes."""
    notice = village.posted()[1]
    photo, signed = hand_in(village, "owner0", picture()), hand_in(village, "owner0", signature())

    def slow(drawn: bytes) -> bool:
        found = is_signed(drawn)
        with village.ctx.sessions() as tx:
            tx.execute(update(Upload).values(uploaded_at=village.clock() - KEPT * 2))
            tx.commit()
        for each in (photo, signed):
            forget_unused(village.ctx, each[:2])
        return found

    monkeypatch.setattr(f"{photos.__name__}.is_signed", slow)
    with pytest.raises(Refused) as refused:
        object_to(village, notice, photos=[photo], signed=signed)
    assert [one.code for one in refused.value.refusals] == ["file_unknown"]
    with village.ctx.sessions() as tx:
        assert tx.scalars(select(Objection)).all() == []
