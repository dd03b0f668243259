"""Posters per second beside Pillow just encoding the same pictures, on one core, in one run.

    .venv/bin/python -m bench.posters

Ours is the whole way: set the text, draw, read the code back, encode. The other side only encodes
the finished pictures. An estate's worth of lifts is printed, each with its own names and code, so
that letters and fonts are as warm as in a print order; the first posters of a process are told
apart (`first_seconds`).
"""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click
from PIL import Image
from sqlalchemy import select

from backend.domain.tokens import token_text
from backend.pictures.about_sheet import draw_about_sheet
from backend.pictures.cab_card import draw_cab_card
from backend.pictures.export import finish, png
from backend.pictures.lobby_notice import draw_lobby_notice
from backend.pictures.sheet import PosterSheet
from backend.services.printing.poster_words import about_sheet, cab_card, lobby_notice
from backend.store.notices import PublicNotice
from backend.store.queries.lifts import lift_by_token
from bench.scene import BUILDING, demo_estate, throwaway_settings

POSTERS = 10
ROUNDS = 3


Draw = Callable[[int], PosterSheet]


def _address(number: int) -> str:
    return f"https://tibao.example.cn/e/{token_text(number.to_bytes(16, 'big'))}"


def _place(number: int) -> str:
    return f"{number // 4 + 1}栋{number // 2 % 2 + 1}单元{number % 2 + 1}号梯"


def _drawn() -> dict[str, Draw]:
    """How each poster of the demo's estate is drawn, for the lift or unit of this number."""
    with throwaway_settings() as settings, demo_estate(settings) as scene:
        scene.posted()
        ctx, token = scene.runtime.ctx, scene.city.lifts_of(BUILDING)[0]["token"]
        with ctx.sessions() as tx:
            lift = lift_by_token(tx, token)
            assert lift
            notice = tx.scalars(select(PublicNotice)).one()
            card = cab_card(ctx.city, lift, None, "")
            about = about_sheet(ctx.city, lift, "")
            posted = lobby_notice(notice, "", "", ctx.city)

    def at(number: int) -> dict[str, Any]:
        return {"place": _place(number), "address": _address(number)}

    return {
        "cab_card_A5": lambda number: draw_cab_card(replace(card, **at(number))),
        "lobby_notice_A4": lambda number: draw_lobby_notice(replace(posted, **at(number)), "A4"),
        "lobby_notice_A3": lambda number: draw_lobby_notice(replace(posted, **at(number)), "A3"),
        "about_sheet_A4": lambda number: draw_about_sheet(replace(about, **at(number))),
    }


def _ours(draw: Draw, first: int, count: int) -> tuple[float, list[Image.Image]]:
    """Seconds of processor time, and the pictures."""
    pictures = []
    started = time.process_time()
    for number in range(first, first + count):
        sheet = draw(number)
        finish(sheet, "海报", "png")
        pictures.append(sheet.image)
    return time.process_time() - started, pictures


def _bare(pictures: list[Image.Image]) -> float:
    started = time.process_time()
    for picture in pictures:
        png(picture)
    return time.process_time() - started


def measure(rounds: int, count: int) -> dict[str, object]:
    """Medians of the rounds; every round prints posters with codes that were not seen before."""
    answer: dict[str, object] = {"posters_per_round": count}
    for name, draw in _drawn().items():
        first, _ = _ours(draw, 0, 1)
        ours, bare = [], []
        for turn in range(rounds):
            seconds, pictures = _ours(draw, 1 + turn * count, count)
            ours.append(count / seconds)
            bare.append(count / _bare(pictures))
        pairs = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
        answer[name] = {
            "posters_per_second_and_core": round(statistics.median(ours), 2),
            "encoded_per_second_and_core": round(statistics.median(bare), 2),
            "ratio": round(statistics.median(pairs), 2),
            "first_seconds": round(first, 2),
        }
    return answer


@click.command()
@click.option("--rounds", default=ROUNDS, show_default=True)
@click.option("--posters", default=POSTERS, show_default=True, help="per kind and round")
def main(rounds: int, posters: int) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(measure(rounds, posters), indent=2))


if __name__ == "__main__":
    main()
