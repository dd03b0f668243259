"""What a person does on the phone: follow, write, tap a choice, open the mini-program."""

from backend.domain.errors import refuse
from backend.wechat.sandbox.parts import Parts
from backend.wechat.sandbox.push import Push
from backend.wechat.sandbox.state import AFTER_FOLLOW, AFTER_MESSAGE, Message, Person


def follow(parts: Parts, name: str) -> Push:
    """Follow the service account; opens the short window and pushes `subscribe`."""
    person = parts.state.person(name)
    parts.state.put_person(name, subscribed=True)
    parts.state.open_window(person, "follow", AFTER_FOLLOW)
    return parts.pusher.event(person, "subscribe")


def unfollow(parts: Parts, name: str) -> Push:
    """Stop following; pushes `unsubscribe`."""
    parts.state.put_person(parts.state.person(name).name, subscribed=False)
    return parts.pusher.event(parts.state.person(name), "unsubscribe")


def write(parts: Parts, name: str, text: str) -> Push:
    """Write to the service account; opens the 48-hour window and pushes the text."""
    person = _follower(parts, name)
    _say(parts, person, text)
    return parts.pusher.text(person, text)


def tap(parts: Parts, name: str, choice_id: str, message_id: int | None = None) -> Push:
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


def login_code(parts: Parts, name: str) -> str:
    """A code as `wx.login` gives it: works once, within five minutes."""
    person = parts.state.person(name)
    return parts.codes.make(person.openids[parts.settings.mini_appid])


def _follower(parts: Parts, name: str) -> Person:
    person = parts.state.person(name)
    if not person.subscribed:
        raise refuse("not_following", f"“{name}”还没有关注服务号，请先关注", "name", "conflict")
    return person


def _say(parts: Parts, person: Person, text: str) -> None:
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
