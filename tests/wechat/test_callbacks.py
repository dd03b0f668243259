"""Callbacks of the platform: proof, decryption, parsing, and everything that may be wrong."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.wechat.callbacks import (
    BODY_LIMIT_BYTES,
    Credentials,
    Forbidden,
    TooLong,
    answer_url_check,
    open_callback,
)
from backend.wechat.incoming import Incoming, Malformed, from_inbox, read_message
from tests.build.callbacks import (
    NOW,
    OURS,
    SAMPLE,
    SAMPLE_BODY,
    SAMPLE_NOW,
    SAMPLE_QUERY,
    body_of,
    message,
    query_for,
    sealed,
)


def opened(inner: str) -> Incoming:
    encrypted = sealed(inner)
    return open_callback(OURS, query_for(encrypted), body_of(encrypted), NOW)


def test_the_published_service_account_sample_opens() -> None:
    incoming = open_callback(SAMPLE, SAMPLE_QUERY, SAMPLE_BODY, SAMPLE_NOW)
    assert incoming.kind == "text"
    assert incoming.text == "abcdteT"
    assert incoming.msg_id == "6054768590064713728"
    assert incoming.openid == "oyORnuP8q7ou2gfYjqLzSIWZf0rs"
    assert incoming.created_at.tzinfo is UTC


def test_the_published_wecom_address_check_is_answered_with_the_decrypted_echo() -> None:
    wecom = Credentials(
        "wx5823bf96d3bd56c7", "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    )
    query = {
        "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        "timestamp": "1409659589",
        "nonce": "263014780",
        "echostr": "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7Oa"
        "BO+FZXvnaqQ==",
    }
    at = datetime.fromtimestamp(1409659589, UTC)
    assert answer_url_check(wecom, query, at) == "1616140317555161061"


def test_a_service_account_address_check_gets_its_echo_back() -> None:
    query = query_for("") | {"echostr": "7462"}
    del query["msg_signature"]
    assert answer_url_check(OURS, query, NOW) == "7462"
    with pytest.raises(Forbidden):
        answer_url_check(OURS, query | {"nonce": "772"}, NOW)
    with pytest.raises(Forbidden):
        answer_url_check(OURS, query, NOW + timedelta(seconds=301))


def test_a_tapped_choice_carries_its_id() -> None:
    incoming = opened(message(Content="同意", bizmsgmenuid="approve", MsgId="77"))
    assert (incoming.text, incoming.menu_choice_id, incoming.msg_id) == ("同意", "approve", "77")


def test_an_unknown_event_is_kept() -> None:
    incoming = opened(message(MsgType="event", Event="Brand_New", EventKey="k"))
    assert (incoming.kind, incoming.event, incoming.event_key) == ("event", "brand_new", "k")
    assert from_inbox(incoming.for_inbox()) == incoming


@pytest.mark.parametrize(
    "raw",
    [
        message(Content="方案\x00 “引号”", MsgId="1"),
        message(MsgType="event", Event="subscribe", EventKey=""),
        json.dumps(
            {
                "FromUserName": "o1",
                "CreateTime": 1740963600,
                "MsgType": "event",
                "Event": "subscribe_msg_popup_event",
                "List": [{"TemplateId": "t1"}, {"TemplateId": "t2"}],
            }
        ),
    ],
)
def test_what_the_inbox_keeps_says_all_that_was_read(raw: str) -> None:
    incoming = read_message(raw)
    assert from_inbox(incoming.for_inbox()) == incoming
    assert from_inbox(raw) == incoming  # kept as it came, by an older program


def test_the_end_of_a_template_job_names_the_message_and_its_fate() -> None:
    incoming = opened(
        message(
            MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID="9", Status="failed:user block"
        )
    )
    assert incoming.event == "templatesendjobfinish"
    assert (incoming.job_msgid, incoming.job_status) == ("9", "failed:user block")


def test_one_number_of_two_people_is_two_messages() -> None:
    first, second, again = (
        read_message(message(FromUserName=name, Content="同意", MsgId="990011")).dedupe_key
        for name in ("oMember1", "oMember2", "oMember1")
    )
    assert first != second
    assert first == again
    assert "oMember1" not in first


def test_what_is_taken_back_is_read_with_whose_it_was() -> None:
    """The platform itself sends it: the person stands in another field."""
    phone, address, of_another = (
        read_message(
            message(
                FromUserName="oThePlatform",
                MsgType="event",
                Event="user_authorization_revoke",
                OpenID=whose,
                RevokeInfo=what,
            )
        )
        for whose, what in (("oPerson", "8"), ("oPerson", "2"), ("oAnother", "8"))
    )
    assert (phone.openid, phone.revoked) == ("oPerson", "8")
    assert len({phone.dedupe_key, address.dedupe_key, of_another.dedupe_key}) == 3


def test_a_message_is_its_senders_whatever_else_it_looks_like() -> None:
    """Figures before: with an `OpenID` in it, it was whosever that was, votes too."""
    written = read_message(message(Content="同意", MsgId="1", OpenID="oSomebodyElse"))
    assert written.openid == read_message(message(Content="同意", MsgId="2")).openid
    assert written.openid != "oSomebodyElse"


def test_two_template_jobs_that_finish_in_one_second_are_two_events() -> None:
    first, second, again = (
        read_message(
            message(MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID=number)
        ).dedupe_key
        for number in ("1", "2", "1")
    )
    assert first != second
    assert first == again


def test_control_characters_that_people_type_do_not_break_the_message() -> None:
    assert opened(message(Content="同\x0b意\x00\ufffe", MsgId="1")).text == "同意"


@given(
    content=st.text(st.characters(), max_size=20),
    sender=st.sampled_from(["oMember1", "oMember2"]),
    number=st.integers(1, 3),
)
@example(content="同\x00意\ud800", sender="oMember1", number=1)
def test_whatever_json_can_write_is_read_stored_and_known_again(
    content: str, sender: str, number: int
) -> None:
    fields = {"FromUserName": sender, "CreateTime": 1, "MsgType": "text", "MsgId": number}
    incoming = read_message(json.dumps({**fields, "Content": content}))
    incoming.text.encode()
    assert "\x00" not in incoming.text
    assert from_inbox(incoming.for_inbox()) == incoming
    others = {
        read_message(json.dumps({**fields, "FromUserName": name, "MsgId": other})).dedupe_key
        for name in ("oMember1", "oMember2")
        for other in (1, 2, 3)
    }
    assert len(others) == 6
    assert incoming.dedupe_key in others


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_callback_from_another_time_is_forbidden(seconds: int) -> None:
    encrypted = sealed(message())
    query = query_for(encrypted, NOW + timedelta(seconds=seconds))
    with pytest.raises(Forbidden):
        open_callback(OURS, query, body_of(encrypted), NOW)


def test_a_callback_within_300_seconds_is_let_in() -> None:
    encrypted = sealed(message())
    query = query_for(encrypted, NOW - timedelta(seconds=300))
    assert open_callback(OURS, query, body_of(encrypted), NOW).openid == "oPerson"


@pytest.mark.parametrize("name", ["signature", "msg_signature", "timestamp", "nonce"])
@pytest.mark.parametrize("value", ["", "0", "é", "ffff", "1737336601"])
def test_a_callback_with_a_changed_proof_is_forbidden(name: str, value: str) -> None:
    encrypted = sealed(message())
    with pytest.raises(Forbidden):
        open_callback(OURS, query_for(encrypted) | {name: value}, body_of(encrypted), NOW)


def test_a_signature_over_other_content_is_forbidden() -> None:
    query = query_for(sealed(message(Content="one")))
    with pytest.raises(Forbidden):
        open_callback(OURS, query, body_of(sealed(message(Content="two"))), NOW)


def test_a_signature_made_with_another_token_is_forbidden() -> None:
    encrypted = sealed(message())
    with pytest.raises(Forbidden):
        open_callback(OURS, query_for(encrypted, token="guess"), body_of(encrypted), NOW)


def test_a_plain_message_is_forbidden_in_safe_mode() -> None:
    with pytest.raises(Forbidden):
        open_callback(OURS, query_for(""), message().encode(), NOW)


def test_a_message_encrypted_for_another_account_is_forbidden() -> None:
    encrypted = sealed(message(), appid="wxother")
    with pytest.raises(Forbidden):
        open_callback(OURS, query_for(encrypted), body_of(encrypted), NOW)


def test_a_body_over_64_kib_is_too_long() -> None:
    encrypted = sealed(message(Content="长" * 20_000))
    body = body_of(encrypted)
    assert len(body) > BODY_LIMIT_BYTES
    with pytest.raises(TooLong):
        open_callback(OURS, query_for(encrypted), body, NOW)


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "no xml",
        "<xml/>",
        "<other><MsgType>text</MsgType></other>",
        "<xml><MsgType>text</MsgType>",
        message(MsgType=""),
        message(FromUserName=""),
        message(CreateTime="yesterday"),
        message(CreateTime="9" * 30),
        "<xml><FromUserName>a</FromUserName><FromUserName>b</FromUserName><MsgType>text</MsgType>"
        "<CreateTime>1</CreateTime></xml>",
        message().replace("<![CDATA[text]]>", "<deep><deeper/></deep>"),
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + message(Content="x"),
    ],
)
def test_what_the_platform_sent_unreadably_is_malformed(inner: str) -> None:
    with pytest.raises(Malformed):
        opened(inner)


def test_ciphertext_that_does_not_decrypt_is_malformed() -> None:
    for encrypted in ("AAAA", "!", base64.b64encode(b"x" * 32).decode()):
        with pytest.raises(Malformed):
            open_callback(OURS, query_for(encrypted), body_of(encrypted), NOW)


def test_a_key_of_the_wrong_length_is_refused_at_start_and_secrets_are_not_shown() -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        Credentials("wx", "token", "short")
    assert OURS.token not in repr(OURS)


@given(
    query=st.dictionaries(
        st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "echostr"]),
        st.text() | st.integers().map(str) | st.just("1737336600"),
    ),
    body=st.binary(max_size=300) | st.text().map(str.encode),
)
def test_no_request_from_outside_raises_anything_but_forbidden(
    query: dict[str, str], body: bytes
) -> None:
    with pytest.raises(Forbidden):
        open_callback(OURS, query, body, NOW)
    with pytest.raises(Forbidden):
        answer_url_check(OURS, query, NOW)


@given(
    encrypted=st.text(st.characters(exclude_characters="<&", codec="ascii"))
    | st.binary().map(lambda raw: base64.b64encode(raw).decode())
)
def test_no_signed_ciphertext_raises_anything_but_our_two_failures(encrypted: str) -> None:
    with pytest.raises((Forbidden, Malformed)):
        open_callback(OURS, query_for(encrypted), body_of(encrypted), NOW)


XML_PIECES = (
    "<xml>",
    "</xml>",
    "<MsgType>",
    "</MsgType>",
    "<![CDATA[",
    "]]>",
    "&#0;",
    "&x;",
    "text",
)


@given(st.text() | st.lists(st.sampled_from(XML_PIECES) | st.text(max_size=5)).map("".join))
@example("<?xml version='1.0' encoding='no-such'?><xml><a>1</a></xml>")
@example("<xml xmlns:a='b'><a:MsgType>1</a:MsgType></xml>")
def test_no_decrypted_text_raises_anything_but_malformed(inner: str) -> None:
    try:
        opened(inner)
    except Malformed:
        return


@given(st.fixed_dictionaries({"Content": st.text(), "MsgId": st.text(max_size=30)}))
def test_whatever_a_person_types_arrives_in_a_message(fields: dict[str, str]) -> None:
    safe = {name: value.replace("]]>", "]] >") for name, value in fields.items()}
    assert opened(message(**safe)).openid == "oPerson"
