"""Every page and every form of the desk, by everybody, about an estate, an insurer and a case that
are none of theirs: nothing of it is shown, and nothing is written. Who only watches has no form."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from backend.desk.acts.every import ACTS
from backend.desk.acts.objections import DEEDS
from backend.desk.insurers import FORMS as INSURER_FORMS
from backend.desk.proposals import KINDS
from backend.desk.registry import FORMS as REGISTRY_FORMS
from backend.services.base.context import Context
from backend.store.audit import AuditEntry
from backend.store.messages import Outbox
from backend.store.notices import StoredFile
from backend.store.people import AccessGrant
from backend.store.proposals import PayeeChange, Succession
from backend.store.purchases import Purchase
from backend.store.registry import Unit
from tests.build.fund import WORKED, Fund
from tests.build.office import Office, Page
from tests.build.players import Players, appoint, populate_neighbours
from tests.build.village import Village

At = Callable[[str], Office]
Objects = Mapping[str, Sequence[str]]
FOREIGN = ("other_manager", "other_insurer", "other_member")
WORKERS = ("clerk", "reviewer", "cashier", "stranger")  # who administers
WATCHERS = ("supervisor", "auditor")
# Everybody's own: getting out, ending a session of theirs, proving themselves; and made-up parts.
OWN = {"entrance.enter", "entrance.sign_out", "sessions.end", "second_factor.answer"}
OWN |= {"by_number.enter", "static", "healthz", "sample.every_part"}
WORDS = ("示例小区", "冯样", "太贵", "示例保险", "示例物业")
CONVERTER = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?(\w+)>")


@pytest.fixture
def objects(players: Players, village: Village, ctx: Context) -> Objects:
    """Of each name that an address can have, what there is of it in the village."""
    populate_neighbours(village)
    appoint(village, "stranger", "administrator")
    purchase, notice = village.posted()
    words = {"kind": "price", "text": "太贵"}
    filed = players.did("owner0", f"/notices/{notice}/objections", words, 201)
    players.did("owner1", "/me/rectification-requests", {"what": "房屋", "text": "太贵"}, 201)
    letter = {"file_sha256": players.upload("clerk"), "reason": "原账户已销户"}
    account = {"bank_name": "示例银行", "bank_account": "6222000000000009"}
    players.did("clerk", f"/insurers/{village.insurer}/payee-changes", {**letter, **account}, 201)
    merged = {"name": "示例集团", "file_sha256": players.upload("clerk"), "reason": "吸收合并"}
    players.did("clerk", f"/estates/{village.estate}/succession", merged, 201)
    cards = {"estate_id": str(village.estate), "kinds": ["cab_card"]}
    order = players.did("manager", "/print-orders", cards, 201)["id"]
    fund = Fund(village)
    booked, low = fund.earned(), fund.deposit(number="CD-2").id
    fund.holds(WORKED)
    close, undo, waits = fund.previewed(), fund.undo_asked(booked.id), fund.paid(low)
    with ctx.sessions() as tx:
        building = tx.get_one(Unit, village.units[0]).building_id
        theirs = select(AccessGrant.id).where(
            AccessGrant.scope_id.in_([village.estate, village.insurer])
        )
        ids = {"lift": village.lifts[0], "building": building, "unit": village.units[0]}
        ids |= {"estate": village.estate, "refund": purchase.id, "opening-correction": uuid4()}
        ids["payee-change"] = tx.scalars(select(PayeeChange.id)).one()
        ids |= {"deposit-interest": waits.id, "interest-undo": undo.id}
        ids["succession"] = tx.scalars(select(Succession.id)).one()
        return {
            "purchase_id": [str(purchase.id)],
            "estate_id": [str(village.estate)],
            "insurer_id": [str(village.insurer)],
            "objection_id": [str(filed["id"])],
            "grant_id": [str(each) for each in tx.scalars(theirs)],
            "person_id": [str(village.actor("manager").person_id)],
            "message_id": [str(each) for each in tx.scalars(select(Outbox.id).limit(2))],
            "order_id": [order],
            "sha256": list(tx.scalars(select(StoredFile.sha256).limit(3))),
            "action": [str(action) for action in ACTS],
            "deed": [str(deed) for deed in DEEDS],
            "what": list(INSURER_FORMS),
            "deposit_id": [str(booked.deposit_id)],
            "interest_id": [str(booked.id)],
            "close_id": [str(close.id)],
            # What is named by its kind and its id, and what is done to it.
            "kind/of/what": [f"{kind}/{ids[kind]}/{what}" for kind, what in REGISTRY_FORMS],
            "kind/of": [f"{kind}/{ids[kind]}" for kind in KINDS],
        }


def addresses(rule: Rule, objects: Objects) -> Iterator[str]:
    """Every address of this rule that names something of the village; of what is not there, one."""
    found = [rule.rule]
    for names in ("kind/of/what", "kind/of", *CONVERTER.findall(rule.rule)):
        place = re.compile(
            "/".join(rf"<(?:[a-z]+(?:\([^)]*\))?:)?{name}>" for name in names.split("/"))
        )
        values = objects.get(names, [str(uuid4())])
        found = [
            place.sub(value, each, count=1)
            for each in found
            for value in (values if place.search(each) else [""])
        ]
    yield from found


def rules(desk: Flask, method: str) -> Iterator[Rule]:
    for rule in desk.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint not in OWN:
            yield rule


def told(text: str, village: Village, numbers: Collection[str]) -> set[str]:
    """Words of the village in this answer."""
    return {word for word in (*WORDS, *numbers, *village.codes) if word in text}


def links(ctx: Context) -> int:
    with ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_whoever_belongs_elsewhere_is_shown_nothing_and_writes_nothing(
    desk: Flask, at_desk: At, village: Village, ctx: Context, objects: Objects
) -> None:
    with ctx.sessions() as tx:
        numbers = {str(number) for number in tx.scalars(select(Purchase.number))}
    wrong: list[tuple[str, str, object]] = []
    asked = 0
    for who in FOREIGN:
        place = at_desk(who)
        form = {"form_word": _form_word(place)}
        before = links(ctx)
        for method in ("GET", "POST"):
            for rule in rules(desk, method):
                about = bool(CONVERTER.search(rule.rule)) and rule.endpoint != "imports.template"
                for address in addresses(rule, objects):
                    asked += 1
                    if method == "GET":
                        answer = place.browser.get(address)
                    else:
                        data = {**form, "key": uuid4().hex, "reason": "看看"}
                        answer = place.browser.post(address, data=data)
                    body = answer.text if "html" in str(answer.mimetype) else ""
                    if leaked := told(body, village, numbers):
                        wrong.append((who, f"{method} {address}", leaked))
                    if about and answer.status_code not in (403, 404, 405, 409, 422):
                        wrong.append((who, f"{method} {address}", answer.status_code))
        assert links(ctx) == before, who
    assert asked > 500
    assert wrong == []


def test_who_watches_has_no_form_and_nothing_that_they_send_is_written(
    desk: Flask, at_desk: At, village: Village, ctx: Context, objects: Objects
) -> None:
    own = {"/desk/sign-out", "/desk/second-factor", "/desk/sign-in", "/desk/sign-in/number"}
    wrong: list[tuple[str, str, object]] = []
    for who in WATCHERS:
        place = at_desk(who)
        before = links(ctx)
        for rule in rules(desk, "GET"):
            for address in addresses(rule, objects):
                answer = place.browser.get(address)
                if answer.status_code >= 500:
                    wrong.append((who, address, answer.status_code))
                if answer.status_code != 200 or "html" not in str(answer.mimetype):
                    continue
                forms = [form for form in Page(answer).forms if form.method == "post"]
                actions = {form.action for form in forms} - own
                actions = {each for each in actions if not each.startswith("/desk/sessions/")}
                if actions:
                    wrong.append((who, address, actions))
        assert links(ctx) == before, who
        data = {"form_word": _form_word(place), "reason": "看看", "answer": "看看"}
        for rule in rules(desk, "POST"):
            for address in addresses(rule, objects):
                answer = place.browser.post(address, data={**data, "key": uuid4().hex})
                if answer.status_code < 400:
                    wrong.append((who, f"POST {address}", answer.status_code))
        assert links(ctx) == before, who
    assert wrong == []


def test_no_page_leaves_a_link_when_an_officer_opens_it(
    desk: Flask, at_desk: At, village: Village, ctx: Context, objects: Objects
) -> None:
    for who in WORKERS:
        place = at_desk(who)
        before = links(ctx)
        broken = [
            (who, address, answer.status_code)
            for rule in rules(desk, "GET")
            for address in addresses(rule, objects)
            if (answer := place.browser.get(address)).status_code >= 500
        ]
        assert broken == []
        assert links(ctx) == before, who


def _form_word(place: Office) -> str:
    page = place.open("/desk/sessions")
    return next(form.values["form_word"] for form in page.forms if "form_word" in form.values)


def test_a_person_that_holds_nothing_is_nobody_here(at_desk: At, village: Village) -> None:
    clerk = at_desk("clerk")
    nobody = village.actor("owner1").person_id
    for of in (nobody, UUID(int=0)):
        assert clerk.browser.get(f"/desk/people/of/{of}").status_code == 404
