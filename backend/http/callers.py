"""Where a request comes from, as far as the proxies in front of us can be believed."""

from flask import request

from backend.http.parts import parts


def caller() -> str:
    """The network address of whoever asks.

    Each of our `proxy_hops` proxies adds at the end of X-Forwarded-For whom it heard from; what
    stands before those entries was written by the caller and proves nothing.
    """
    hops = parts().proxy_hops
    hosts = request.headers.get("X-Forwarded-For", "").split(",") if hops else []
    if hops and len(hosts) >= hops and hosts[-hops].strip():
        return hosts[-hops].strip()
    return request.remote_addr or ""


def guesses_too_much() -> bool:
    """Count a code that led nowhere against the caller; True when there were too many."""
    return parts().guesses.miss(caller())


def logs_in_wrongly_too_often() -> bool:
    """Whether so many logins of this caller were wrong that the platform is not asked any more."""
    return parts().wrong_logins.used_up(caller())


def note_wrong_login() -> None:
    """Count a login code that the platform did not know against the caller."""
    parts().wrong_logins.miss(caller())
