"""What a person does on the phone: follow, write, tap a choice, open the mini-program."""

import time
from collections.abc import Iterable, Mapping, Sequence

from pyotp import TOTP

from backend.domain.errors import refuse
from backend.wechat.sandbox.callbacks.messages import Push
from backend.wechat.sandbox.memory.credentials import PhoneShown
from backend.wechat.sandbox.memory.state import AFTER_FOLLOW, AFTER_MESSAGE, Message, Person
from backend.wechat.sandbox.parts import SandboxParts
from backend.wechat.templates import SUBSCRIBE_TEMPLATES

STEPS_AHEAD = 1  # as far as our desk lets a clock be before its own


def follow(parts: SandboxParts, name: str) -> Push:
    """Follow the service account; opens the short window and pushes `subscribe`."""
    person = parts.state.person(name)
    parts.state.put_person(name, subscribed=True)
    parts.state.open_window(person, "follow", AFTER_FOLLOW)
    return parts.pusher.event(person, "subscribe")


def unfollow(parts: SandboxParts, name: str) -> Push:
    """Stop following; pushes `unsubscribe`."""
    parts.state.put_person(parts.state.person(name).name, subscribed=False)
    return parts.pusher.event(parts.state.person(name), "unsubscribe")


def write(parts: SandboxParts, name: str, text: str) -> Push:
    """Write to the service account; opens the 48-hour window and pushes the text."""
    person = _follower(parts, name)
    _say(parts, person, text)
    return parts.pusher.text(person, text)


def tap(parts: SandboxParts, name: str, choice_id: str, message_id: int | None = None) -> Push:
    """Tap a choice of a menu message (the newest that has it); pushed as text with its id."""
    person = _follower(parts, name)
    for message in reversed(parts.state.messages(name)):
        if message.direction == "out" or message_id not in (None, message.id):
            continue
        for choice in message.choices:
            if choice.id == choice_id:
                _say(parts, person, choice.text)
                return parts.pusher.text(person, choice.text, choice.id)
    raise refuse("no_such_choice", "这个人的消息里没有这个选项", "choice_id", "missing")


def login_code(parts: SandboxParts, name: str) -> str:
    """A code as `wx.login` gives it: works once, within five minutes."""
    person = parts.state.person(name)
    parts.state.opened(person)
    return parts.codes.make(person.openids[parts.settings.mini_appid])


def authenticator_code(parts: SandboxParts, name: str) -> str:
    """Six digits of the authenticator in real time, never the same twice, so that each is taken:
    after those of now come those of the next half minute, then one has to wait."""
    person = parts.state.person(name)
    if not person.authenticator:
        raise refuse("no_authenticator", f"“{name}”的验证器不在模拟器里", "name", "conflict")
    totp = TOTP(person.authenticator)
    step = parts.state.next_step(person, totp.timecode(time.time()), STEPS_AHEAD)
    if step is None:
        raise refuse("wait_a_moment", "验证码每三十秒换一个，请稍候再试", None, "conflict")
    return totp.generate_otp(step)


def phone_code(parts: SandboxParts, name: str, appid: str | None = None) -> str:
    """A code as the phone number button gives it: works once, within five minutes.

    `appid` is the mini-program that the number was shown to, ours unless given.
    """
    person = parts.state.person(name)
    if not person.phone:
        raise refuse("no_phone", f"“{name}”还没有手机号，请先填写", "name", "conflict")
    parts.state.opened(person)
    return parts.phone_codes.make(PhoneShown(person.phone, appid or parts.settings.mini_appid))


def answer_popup(parts: SandboxParts, name: str, answers: Mapping[str, str]) -> Push:
    """Answer the popup for subscribe messages; each accepted template is one consent."""
    person = parts.state.person(name)
    _known_templates(answers)
    parts.state.opened(person)
    for template_id, answer in answers.items():
        if answer == "accept":
            parts.state.consent(person, template_id)
    return parts.mini_pusher.popup(person, answers)


def switch_off(parts: SandboxParts, name: str, template_ids: Sequence[str]) -> Push:
    """Refuse subscribe messages in the settings of the mini-program."""
    person = parts.state.person(name)
    _known_templates(template_ids)
    for template_id in template_ids:
        parts.state.refuse_messages(person, template_id)
    return parts.mini_pusher.switched_off(person, template_ids)


def take_back(parts: SandboxParts, name: str, what: str) -> Push:
    """Take an authorisation back in the settings; `what` is the platform's number of it."""
    person = parts.state.person(name)
    return parts.mini_pusher.authorization(person, "user_authorization_revoke", what)


def close_account(parts: SandboxParts, name: str) -> Push:
    """Close the account at the platform; pushed to the mini-program."""
    person = parts.state.person(name)
    return parts.mini_pusher.authorization(person, "user_authorization_cancellation", "")


def _known_templates(template_ids: Iterable[str]) -> None:
    known = {template.platform_id for template in SUBSCRIBE_TEMPLATES.values()}
    if unknown := set(template_ids) - known:
        message = f"小程序没有这些订阅模板：{'、'.join(sorted(unknown))}"
        raise refuse("template_unknown", message, "template_id", "missing")


def _follower(parts: SandboxParts, name: str) -> Person:
    person = parts.state.person(name)
    if not person.subscribed:
        raise refuse("not_following", f"“{name}”还没有关注服务号，请先关注", "name", "conflict")
    return person


def _say(parts: SandboxParts, person: Person, text: str) -> None:
    parts.state.open_window(person, "message", AFTER_MESSAGE)
    parts.state.add_message(
        Message(
            id=parts.state.next_id(),
            at=parts.clock(),
            person=person.name,
            direction="out",
            type="text",
            text=text,
        )
    )
