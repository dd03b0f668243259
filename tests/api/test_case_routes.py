import json
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from backend.config import Settings
from backend.domain.audit_chain import Link, verify
from backend.services.base import checkpoints
from backend.services.base.context import Context
from backend.store.signer import Signer
from tests.build.calling import refused, told
from tests.build.counting import Counter
from tests.build.players import Players, application, populate_neighbours, post_notice, rows
from tests.build.village import Village

TEXT = "保费偏高，请公布比选过程"


def test_an_objection_on_paper_is_verified_or_turned_down(
    players: Players, village: Village
) -> None:
    case, notice = post_notice(players)
    paper = {
        "kind": "need",
        "text": "没有必要",
        "objector": "王某",
        "received_at": village.clock().isoformat(),
        "file_sha256": players.upload("clerk"),
    }
    there = f"/notices/{notice}/paper-objections"
    first = players.did("clerk", there, paper, 201)
    assert first["status"] == "received"
    wanted = {"owner_id": str(village.owners[1])}
    verified = players.did("clerk", f"/objections/{first['id']}/verification", wanted)
    assert verified["status"] == "verified"
    assert players.saw("clerk", f"/purchases/{case}")["state"] == "suspended"
    second = players.did("clerk", there, paper, 201)
    turned_down = players.did(
        "clerk", f"/objections/{second['id']}/verification", {"answer": "名册中没有此人"}
    )
    assert turned_down["status"] == "not_entitled"
    words = {"answer": "已说明必要性"}
    players.did("clerk", f"/objections/{first['id']}/answer", words)
    assert players.saw("clerk", f"/purchases/{case}")["state"] == "suspended"
    [held] = [
        each
        for each in players.saw("reviewer", f"/purchases/{case}")["objections"]
        if each["id"] is not None
    ]
    dismissed = players.did("reviewer", f"/objections/{held['id']}/dismissal", words)
    assert dismissed["status"] == "inadmissible"
    assert players.saw("clerk", f"/purchases/{case}")["state"] == "posted"


def test_who_objected_and_with_what_words_stays_with_the_clerk(
    players: Players, village: Village
) -> None:
    case, notice = post_notice(players)
    filed = players.did(
        "owner0", f"/notices/{notice}/objections", {"kind": "price", "text": TEXT}, 201
    )
    here = f"/purchases/{case}"
    for name in ("manager", "insurer", "member0", "owner1", "reviewer", "cashier", "supervisor"):
        answer = players.get(name, here)
        shown = told(answer)["objections"][0]
        assert (shown["number"], shown["kind"]) == (filed["number"], "price")
        assert (shown["id"], shown["text"], shown["received_at"]) == (None, None, None), name
        assert TEXT not in answer.text
        assert str(village.actor("owner0").person_id) not in answer.text
        assert str(village.owners[0]) not in answer.text
        assert refused(
            players.post(name, f"/objections/{filed['id']}/unmask", {"reason": "x"}), 404
        )
    clerk = players.saw("clerk", here)["objections"][0]
    assert (clerk["id"], clerk["text"]) == (filed["id"], TEXT)
    unmasked = players.did("clerk", f"/objections/{filed['id']}/unmask", {"reason": "核实身份"})
    assert unmasked == {"text": TEXT, "objector": "冯样零", "signature_sha256": None}
    links = players.saw("auditor", "/audit/entries?page_size=100")["items"]
    looks = [(link["action"], link["actor_id"]) for link in links]
    person = str(village.actor("clerk").person_id)
    assert ("purchase.read_objections", person) in looks
    assert ("objection.unmask", person) in looks
    assert players.saw("owner0", "/objections/mine")["items"][0]["text"] == TEXT
    assert players.saw("owner1", "/objections/mine")["items"] == []


def test_an_owner_sees_the_public_part_of_a_case(players: Players, village: Village) -> None:
    case = village.cleared()
    owner = players.saw("owner3", f"/purchases/{case.id}")
    manager = players.saw("manager", f"/purchases/{case.id}")
    assert owner["plan"] == manager["plan"]
    assert owner["notice"] == manager["notice"]
    assert owner["papers"] == []
    kinds = {paper["kind"] for paper in manager["papers"]}
    assert {"application_form", "photo_start_wide", "photo_end_close"} <= kinds
    assert {lift["findings"] for lift in owner["lifts"]} == {None}


def test_everybody_lists_the_cases_they_may_see_page_by_page(
    players: Players, village: Village
) -> None:
    populate_neighbours(village)
    drafts = [str(village.drafted().id) for _ in range(3)]
    first = players.saw("member0", "/purchases?page_size=2")
    second = players.saw("member0", f"/purchases?page_size=2&cursor={first['next_cursor']}")
    assert [case["id"] for case in first["items"] + second["items"]] == drafts
    assert second["next_cursor"] is None
    for name in ("stranger", "other_manager"):
        assert players.saw(name, "/purchases")["items"] == []
    assert players.saw("insurer", "/purchases?state=applied")["items"] == []
    assert refused(players.get("insurer", "/purchases?state=nowhere"), 422)


def test_possible_actions_are_those_of_this_person(players: Players, village: Village) -> None:
    here = f"/purchases/{village.payable().id}"
    offered = {
        name: players.saw(name, here)["possible_actions"]
        for name in ("manager", "cashier", "clerk", "reviewer", "owner0", "insurer")
    }
    assert offered == {
        "manager": ["withdraw"],
        "cashier": ["return_papers"],
        "clerk": [],
        "reviewer": ["review_payment", "return_papers", "terminate"],
        "owner0": [],
        "insurer": [],
    }


def test_a_step_on_what_has_changed_since_is_refused(players: Players, village: Village) -> None:
    here = f"/purchases/{village.drafted().id}"
    seen = players.get("manager", here)
    tag = seen.headers["ETag"]
    form = {"form_sha256": players.upload("manager")}
    for wrong in ('"7"', '"nonsense"', "2"):
        stale = players.post("manager", f"{here}/application", form, **{"If-Match": wrong})
        assert refused(stale, 409) == ["version_conflict"]
    assert (
        players.post("manager", f"{here}/application", form, **{"If-Match": tag}).status_code == 200
    )
    again = players.post("manager", f"{here}/withdrawal", {"reason": "改期"}, **{"If-Match": tag})
    assert refused(again, 409) == ["version_conflict"]


def test_a_case_that_has_not_changed_is_not_sent_again(players: Players, village: Village) -> None:
    here = f"/purchases/{village.drafted().id}"
    tag = players.get("manager", here).headers["ETag"]
    again = players.get("manager", here, **{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_the_same_application_sent_twice_makes_one_case(
    players: Players, village: Village, ctx: Context
) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = players.post("manager", "/purchases", application(village), **key)
    before = rows(ctx)
    second = players.post("manager", "/purchases", application(village), **key)
    assert (second.status_code, second.data) == (201, first.data)
    assert rows(ctx) == before


def test_what_creates_something_needs_a_key(
    client: FlaskClient, players: Players, village: Village
) -> None:
    session = {"Authorization": players.headers("manager")["Authorization"]}
    answer = client.post("/api/v1/purchases", json=application(village), headers=session)
    assert refused(answer, 422) == ["field_missing"]


def test_the_papers_of_a_case_are_read_by_those_who_take_part(
    players: Players, village: Village
) -> None:
    populate_neighbours(village)
    case = players.did("manager", "/purchases", application(village), 201)
    sha256 = players.upload("manager")
    file = f"/files/{sha256}"
    assert refused(players.get("insurer", file), 404) == ["not_found"]
    players.did("manager", f"/purchases/{case['id']}/application", {"form_sha256": sha256})
    for name in ("manager", "insurer", "member2", "clerk", "auditor"):
        assert players.get(name, file).status_code == 200, name
    for name in ("owner0", "stranger", "other_manager", "other_insurer"):
        assert refused(players.get(name, file), 404) == ["not_found"], name


def test_the_paper_of_a_withdrawal_stays_between_its_author_and_the_centre(
    players: Players, village: Village
) -> None:
    _, notice = post_notice(players)
    filed = players.did(
        "owner0", f"/notices/{notice}/objections", {"kind": "price", "text": TEXT}, 201
    )
    sha256 = players.upload("clerk")
    paper = {"file_sha256": sha256, "received_at": village.clock().isoformat()}
    players.did("clerk", f"/objections/{filed['id']}/paper-withdrawal", paper, 201)
    for name in ("clerk", "reviewer", "auditor", "owner0"):
        assert players.get(name, f"/files/{sha256}").status_code == 200, name
    for name in ("manager", "insurer", "member0", "owner1", "cashier", "supervisor"):
        assert refused(players.get(name, f"/files/{sha256}"), 404) == ["not_found"], name


def test_lookups_show_what_a_case_can_be_made_of(players: Players, village: Village) -> None:
    neighbours = populate_neighbours(village)
    assert [e["code"] for e in players.saw("manager", "/estates")["items"]] == ["E1"]
    assert [e["code"] for e in players.saw("clerk", "/estates")["items"]] == ["E1", "E2"]
    assert players.saw("stranger", "/estates")["items"] == []
    lifts = players.saw("owner0", f"/estates/{village.estate}/lifts")["items"]
    assert [lift["registration_code"] for lift in lifts] == village.codes
    assert [lift["unit_id"] for lift in lifts] == [str(unit) for unit in village.units]
    accounts = players.saw("owner0", f"/estates/{village.estate}/accounts")["items"]
    assert [(a["number"], a["building"], a["unit"]) for a in accounts] == [("P1", "1栋", None)]
    for path in ("lifts", "accounts"):
        hidden = players.get("manager", f"/estates/{neighbours.estate}/{path}")
        assert refused(hidden, 404) == ["not_found"]
    insurers = players.saw("stranger", "/insurers")["items"]
    assert {i["name"]: i["selected"] for i in insurers} == {"示例保险": True, "另一保险": False}


def test_the_chain_can_be_checked_offline_from_its_pages(
    players: Players, village: Village
) -> None:
    village.posted()
    links, cursor = [], ""
    while True:
        page = players.saw("auditor", f"/audit/entries?page_size=7{cursor}")
        links += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    told_by_pages = verify(
        Link(
            link["version"],
            link["seq"],
            bytes.fromhex(link["previous_hash"]),
            bytes.fromhex(link["hash"]),
            link["body"].encode(),
        )
        for link in links
    )
    assert told_by_pages.ok
    assert told_by_pages.head == players.saw("supervisor", "/audit/verification")["head"]
    checkpoints.sign_day(village.ctx, Signer(Settings().signing_key()))
    (point,) = players.saw("supervisor", "/audit/checkpoints")["checkpoints"]
    assert json.loads(point["line"])["hash"] == told_by_pages.head


def test_officers_see_every_time_limit(players: Players, village: Village) -> None:
    village.approved()
    met = players.saw("clerk", "/deadlines?state=met")["items"]
    kinds = [limit["kind"] for limit in met]
    assert kinds == ["completion", "acceptance", "planning", "approval"]
    running = players.saw("supervisor", "/deadlines?state=open")["items"]
    assert [(limit["kind"], limit["task"]) for limit in running] == [
        ("posting", "张贴公示并上传照片")
    ]


def test_a_claim_is_made_unmasked_and_settled(players: Players, village: Village) -> None:
    flat = {
        "estate_code": "E1",
        "building": "1栋",
        "unit": "1单元",
        "room": "101",
        "name": "冯样零",
    }
    verification = players.did("stranger", "/owner-verifications/owner", flat, 201)
    waiting = players.saw("clerk", "/owner-verifications")["items"]
    assert [(c["id"], c["on_roster"], c["taken"]) for c in waiting] == [
        (verification["id"], True, True)
    ]
    shown = players.did(
        "clerk", f"/owner-verifications/{verification['id']}/unmask", {"reason": "核对证件"}
    )
    assert shown["name"] == "冯样零"
    verdict = {"verified": False, "reason": "条目已绑定"}
    settled = players.post("clerk", f"/owner-verifications/{verification['id']}/decision", verdict)
    assert settled.status_code == 204
    assert players.saw("clerk", "/owner-verifications")["items"] == []
    seat = {"estate_code": "E1", "name": "陈样九"}
    players.did("stranger", "/owner-verifications/committee-member", seat, 201)
    nowhere = players.post("stranger", "/owner-verifications/owner", flat | {"room": "999"})
    assert refused(nowhere, 404) == ["place_unknown"]


def test_a_right_is_given_and_ended(players: Players, village: Village) -> None:
    person = str(village.actor("stranger").person_id)
    right = {"person_id": person, "role": "property_manager", "scope_id": str(village.estate)}
    given = players.did("clerk", "/grants", right, 201)
    assert len(players.saw("stranger", "/estates")["items"]) == 1
    assert given["id"] in {grant["id"] for grant in players.saw("clerk", "/grants")["items"]}
    path = f"/api/v1/grants/{given['id']}"
    ended = players.client.delete(path, headers=players.headers("clerk"))
    assert ended.status_code == 204
    assert players.saw("stranger", "/estates")["items"] == []


@pytest.mark.parametrize("stage", ["drafted", "posted", "insured"])
def test_reading_a_case_takes_the_same_few_queries_however_long_it_has_been(
    players: Players, village: Village, stage: str
) -> None:
    made = getattr(village, stage)()
    case = made[0] if isinstance(made, tuple) else made
    path = f"/purchases/{case.id}"
    players.saw("manager", path)
    with Counter(village.ctx) as counter:
        players.saw("manager", path)
    assert counter.queries <= 28
