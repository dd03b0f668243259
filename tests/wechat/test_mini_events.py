"""From the popup on the phone to the message and back: consents are counted by events alone."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.clock import SettableClock
from backend.domain.channels import SUBSCRIBE
from backend.services.messages import channels, consents, inbox, leases
from backend.services.messages.channel_states import open_again
from backend.services.messages.sending import deliver
from backend.store.messages import Inbox, Outbox
from backend.store.people import Identity, Person
from backend.wechat.callbacks import open_callback
from backend.wechat.incoming import Incoming, Malformed, read_message
from backend.wechat.templates import SUBSCRIBE_TEMPLATES
from tests.build.emulator import mini_credentials
from tests.build.talk import Talk

KEY = "notice_ending"
TEMPLATE_ID = SUBSCRIBE_TEMPLATES[KEY].platform_id
SEND = "/cgi-bin/message/subscribe/send"
DATA = {
    "estate": "示例小区",
    "number": "GS-2025-000001",
    "due": "2025年3月12日 23:59",
    "left": "还有1天截止",
    "page": "pages/notice/notice?number=GS-2025-000001",
}


@pytest.fixture
def anna(talk: Talk) -> UUID:
    """Someone who uses the mini-program and does not follow the service account."""
    with talk.ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=talk.ctx.clock())
        tx.add(person)
        tx.commit()
        person_id = person.id
    talk.uses_the_mini_program("安娜", person_id)
    return person_id


def quota(talk: Talk, person_id: UUID) -> int:
    with talk.ctx.sessions() as tx:
        return consents.left(tx, talk.ctx, person_id).get(KEY, 0)


def on_the_platform(talk: Talk) -> int:
    person = talk.emulator.control("GET", "/people/安娜")
    return int(person["consents"].get(TEMPLATE_ID, 0))


def write(talk: Talk, person_id: UUID, key: str = "k1") -> UUID | None:
    with talk.ctx.sessions() as tx:
        row_id = channels.write(
            tx,
            talk.ctx,
            natural_key=key,
            person_id=person_id,
            template=KEY,
            data=DATA,
            subject=None,
        )
        tx.commit()
        return row_id


def rows(talk: Talk) -> list[Outbox]:
    with talk.ctx.sessions() as tx:
        return list(tx.scalars(select(Outbox).order_by(Outbox.id)))


def send(talk: Talk) -> None:
    """Let the deliveries work, and no callback."""
    deliver(talk.ctx, leases.due_ids(talk.ctx), talk.channel.send)


def sent_event(talk: Talk, msgid: str, status: str = "success") -> bool:
    """Work on a report of the platform; whether it was understood, or comes again later."""
    openid = talk.emulator.control("GET", "/people/安娜")["openids"]["mini"]
    entry = {"TemplateId": TEMPLATE_ID, "MsgID": msgid, "ErrorCode": 0, "ErrorStatus": status}
    body = {
        "FromUserName": openid,
        "CreateTime": 1740963600,
        "MsgType": "event",
        "Event": "subscribe_msg_sent_event",
        "List": entry,
    }
    raw = json.dumps(body)
    incoming = read_message(raw)
    key = incoming.dedupe_key
    row_id = inbox.receive(talk.ctx, talk.ctx.platform.mini_appid, key, incoming.for_inbox())
    if row_id is not None:
        inbox.process(talk.ctx, [row_id], talk.handle)
    with talk.ctx.sessions() as tx:
        return tx.scalars(select(Inbox.state).where(Inbox.dedupe_key == key)).one() == "done"


@pytest.mark.parametrize("form", ["xml", "json"])
def test_one_consent_is_one_message_in_either_form_of_callbacks(
    talk: Talk, anna: UUID, form: str
) -> None:
    url = talk.emulator.control("GET", "/callbacks")["mini_url"]
    talk.emulator.control("PUT", "/callback", {"url": url, "app": "mini", "form": form})
    assert write(talk, anna, "before") is None
    talk.pops_up(
        "安娜", notice_ending="accept", cover_changed="accept", objection_answered="reject"
    )
    assert quota(talk, anna) == on_the_platform(talk) == 1
    assert write(talk, anna) is not None
    assert quota(talk, anna) == 0
    assert write(talk, anna, "second") is None
    send(talk)
    assert len(talk.emulator.heard("安娜")) == 1
    assert on_the_platform(talk) == 0


def test_the_same_cause_uses_no_second_consent(talk: Talk, anna: UUID) -> None:
    talk.pops_up("安娜", notice_ending="accept")
    talk.pops_up("安娜", notice_ending="accept")
    assert write(talk, anna) is not None
    assert write(talk, anna) is None
    assert quota(talk, anna) == 1


def test_a_popup_that_is_reported_twice_counts_once(talk: Talk, anna: UUID) -> None:
    talk.pops_up("安娜", notice_ending="accept")
    callbacks = talk.emulator.control("GET", "/callbacks")["callbacks"]
    last = [push["id"] for push in callbacks if push["app"] == "mini"][-1]
    again = talk.emulator.control("POST", f"/callbacks/{last}/repeat")["callback"]
    assert again["answered"]
    talk.pump()
    assert quota(talk, anna) == on_the_platform(talk) == 1


def test_refusing_in_the_settings_leaves_no_consent(talk: Talk, anna: UUID) -> None:
    talk.pops_up("安娜", notice_ending="accept")
    off = {"template_ids": [TEMPLATE_ID]}
    talk.emulator.control("POST", "/people/安娜/switch-off", off)
    talk.pump()
    assert quota(talk, anna) == 0


def test_a_consent_that_comes_before_the_first_sign_in_waits_for_it(talk: Talk) -> None:
    talk.emulator.control("POST", "/people", {"name": "安娜"})
    talk.emulator.control("POST", "/people/安娜/popup", {"answers": {TEMPLATE_ID: "accept"}})
    waiting = list(talk.woken)
    talk.pump()
    with talk.ctx.sessions() as tx:
        person = Person(name_sealed=None, created_at=talk.ctx.clock())
        tx.add(person)
        tx.commit()
        person_id = person.id
    talk.uses_the_mini_program("安娜", person_id)
    talk.pause_is_over()
    inbox.process(talk.ctx, waiting, talk.handle)
    assert quota(talk, person_id) == 1


def test_without_a_consent_followers_of_the_service_account_hear_there(
    talk: Talk, anna: UUID
) -> None:
    talk.knows("安娜", anna)
    assert write(talk, anna) is not None
    send(talk)
    [heard] = talk.emulator.heard("安娜")
    assert (heard["type"], heard["template"]) == ("template", KEY)
    assert heard["miniprogram"]["pagepath"] == DATA["page"]


def test_what_the_platform_refuses_goes_the_other_way_and_our_count_to_zero(
    talk: Talk, anna: UUID
) -> None:
    talk.knows("安娜", anna)
    for _ in range(2):
        talk.pops_up("安娜", notice_ending="accept")
    # The platform has forgotten, and we do not know it yet.
    talk.emulator.control("PUT", "/callback", {"url": None, "app": "mini"})
    talk.emulator.control("POST", "/people/安娜/switch-off", {"template_ids": [TEMPLATE_ID]})
    write(talk, anna)
    send(talk)
    first, second = rows(talk)
    assert (first.channel, first.state, first.outcome) == ("subscribe", "failed", "43101")
    assert (second.channel, second.state) == ("template", "created")
    assert quota(talk, anna) == 0
    send(talk)
    assert [m["type"] for m in talk.emulator.heard("安娜")] == ["template"]
    with talk.ctx.sessions() as tx:
        appid = talk.ctx.platform.service_appid
        assert tx.scalar(select(Identity.reachable).where(Identity.appid == appid))


def test_what_was_surely_not_sent_frees_its_consent(talk: Talk, anna: UUID) -> None:
    talk.pops_up("安娜", notice_ending="accept")
    fault = {"call": SEND, "kind": "errcode", "code": 40003}
    talk.emulator.control("POST", "/faults", fault)
    write(talk, anna)
    send(talk)
    assert [row.state for row in rows(talk)] == ["failed"]
    assert quota(talk, anna) == on_the_platform(talk) == 1


class TestLostAnswers:
    @pytest.fixture(autouse=True)
    def _no_callbacks(self, talk: Talk, anna: UUID) -> None:
        for _ in range(3):
            talk.pops_up("安娜", notice_ending="accept")
        talk.emulator.control("PUT", "/callback", {"url": None, "app": "mini"})

    def lose(self, talk: Talk, person_id: UUID, key: str) -> None:
        fault = {"call": SEND, "kind": "lost_after", "seconds": 1.5}
        talk.emulator.control("POST", "/faults", fault)
        write(talk, person_id, key)
        send(talk)
        open_again(talk.ctx, SUBSCRIBE.name)  # as what tries it a moment later does

    def msgids(self, talk: Talk) -> list[str]:
        return [message["msgid"] for message in talk.emulator.heard("安娜")]

    def test_it_is_not_sent_again_and_its_consent_is_gone(self, talk: Talk, anna: UUID) -> None:
        self.lose(talk, anna, "k1")
        [row] = rows(talk)
        assert (row.state, row.outcome) == ("unknown", "no_answer")
        send(talk)
        assert len(talk.emulator.heard("安娜")) == 1
        assert quota(talk, anna) == on_the_platform(talk) == 2

    def test_a_later_report_settles_the_only_one(self, talk: Talk, anna: UUID) -> None:
        self.lose(talk, anna, "k1")
        [msgid] = self.msgids(talk)
        assert sent_event(talk, msgid)
        [row] = rows(talk)
        assert (row.state, row.outcome, row.msgid) == ("sent", "delivered", msgid)

    def test_of_two_nobody_knows_which_one_arrived(self, talk: Talk, anna: UUID) -> None:
        self.lose(talk, anna, "k1")
        self.lose(talk, anna, "k2")
        assert sent_event(talk, self.msgids(talk)[0])
        assert [row.state for row in rows(talk)] == ["unknown", "unknown"]

    def test_one_that_is_known_does_not_disturb_the_other(self, talk: Talk, anna: UUID) -> None:
        self.lose(talk, anna, "k1")
        write(talk, anna, "k2")
        send(talk)
        lost, known = self.msgids(talk)
        assert sent_event(talk, known)
        assert sent_event(talk, lost)
        assert [(row.state, row.msgid) for row in rows(talk)] == [("sent", lost), ("sent", known)]

    def test_while_one_is_being_sent_the_report_waits(self, talk: Talk, anna: UUID) -> None:
        write(talk, anna, "k1")
        leases.take(talk.ctx, leases.due_ids(talk.ctx))
        assert not sent_event(talk, "12345")

    def test_a_report_of_failure_goes_the_other_way(self, talk: Talk, anna: UUID) -> None:
        talk.knows("安娜", anna)
        write(talk, anna, "k1")
        send(talk)
        [msgid] = self.msgids(talk)
        assert sent_event(talk, msgid, "user refused")
        assert [(row.channel, row.state) for row in rows(talk)] == [
            ("subscribe", "failed"),
            ("template", "created"),
        ]
        assert quota(talk, anna) == 2


class TestTheirShape:
    def received(self, sandbox: Any, receiver: Any) -> Incoming:
        query, body = receiver.seen_mini[-1]
        clock = SettableClock(sandbox.settings.clock_file)
        return open_callback(mini_credentials(sandbox.settings), query, body, clock())

    def decrypted(self, sandbox: Any, receiver: Any) -> str:
        _, body = receiver.seen_mini[-1]
        found = re.search(r'"?Encrypt"?(?:: "|><!\[CDATA\[)([^"\]]+)', body.decode())
        assert found is not None
        return mini_credentials(sandbox.settings).decrypt(found[1])

    @pytest.mark.parametrize("form", ["xml", "json"])
    @pytest.mark.parametrize("several", [False, True])
    def test_one_entry_is_an_object_and_several_are_an_array(
        self, sandbox: Any, receiver: Any, form: str, several: bool
    ) -> None:
        url = sandbox.control("GET", "/callbacks")["mini_url"]
        sandbox.control("PUT", "/callback", {"url": url, "app": "mini", "form": form})
        made = sandbox.control("POST", "/people", {"name": "张三"})
        ids = [template.platform_id for template in SUBSCRIBE_TEMPLATES.values()]
        answers = dict.fromkeys(ids if several else ids[:1], "accept")
        sandbox.control("POST", "/people/张三/popup", {"answers": answers})
        incoming = self.received(sandbox, receiver)
        assert incoming.event == "subscribe_msg_popup_event"
        assert incoming.openid == made["openids"]["mini"]
        assert {e["TemplateId"]: e["SubscribeStatusString"] for e in incoming.entries} == answers
        assert ('"List": [' in self.decrypted(sandbox, receiver)) == (form == "json" and several)

    def test_the_key_against_repetition_tells_two_sends_of_one_second_apart(self) -> None:
        keys = {
            read_message(
                json.dumps(
                    {
                        "FromUserName": "o1",
                        "CreateTime": 1,
                        "MsgType": "event",
                        "Event": "subscribe_msg_sent_event",
                        "List": {"TemplateId": "t", "MsgID": msgid},
                    }
                )
            ).dedupe_key
            for msgid in ("1", "2")
        }
        assert len(keys) == 2

    @pytest.mark.parametrize(
        "raw",
        [
            "{",
            '{"FromUserName": 1}',
            "{" + '"a":{' * 2000,
            '{"FromUserName":"o","CreateTime":"1","MsgType":"event","List":["x"]}',
            '{"FromUserName":"o","CreateTime":"1","MsgType":"event","List":{"TemplateId":[]}}',
            '{"FromUserName":"o","CreateTime":true,"MsgType":"event"}',
        ],
    )
    def test_broken_json_is_malformed(self, raw: str) -> None:
        with pytest.raises(Malformed):
            read_message(raw)
