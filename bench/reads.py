"""Every read of the API that `growth` asks, by name; and why others are not asked."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import islice
from typing import TypeVar
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.demo.city import City
from backend.domain.roles import Role
from backend.http.routes import PREFIX
from backend.services.base import audit
from backend.services.base.context import Actor, Context
from backend.services.books import ledger
from backend.services.reads import audit_pages, dashboard, progress
from backend.store.people import AccessGrant
from bench.scene import Indoors

Answer = TypeVar("Answer")

PIECE = 1_000  # links of the audit chain, as `audit.verify` reads them

# Routes that read, and why no line of theirs is needed.
NOT_ASKED = {
    "/audit/verification": "reads the whole chain by its nature; a piece of it has a line",
    "/ledger/trial-balance": "adds up the whole city by its nature; has a line as that",
    "/bank-statements": "one for each bank and month, of which a larger city has hardly more",
    "/bank-statements/<statement_id>": "a month of one bank, and what is open",
    "/banks/<bank_id>/reconciliation": "what is open of one bank, and its year",
    "/deposit-interest": "one for each deposit and year, of which a larger city has hardly more",
    "/deposits": "one for each certificate, of which a larger city has hardly more",
    "/desk-sign-ins/<desk_code>": "one row by its key, for a minute",
    "/accounts/<account_id>/statement": "a period of an account, which has a line in `bench.years`",
    "/accounts/<account_id>/statement.pdf": "the same, as a document",
    "/accounts/<account_id>/statement.xlsx": "the same, as a workbook",
    "/estates/<estate_id>/forecast": "one estate's flats, lifts and pools",
    "/forecast": "counts the whole city by its nature",
    "/files/<sha256>": "one row by its key, then a file",
    "/me/homes/<owner_id>/fund": "one flat's few rows, side by side",
    "/me/homes/<owner_id>/fund/statement": "one flat's few rows, side by side",
    "/me/homes/<owner_id>/fund/statement.pdf": "the same, as a document",
    "/me/homes/<owner_id>/fund/statement.xlsx": "the same, as a workbook",
    "/me/data/export": "what `own data` reads, as a file",
    "/objections/<objection_id>/letter": "what the case reads, as a document",
    "/objections/<objection_id>/receipt": "what `own objections` reads, as a document",
    "/past-income": "a few in a city's life",
    "/bank-transfers": "a few a year",
    "/period-locks": "a few a year",
    "/purchases/<purchase_id>/vote": "one case's flats; the owners of this city do not vote",
    "/votes/<vote_id>/recount": "one case's flats; the owners of this city do not vote",
    "/votes/mine": "the owners of this city do not vote",
    "/posters/<sha256>": "one row by its key, then a file",
    "/print-orders/<order_id>": "one row by its key",
    "/print-orders/<order_id>/file": "one row by its key, then a file",
    "/public/lifts/<token>/account.csv": "what `public account` reads, as a table",
    "/public/notices/<number>/photos/<sha256>": "one row by its key, then a file",
    "/purchases/<purchase_id>/shares": "the flats of one case, by its plan",
    "/purchases/<purchase_id>/applicants-letter": "what the case reads, as a document",
    "/purchases/<purchase_id>/applicants-letters": "the few of one case, by its key",
    "/purchases/<purchase_id>/application-form": "what the case reads, as a document",
    "/purchases/<purchase_id>/invitation": "of owners who apply together, whom January has not",
    "/purchases/<purchase_id>/my-part": "of owners who apply together, whom January has not",
    "/year-closes": "one a year",
    "/year-closes/<close_id>/household-shares": "a page by the key of its rows",
    "/year-closes/<close_id>/shares": "a page by the key of its rows",
}


def of_the_api(stage: Indoors, city: City) -> Mapping[str, tuple[str | None, str]]:
    """Every read of somebody's own or of the public's, of the first estate."""
    cases = stage.act("manager", "GET", "/purchases")["items"]
    case, noticed = (
        next(one["id"] for one in cases if one["state"] == state)
        for state in ("in_force", "posted")
    )
    notice = stage.act("manager", "GET", f"/purchases/{noticed}")["notice"]
    estate, token = city.estate_id, city.lifts[0]["token"]
    return {
        "cab page": (None, f"/public/lifts/{token}"),
        "public account": (None, f"/public/lifts/{token}/account"),
        "notice": (None, f"/public/notices/{notice['number']}"),
        "city": (None, "/public/city"),
        "me": ("manager", "/me"),
        "todos of an owner": ("owner", "/todos/mine"),
        "todos of a manager": ("manager", "/todos/mine"),
        "todos of a clerk": ("clerk", "/todos/mine"),
        "cases of an owner": ("owner", "/purchases"),
        "cases of a manager": ("manager", "/purchases"),
        "cases of a clerk": ("clerk", "/purchases"),
        "cases of an insurer": ("insurer", "/purchases"),
        "case": ("manager", f"/purchases/{case}"),
        "case with a notice": ("clerk", f"/purchases/{noticed}"),
        "own part in a notice": ("owner", f"/notices/{notice['id']}/my-part"),
        "posting of a notice": ("manager", f"/notices/{notice['id']}/posting"),
        "estates of a manager": ("manager", "/estates"),
        "lifts of an estate": ("manager", f"/estates/{estate}/lifts"),
        "accounts of an estate": ("manager", f"/estates/{estate}/accounts"),
        "ways of an estate": ("manager", f"/estates/{estate}/ways"),
        "ways of a lift": ("owner", f"/lifts/{token}/ways"),
        "place of a lift": ("owner", f"/lifts/{token}/place"),
        "plans to answer": ("chair", "/plans/waiting"),
        "plans answered": ("chair", "/plans/answered"),
        "own objections": ("owner", "/objections/mine"),
        "own data": ("owner", "/me/data"),
        "insurers": ("manager", "/insurers"),
        "limits": ("clerk", "/deadlines"),
        "verifications": ("clerk", "/owner-verifications"),
        "grants": ("administrator", "/grants"),
        "audit entries": ("auditor", "/audit/entries"),
        "checkpoints": ("auditor", "/audit/checkpoints"),
        "banks": ("cashier", "/ledger/banks"),
        "banks of a case": ("cashier", f"/purchases/{case}/payment-banks"),
        "openings": ("cashier", "/openings"),
        "lockouts": ("administrator", "/lockouts"),
        "own sessions at the desk": ("clerk", "/desk-sessions"),
        "what somebody follows": ("owner", "/me/subscriptions"),
        "own verifications": ("owner", "/owner-verifications/mine"),
        "own signatures": ("owner", "/cosignatures/mine"),
        "requests to set something right": ("clerk", "/rectification-requests"),
    }


def of_the_whole_city(ctx: Context) -> Mapping[str, Callable[[], object]]:
    """What looks at all of it, by its nature."""
    clerk, auditor = (Actor(holder_of(ctx, role)) for role in (Role.CLERK, Role.AUDITOR))
    return {
        "trial balance": partial(_with, ctx, ledger.trial_balance),
        "books against postings": partial(_with, ctx, ledger.drifted),
        "progress": partial(progress.read_progress, ctx, clerk),
        "who looks after lifts and insures them": partial(progress.read_oversight, ctx, clerk),
        "dashboard": partial(dashboard.read_dashboard, ctx, clerk),
        "sample of cases": partial(audit_pages.draw_cases, ctx, auditor, "2025", 20, None),
    }


def piece_of_the_chain(ctx: Context) -> int:
    """A thousand links of the audit chain, as a verification reads one such piece after the other
    outside of any request; how many there were."""
    return _with(ctx, lambda tx: sum(1 for _ in islice(audit.export(tx, PIECE), PIECE)))


def _with(ctx: Context, ask: Callable[[Session], Answer]) -> Answer:
    with ctx.sessions() as tx:
        return ask(tx)


def holder_of(ctx: Context, role: Role) -> UUID:
    """Somebody who holds this role."""
    with ctx.sessions() as tx:
        held = select(AccessGrant.person_id).where(AccessGrant.role == role).limit(1)
        return tx.scalars(held).one()


def not_covered(app: Flask, paths: Iterable[str]) -> set[str]:
    """The routes of the API that read, and have neither one of these paths nor a reason."""
    match = app.url_map.bind("").match
    asked = {match(PREFIX + path, method="GET", return_rule=True)[0].rule for path in paths}
    reading = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) and "GET" in (rule.methods or ())
    }
    return {rule.removeprefix(PREFIX) for rule in reading - asked} - set(NOT_ASKED)
