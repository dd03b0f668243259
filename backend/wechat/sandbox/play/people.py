"""Control routes that play people: who there is, and what each of them does on the phone."""

from typing import Literal

from pydantic import Field

from backend.domain.local_time import SHANGHAI
from backend.wechat.sandbox.memory.state import Message, Person
from backend.wechat.sandbox.parts import SandboxParts
from backend.wechat.sandbox.play import acts
from backend.wechat.sandbox.play.reading import Input, Json, after, read, shown_push


class NewPerson(Input):
    """Body of POST /people."""

    name: str = Field(min_length=1, max_length=50)
    phone: str | None = None
    subscribed: bool | None = None
    template_result: str | None = None
    subscribe_result: str | None = None


class Words(Input):
    """Body of POST /people/<name>/messages."""

    text: str = Field(min_length=1)


class Tap(Input):
    """Body of POST /people/<name>/taps."""

    choice_id: str
    message_id: int | None = None


class PhoneShow(Input):
    """Body of POST /people/<name>/phone-code; another `appid` plays a foreign mini-program."""

    appid: str | None = None


class Popup(Input):
    """Body of POST /people/<name>/popup: the answer to each template of one popup."""

    answers: dict[str, Literal["accept", "reject"]] = Field(min_length=1, max_length=3)


class SwitchOff(Input):
    """Body of POST /people/<name>/switch-off: templates refused in the settings."""

    template_ids: list[str] = Field(min_length=1, max_length=20)


class TakeBack(Input):
    """Body of POST /people/<name>/take-back: the platform's number of what is taken back."""

    what: str = Field("8", pattern="[0-9]{1,4}")


def authenticator_code(parts: SandboxParts, name: str) -> Json:
    """A code of the authenticator on this phone."""
    return {"digits": acts.authenticator_code(parts, name)}


def list_people(parts: SandboxParts) -> Json:
    """Everyone."""
    return {"people": [_person(parts, person) for person in parts.state.people()]}


def put_person(parts: SandboxParts) -> Json:
    """Make or change a person."""
    wanted = read(NewPerson)
    parts.state.put_person(**wanted.model_dump())
    return get_person(parts, wanted.name)


def get_person(parts: SandboxParts, name: str) -> Json:
    """One person."""
    return _person(parts, parts.state.person(name))


def follow(parts: SandboxParts, name: str) -> Json:
    """Follow the service account."""
    return {"callback": shown_push(acts.follow(parts, name))}


def unfollow(parts: SandboxParts, name: str) -> Json:
    """Stop following."""
    return {"callback": shown_push(acts.unfollow(parts, name))}


def login_code(parts: SandboxParts, name: str) -> Json:
    """A login code."""
    return {"code": acts.login_code(parts, name)}


def person_messages(parts: SandboxParts, name: str) -> Json:
    """One person's conversation."""
    name = parts.state.person(name).name
    return {"messages": [_message(m) for m in parts.state.messages(name, after())]}


def write(parts: SandboxParts, name: str) -> Json:
    """Write a chat message."""
    return {"callback": shown_push(acts.write(parts, name, read(Words).text))}


def tap(parts: SandboxParts, name: str) -> Json:
    """Tap a choice."""
    wanted = read(Tap)
    return {"callback": shown_push(acts.tap(parts, name, wanted.choice_id, wanted.message_id))}


def all_messages(parts: SandboxParts) -> Json:
    """All conversations."""
    return {"messages": [_message(m) for m in parts.state.messages(None, after())]}


def open_mini(parts: SandboxParts, name: str) -> Json:
    """Open the mini-program."""
    parts.state.opened(parts.state.person(name))
    return get_person(parts, name)


def phone_code(parts: SandboxParts, name: str) -> Json:
    """A phone code."""
    return {"code": acts.phone_code(parts, name, read(PhoneShow).appid)}


def popup(parts: SandboxParts, name: str) -> Json:
    """Answer a popup."""
    push = acts.answer_popup(parts, name, read(Popup).answers)
    return {"callback": shown_push(push), "person": get_person(parts, name)}


def switch_off(parts: SandboxParts, name: str) -> Json:
    """Refuse messages in the settings."""
    push = acts.switch_off(parts, name, read(SwitchOff).template_ids)
    return {"callback": shown_push(push), "person": get_person(parts, name)}


def take_back(parts: SandboxParts, name: str) -> Json:
    """Take an authorisation back in the settings."""
    return {"callback": shown_push(acts.take_back(parts, name, read(TakeBack).what))}


def close_account(parts: SandboxParts, name: str) -> Json:
    """Close the account."""
    return {"callback": shown_push(acts.close_account(parts, name))}


def _person(parts: SandboxParts, person: Person) -> Json:
    opened = person.mini_opened_at
    return {
        "name": person.name,
        "phone": person.phone,
        "subscribed": person.subscribed,
        "openids": {app: person.openids[appid] for app, appid in parts.state.appids.items()},
        "unionid": person.unionid,
        "template_result": person.template_result,
        "subscribe_result": person.subscribe_result,
        "consents": dict(person.consents),
        "mini_opened_at": opened and opened.astimezone(SHANGHAI).isoformat(timespec="seconds"),
    }


def _message(message: Message) -> Json:
    shown = message.model_dump(mode="json")
    shown["at"] = message.at.astimezone(SHANGHAI).isoformat(timespec="seconds")
    return shown
