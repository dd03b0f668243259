"""What the routes work with: the parts of this process, and the person behind this request."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from flask import current_app, g

from backend.http.lift_pages import LiftPages
from backend.services.base.context import Actor, Context
from backend.services.base.wake import Wake
from backend.store.guesses import Guesses

NAME = "tibao"


@dataclass(frozen=True)
class ApiParts:
    """Handed to the app by the composition root.

    `subscribe_templates` maps each key of `services.subscriptions` to the platform's template id.
    `public_url` is how people reach us; `proxy_hops` how many proxies of ours stand before us;
    `sandbox` whether this is a place to try things.
    """

    ctx: Context
    lift_pages: LiftPages
    subscribe_templates: Mapping[str, str]
    guesses: Guesses
    wrong_logins: Guesses
    public_url: str
    sandbox: bool
    proxy_hops: int
    wake_printing: Wake


def parts() -> ApiParts:
    """The parts of the app that serves this request."""
    return cast(ApiParts, current_app.extensions[NAME])


def context() -> Context:
    """What every service takes first."""
    here: Context = g.get("context") or parts().ctx
    return here


@contextmanager
def working_in(part: Context) -> Iterator[None]:
    """Until the end of the block this request works with `part` of a whole transaction."""
    g.context = part
    try:
        yield
    finally:
        del g.context


def actor() -> Actor:
    """The person behind this request; only in routes that declare `auth="person"`."""
    who: Actor = g.actor
    return who
