"""What was handed in and used for nothing goes after a month; what something rests on stays."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.services.base import audit
from backend.services.files.handed_in import check_upload
from backend.services.files.unused import KEPT, forget_unused
from backend.services.files.uploads import read_file
from backend.services.files.whole import verify_files
from backend.store.audit import AuditEntry
from backend.store.base import Base
from backend.store.notices import Evidence, Upload
from backend.store.queries.files import _uses
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
    a_month_later(village)
    assert not is_there(village, sha256)
    with pytest.raises(Refused) as refused:
        read_file(village.ctx, owner, sha256)
    assert refused.value.kind == "missing"
    with village.ctx.sessions() as tx:
        told = select(AuditEntry.subject_id).where(AuditEntry.action == "file.forget")
        assert tx.scalars(told).all() == [sha256]
        assert audit.verify(tx).ok
        assert verify_files(tx, village.ctx.files).ok


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
    hashes = {name for name in named if name.endswith("text_sha256")}
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
