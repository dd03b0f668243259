"""Owners vote over HTTP in the third city: on the phone, on paper, counted, and counted again."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from backend.domain.voting import Choice
from backend.http.parts import ApiParts
from tests.build.calling import refused
from tests.build.players import Players, photograph
from tests.build.third_city import YUNXI
from tests.build.village import Village
from tests.build.voting import counted, ended, in_yunxi, opened, planned, vote_of, votes


@pytest.fixture
def parts(parts: ApiParts) -> ApiParts:
    return replace(parts, ctx=replace(parts.ctx, city=YUNXI))


def ballot(number: int, choice: str = "agree", **more: object) -> dict[str, object]:
    unit = f"{number % 2 + 1}单元"
    name = f"冯样{'零一二三'[number]}"
    flat = {"building": "1栋", "unit": unit, "room": f"{number + 1}01", "name": name}
    return {**flat, "choice": choice, **more}


def test_owners_vote_on_the_phone_and_on_paper_and_read_what_it_came_to(
    players: Players, village: Village
) -> None:
    purchase = planned(in_yunxi(village))
    here = f"/purchases/{purchase.id}"
    assert players.did("member0", f"{here}/votes", {}, 201)["state_name"] == "业主表决中"
    (mine,) = players.saw("owner0", "/votes/mine")["items"]
    vote = f"/votes/{mine['id']}"
    assert (mine["is_open"], mine["choice"]) == (True, None)
    for name in ("owner0", "owner1"):
        assert players.did(name, f"{vote}/ballots", {"choice": "agree"}) == {"flats": 1}
    assert players.did("member0", f"{vote}/reminders") == {"owners": 2}
    proxy = {key: value for key, value in ballot(3).items() if key != "choice"}
    paper = sheet(players, ballot(2, proxy=proxy))
    entry = players.did("clerk", f"{vote}/paper-ballots", paper, 201)
    seen = players.saw("clerk", f"{here}/vote")["vote"]
    assert (seen["voted_heads"], seen["papers_waiting"], len(seen["flats"])) == (2, 1, 4)
    assert refused(players.get("owner3", f"{here}/vote"), 403) == ["role_required"]
    ended(village, purchase)
    late = players.post("owner3", f"{vote}/ballots", {"choice": "agree"})
    assert refused(late, 409) == ["vote_closed"]
    in_hand = players.post("clerk", f"{here}/vote-count", {"statement": "都已录入"})
    assert refused(in_hand, 409) == ["papers_not_compared"]
    players.did("clerk", f"/paper-entries/{entry['id']}/refusal", {"reason": "抄错"})
    early = players.get("auditor", f"{vote}/recount")
    assert refused(early, 409) == ["vote_not_counted"]
    lost = players.did("clerk", f"{here}/vote-count", {"statement": "都已录入"})
    assert lost["state_name"] == "表决未通过"
    again = players.saw("auditor", f"{vote}/recount")
    assert again["agrees"]
    assert again["counted"][-1] == "结果：表决未通过。"
    (mine,) = players.saw("owner0", "/votes/mine")["items"]
    assert (mine["outcome"], mine["sentences"]) == ("lost", again["counted"])
    voided = players.did("reviewer", f"{here}/vote-voiding", {"reason": "改为修改方案"})
    assert voided["state"] == "planned"
    players.did("clerk", f"{here}/votes", {}, 201)
    players.did("clerk", f"{here}/vote-withdrawal", {"reason": "下周再办"})
    assert players.saw("clerk", f"{here}/vote")["vote"]["outcome"] == "withdrawn"


def test_a_notice_says_to_everybody_what_the_owners_decided(
    players: Players, village: Village, client: FlaskClient
) -> None:
    purchase, vote = opened(in_yunxi(village))
    votes(village, vote, *[Choice.AGREE] * 4)
    counted(village, purchase)
    notice = players.did("member0", f"/purchases/{purchase.id}/notice", status=201)
    photograph(players, notice["id"], "start")
    page = client.get(f"/n/{notice['number']}").text
    assert "结果：表决通过。" in page
    assert "冯" not in page


@pytest.mark.parametrize(
    ("name", "body", "code", "status"),
    [
        ("owner0", {"choice": "maybe"}, "field_invalid", 422),
        ("owner0", {}, "field_missing", 422),
        ("member1", {"choice": "agree"}, "not_on_roll", 403),
        ("stranger", {"choice": "agree"}, "not_found", 404),
    ],
)
def test_a_ballot_that_is_none_is_refused_with_what_to_do(
    players: Players, village: Village, name: str, body: dict[str, str], code: str, status: int
) -> None:
    _, vote = opened(in_yunxi(village))
    assert refused(players.post(name, f"/votes/{vote}/ballots", body), status) == [code]


def test_what_is_sent_twice_is_done_once(players: Players, village: Village) -> None:
    purchase = planned(in_yunxi(village))
    vote = ""
    for number, (name, path, body, status) in enumerate(
        (
            ("clerk", f"/purchases/{purchase.id}/votes", {}, 201),
            ("owner0", "/votes/{vote}/ballots", {"choice": "agree"}, 200),
            ("clerk", "/votes/{vote}/paper-ballots", sheet(players, ballot(1)), 201),
        )
    ):
        key = {"Idempotency-Key": f"0b6e2a3e-5a8c-4f0e-9f2f-00000000000{number}"}
        where = path.format(vote=vote)
        sent = [players.post(name, where, body, **key) for _ in range(2)]
        assert [answer.status_code for answer in sent] == [status, status], sent[0].text
        assert sent[0].json == sent[1].json
        vote = str(vote_of(village, purchase))
    assert players.saw("clerk", f"/purchases/{purchase.id}/vote")["vote"]["voted_heads"] == 1


def sheet(players: Players, *ballots: dict[str, object]) -> dict[str, object]:
    """Ballots on paper that the clerk got just now."""
    at = players.village.clock().isoformat()
    scan = {"file_sha256": players.upload("clerk"), "received_at": at}
    return {"ballots": list(ballots), **scan}
