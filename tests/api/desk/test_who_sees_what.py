"""Every page and every form of the desk, by everybody, about an estate, an insurer and a case that
are none of theirs: nothing of it is shown, and nothing is written. Who only watches has no form.
What nobody reads without a reason stands on no page, in no workbook, no address and no log."""

import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO
from urllib.parse import unquote
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from backend.desk.acts.every import ACTS
from backend.desk.acts.objections import DEEDS
from backend.desk.insurers import FORMS as INSURER_FORMS
from backend.desk.proposals import KINDS
from backend.desk.registry import FORMS as REGISTRY_FORMS
from backend.domain.roles import Role
from backend.services.base.context import Context
from backend.services.income import locking
from backend.services.people import desk_accounts, invitations
from backend.services.people.grants import Granted
from backend.store.audit import AuditEntry
from backend.store.messages import Outbox
from backend.store.notices import StoredFile
from backend.store.people import AccessGrant
from backend.store.proposals import PaperEntry, PayeeChange, Succession
from backend.store.purchases import Purchase
from backend.store.registry import Unit
from tests.build.fund import WORKED, Fund
from tests.build.office import Office, Page
from tests.build.players import Players, appoint, populate_neighbours
from tests.build.village import Village, called

At = Callable[[str], Office]
Objects = Mapping[str, Sequence[str]]
FOREIGN = ("other_manager", "other_insurer", "other_member")
WORKERS = ("clerk", "reviewer", "cashier", "stranger")  # who administers
WATCHERS = ("supervisor", "auditor")
# Everybody's own: getting out, ending a session of theirs, proving themselves; and made-up parts.
OWN = {"entrance.enter", "entrance.sign_out", "sessions.end", "second_factor.answer"}
OWN |= {"sessions.switch_keys"}  # a cookie of this browser
OWN |= {"by_number.enter", "static", "healthz", "sample.every_part"}
WORDS = ("示例小区", "冯样", "太贵", "门牌写错", "示例保险", "示例物业")
# Read for a reason by a form alone: whose words, names and phones these are.
PHONE, NEWCOMER, INVITED = "13812345678", "石样新", "龙样来"
UNSPOKEN = ("太贵", PHONE, called("冯样", 0), called("冯样", 1), called("陈样", 0))
LISTED_MASKED = (NEWCOMER, INVITED)
# Narrowed to what is there; `rules` knows addresses without questions alone.
ASKED = (
    "/desk/audit/account?number=P1",
    "/desk/audit/account/workbook?number=P1",
    "/desk/audit/sample?seed=7&number=5",
    "/desk/audit/sample/workbook?seed=7&number=5",
    "/desk/moderation?publication=private",
    "/desk/search?q=示例小区",
)
CONVERTER = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?(\w+)>")


def moved_and_locked(fund: Fund) -> dict[str, UUID]:
    """Money between banks and a lock of the books that wait for a second officer, by the words of
    their addresses."""
    village = fund.village
    lock = locking.ask(village.ctx, village.actor("clerk"), date(2024, 1, 31), "对完账")
    fund.owes_of_before(2)
    return {
        "period-lock": lock.id,
        "bank-transfer": fund.moves(fund.other_bank()).id,
        "past-income": fund.past_entered(1, 1).id,
    }


def withdrawn_on_paper(players: Players, notice: str, words: dict[str, str]) -> dict[str, str]:
    """An objection whose withdrawal on paper waits for another clerk."""
    filed: dict[str, str] = players.did("owner0", f"/notices/{notice}/objections", words, 201)
    now = players.village.clock().isoformat()
    paper = {"file_sha256": players.upload("clerk"), "received_at": now}
    players.did("clerk", f"/objections/{filed['id']}/paper-withdrawal", paper, 201)
    return filed


@pytest.fixture
def objects(players: Players, village: Village, ctx: Context) -> Objects:
    """Of each name that an address can have, what there is of it in the village."""
    populate_neighbours(village)
    appoint(village, "stranger", "administrator")
    purchase, notice = village.posted()
    words = {"kind": "price", "text": f"太贵，请打{PHONE}问{called('冯样', 0)}"}
    filed = withdrawn_on_paper(players, str(notice), words)
    players.did("owner1", "/me/rectification-requests", {"what": "房屋", "text": "门牌写错"}, 201)
    letter = {"file_sha256": players.upload("clerk"), "reason": "原账户已销户"}
    account = {"bank_name": "示例银行", "bank_account": "6222000000000009"}
    players.did("clerk", f"/insurers/{village.insurer}/payee-changes", {**letter, **account}, 201)
    merged = {"name": "示例集团", "file_sha256": players.upload("clerk"), "reason": "吸收合并"}
    players.did("clerk", f"/estates/{village.estate}/succession", merged, 201)
    cards = {"estate_id": str(village.estate), "kinds": ["cab_card"]}
    order = players.did("manager", "/print-orders", cards, 201)["id"]
    keeper = village.actor("stranger")
    invited = invitations.invite(ctx, keeper, INVITED, Granted(Role.REVIEWER))
    newcomer = desk_accounts.invite(ctx, keeper, NEWCOMER, Granted(Role.REVIEWER))
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
        ids["paper"] = tx.scalars(select(PaperEntry.id)).one()
        ids["payee-change"] = tx.scalars(select(PayeeChange.id)).one()
        ids |= {"deposit-interest": waits.id, "interest-undo": undo.id} | moved_and_locked(fund)
        ids["succession"] = tx.scalars(select(Succession.id)).one()
        return {
            "purchase_id": [str(purchase.id)],
            "estate_id": [str(village.estate)],
            "insurer_id": [str(village.insurer)],
            "objection_id": [str(filed["id"])],
            "grant_id": [str(each) for each in tx.scalars(theirs)],
            "person_id": [str(village.actor("manager").person_id), str(newcomer)],
            "invitation_id": [str(invited)],
            "message_id": [str(each) for each in tx.scalars(select(Outbox.id).limit(2))],
            "order_id": [order],
            "sha256": list(tx.scalars(select(StoredFile.sha256).limit(3))),
            "action": [str(action) for action in ACTS],
            "deed": [str(deed) for deed in DEEDS],
            "what": list(INSURER_FORMS),
            "deposit_id": [str(booked.deposit_id)],
            "interest_id": [str(booked.id)],
            "close_id": [str(close.id)],
            "account_id": [str(village.pool), str(fund.bank)],
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


def told_unasked(place: Office, address: str) -> tuple[TestResponse, set[str]]:
    """What an address answers, and what of the unspoken stands there: on the page and in its title,
    in a workbook, in the address that it leads to; in a list, also names that are masked there."""
    answer = place.browser.get(address)
    content = answer.data
    if "spreadsheet" in str(answer.mimetype):
        with ZipFile(BytesIO(content)) as book:
            content = b"".join(book.read(name) for name in book.namelist())
    text = content.decode(errors="ignore") + unquote(answer.headers.get("Location", ""))
    single = re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", address)
    title = "".join(re.findall("<title>(.*?)</title>", text))
    masked = {word for word in LISTED_MASKED if word in (title if single else text)}
    return answer, masked | {word for word in UNSPOKEN if word in text}


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
                answer, leaked = told_unasked(place, address)
                if answer.status_code >= 500 or leaked:
                    wrong.append((who, address, leaked or answer.status_code))
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


def test_no_page_leaves_a_link_or_says_a_name_a_phone_or_an_objection_unasked(
    desk: Flask,
    at_desk: At,
    village: Village,
    ctx: Context,
    objects: Objects,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    exported = 0
    for who in (*WORKERS, *WATCHERS):
        place = at_desk(who)
        before = links(ctx)
        wrong: list[tuple[str, str, object]] = []
        walked = [each for rule in rules(desk, "GET") for each in addresses(rule, objects)]
        for address in (*walked, *ASKED) if who in WORKERS else ASKED:
            answer, leaked = told_unasked(place, address)
            exported += "spreadsheet" in str(answer.mimetype)
            if answer.status_code >= 500 or leaked:
                wrong.append((who, address, leaked or answer.status_code))
        assert wrong == []
        assert links(ctx) == before, who
    assert exported > 20
    assert [word for word in (*UNSPOKEN, *LISTED_MASKED) if word in caplog.text] == []


def _form_word(place: Office) -> str:
    page = place.open("/desk/sessions")
    return next(form.values["form_word"] for form in page.forms if "form_word" in form.values)


def test_a_person_that_holds_nothing_is_nobody_here(at_desk: At, village: Village) -> None:
    clerk = at_desk("clerk")
    nobody = village.actor("owner1").person_id
    for of in (nobody, UUID(int=0)):
        assert clerk.browser.get(f"/desk/people/of/{of}").status_code == 404
