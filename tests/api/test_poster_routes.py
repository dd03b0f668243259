"""Posters and print orders over HTTP."""

import io
import zipfile
from uuid import UUID

import pytest
from PIL import Image

from backend.domain.tokens import token_text
from backend.http.parts import ApiParts
from backend.pictures.code_reader import read_codes
from backend.services.printing.print_run import carry_on
from backend.store.registry import LiftToken
from tests.build.calling import told
from tests.build.players import API, Players, nothing_written

URL = "http://127.0.0.1:8400"
NOBODY = UUID(int=7)
PATHS = ("/posters/" + "0" * 64, f"/print-orders/{NOBODY}", f"/print-orders/{NOBODY}/file")


@pytest.fixture
def token(players: Players) -> str:
    """The code of the village's first lift."""
    village = players.village
    token = token_text(b"k" * 16)
    with village.ctx.sessions() as tx:
        tx.add(LiftToken(token=token, lift_id=village.lifts[0], issued_at=village.clock()))
        tx.commit()
    return token


def card(players: Players, **changed: object) -> dict[str, object]:
    return {"kind": "cab_card", "lift_id": str(players.village.lifts[0])} | changed


def estate_order(players: Players, **changed: object) -> dict[str, object]:
    request = {"estate_id": str(players.village.estate), "kinds": ["cab_card"], "format": "png"}
    return {**request, **changed}


def test_a_manager_makes_a_card_and_downloads_it(players: Players, token: str) -> None:
    made = players.did("manager", "/posters", card(players), 201)
    assert made["media_type"] == "image/png"
    assert made["missing"] == ""
    answer = players.get("clerk", made["url"].removeprefix(API))
    assert answer.status_code == 200
    with Image.open(io.BytesIO(answer.data)) as picture:
        assert read_codes(picture) == [f"{URL}/e/{token}"]
    again = players.get(
        "clerk", made["url"].removeprefix(API), **{"If-None-Match": f'"{made["sha256"]}"'}
    )
    assert again.status_code == 304


def test_a_pdf_with_bleed_is_a_pdf(players: Players, token: str) -> None:
    request = card(players, kind="about_sheet", format="pdf", bleed=True)
    made = players.did("manager", "/posters", request, 201)
    answer = players.get("manager", f"/posters/{made['sha256']}")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("attachment; ")


def test_an_order_is_watched_from_its_first_poster_to_its_zip(
    players: Players, parts: ApiParts, token: str
) -> None:
    order = players.did("manager", "/print-orders", estate_order(players), 201)
    assert (order["state"], order["done"], order["total"], order["url"]) == ("open", 0, 2, None)
    path = f"/print-orders/{order['id']}"
    waiting = players.get("manager", f"{path}/file")
    assert (waiting.status_code, told(waiting)["errors"][0]["code"]) == (404, "order_not_done")
    turns = iter([True, False])
    carry_on(parts.ctx, UUID(order["id"]), URL, lambda: next(turns))
    assert players.saw("manager", path)["done"] == 1
    carry_on(parts.ctx, UUID(order["id"]), URL)
    done = players.saw("manager", path)
    assert (done["state"], done["done"]) == ("done", 2)
    # The second lift has no code.
    assert [failure["place"] for failure in done["failures"]] == ["1栋2单元1号梯"]
    answer = players.get("manager", done["url"].removeprefix(API))
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert len(zipfile.ZipFile(io.BytesIO(answer.data)).namelist()) == 2
    answer.close()  # it is sent from the open file


def test_an_order_wakes_the_printing_worker(players: Players, parts: ApiParts, token: str) -> None:
    woken: list[UUID] = []
    object.__setattr__(parts, "wake_printing", woken.extend)
    order = players.did("manager", "/print-orders", estate_order(players), 201)
    assert [str(one) for one in woken] == [order["id"]]


@pytest.mark.parametrize("path", PATHS)
def test_what_does_not_exist_is_not_there(players: Players, path: str) -> None:
    assert players.get("manager", path).status_code == 404


@pytest.mark.parametrize(("name", "status"), [("owner0", 403), ("stranger", 404)])
def test_others_make_order_and_read_nothing(
    players: Players, token: str, name: str, status: int
) -> None:
    made = players.did("manager", "/posters", card(players), 201)
    order = players.did("manager", "/print-orders", estate_order(players), 201)
    with nothing_written(players.village.ctx):
        assert players.post(name, "/posters", card(players)).status_code == status
        assert players.post(name, "/print-orders", estate_order(players)).status_code == status
        for path in (f"/posters/{made['sha256']}", f"/print-orders/{order['id']}"):
            assert players.get(name, path).status_code == status


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "banner"},
        {"lift_id": "1"},
        {"paper": "A5"},
        {"format": "svg"},
        {"bleed": "yes please"},
        {"colour": "red"},
        {"lift_id": None},
    ],
)
def test_a_wrong_request_is_refused(
    players: Players, token: str, changed: dict[str, object]
) -> None:
    with nothing_written(players.village.ctx):
        assert players.post("manager", "/posters", card(players, **changed)).status_code == 422


@pytest.mark.parametrize("changed", [{"kinds": []}, {"kinds": ["banner"]}, {"estate_id": None}])
def test_a_wrong_order_is_refused(players: Players, changed: dict[str, object]) -> None:
    with nothing_written(players.village.ctx):
        request = estate_order(players, **changed)
        assert players.post("manager", "/print-orders", request).status_code == 422
