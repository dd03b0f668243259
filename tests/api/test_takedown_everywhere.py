"""What was taken down, revoked or insured is seen at once by whoever asks, whichever process of the
API answers them, and however many ask."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
import requests
from sqlalchemy import select

from backend.config import Settings
from backend.http.lift_pages import MAX_AGE_SECONDS
from backend.local.processes import LOOPBACK
from backend.services.public import lift_tokens
from backend.services.public_notice import objections
from backend.store.notices import PublicNotice, PublicNoticePhoto
from tests.build.players import Players
from tests.build.served import served
from tests.build.village import Village
from tests.build.waiting import PATIENCE_SECONDS, eventually

logger = logging.getLogger(__name__)
ANSWER = "三家机构的报价已经公布"
UNINSURED = "这台电梯目前没有维修保险"
ASKING = 4  # people at a time, who do nothing else
# A page that nobody forgot would go by itself, but never as soon.
SOON_SECONDS = MAX_AGE_SECONDS / 2


@pytest.fixture
def ports(own_settings: Settings, players: Players, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Two processes on the web server of production, before one database."""
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    serve = partial(served, own_settings, players.village.clock())
    with serve(folders[0]) as one, serve(folders[1]) as other:
        yield one, other


def shown(port: int, path: str) -> requests.Response:
    return requests.get(f"http://{LOOPBACK}:{port}{path}", timeout=PATIENCE_SECONDS)


def seconds_until_gone(ports: tuple[int, ...], path: str, words: str) -> float:
    """How long the slowest of them still shows these words, which all did just now."""
    seconds = eventually(lambda: all(words not in shown(port, path).text for port in ports))
    assert seconds < SOON_SECONDS
    return seconds


@contextmanager
def asked_for(ports: tuple[int, ...], paths: Sequence[str]) -> Iterator[None]:
    """Everybody asks for these pages again and again, all the time that the block runs."""
    over = Event()

    def ask(number: int) -> int:
        with requests.Session() as session:
            asked = 0
            while not over.is_set():
                for path in paths:
                    url = f"http://{LOOPBACK}:{ports[number % len(ports)]}{path}"
                    session.get(url, timeout=PATIENCE_SECONDS)
                    asked += 1
            return asked

    with ThreadPoolExecutor(ASKING) as crowd:
        asking = [crowd.submit(ask, number) for number in range(ASKING)]
        try:
            yield
        finally:
            over.set()
    logger.info("asked %d times meanwhile", sum(each.result() for each in asking))


def answered(village: Village) -> tuple[UUID, UUID]:
    """A notice and an answered objection to it."""
    _, notice = village.posted()
    objection = objections.file_objection(
        village.ctx, village.actor("owner0"), notice, "price", "保费偏高"
    )
    village.clerk.answers(objection.id, ANSWER)
    return notice, objection.id


@pytest.mark.deep
def test_words_and_photos_go_from_every_process_by_themselves(
    ports: tuple[int, int], players: Players
) -> None:
    village = players.village
    notice, objection = answered(village)
    with village.ctx.sessions() as tx:
        number = tx.get_one(PublicNotice, notice).number
        photo = tx.scalars(
            select(PublicNoticePhoto.file_sha256).where(PublicNoticePhoto.notice_id == notice)
        ).first()
    assert number
    assert photo
    page = f"/n/{number}"
    for port in ports:
        assert ANSWER in shown(port, page).text
        assert photo in shown(port, page).text

    def take_down(path: str, **body: str) -> None:
        key = {"Idempotency-Key": f"takedown-of-{'-'.join(body)}"}
        answer = requests.post(
            f"http://{LOOPBACK}:{ports[0]}/api/v1{path}",
            json=body,
            headers=players.headers("reviewer") | key,
            timeout=PATIENCE_SECONDS,
        )
        assert answer.status_code == 201, answer.text

    with asked_for(ports, [page]):
        take_down(f"/objections/{objection}/takedown", reason="涉及个人信息")
        words = seconds_until_gone(ports, page, ANSWER)
        assert all("已撤下（涉及个人信息）" in shown(port, page).text for port in ports)

        address = f"/api/v1/public/notices/{number}/photos/{photo}"
        assert shown(ports[1], address).headers["Cache-Control"] == "public, no-cache"
        take_down(f"/notices/{notice}/photo-takedown", file_sha256=photo, reason="拍到了人脸")
        pictures = seconds_until_gone(ports, page, photo)
        assert [shown(port, address).status_code for port in ports] == [404, 404]
    logger.info("gone from both processes: words %.3f s, a photo %.3f s", words, pictures)


@pytest.mark.deep
def test_a_new_policy_and_a_revoked_code_show_in_every_process(
    ports: tuple[int, int], players: Players
) -> None:
    village = players.village
    purchase = village.paid()
    clerk = village.actor("clerk")
    tokens = [
        lift_tokens.issue_token(village.ctx, clerk, lift, "首次张贴").token
        for lift in village.lifts
    ]
    pages = [f"/e/{token}" for token in tokens]
    for port in ports:
        assert all(UNINSURED in shown(port, page).text for page in pages)
    with asked_for(ports, pages):
        village.person("insurer").issues_policy(purchase.id, village.policy())
        insured = max(seconds_until_gone(ports, page, UNINSURED) for page in pages)
        lift_tokens.revoke_token(village.ctx, clerk, village.lifts[0], "贴纸被复制")
        revoked = seconds_until_gone(ports, pages[0], "这台电梯")
        assert [shown(port, pages[0]).status_code for port in ports] == [404, 404]
        assert [shown(port, pages[1]).status_code for port in ports] == [200, 200]
    logger.info("shown by both processes: a policy %.3f s, a revocation %.3f s", insured, revoked)
