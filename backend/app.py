"""The Flask app: every route of the house behind one frame, one gate and one error envelope."""

from collections.abc import Iterable
from functools import partial

from flask import Blueprint

from backend.api.cases import (
    account_statements,
    affording,
    applicants,
    cases,
    committee,
    estates,
    insurers,
    notices,
    posters,
    shares,
    special_accounts,
    votes,
)
from backend.api.centre import (
    answers,
    bank_lines,
    bank_statements,
    bank_transfers,
    companies,
    counter,
    households,
    income,
    lift_tokens,
    lockouts,
    openings,
    oversight,
    paper_entries,
    past_income,
    payees,
    payments,
    period_locks,
    rectification_requests,
    refunds,
    registry,
    rights,
    screening,
    steps,
    takedowns,
)
from backend.api.centre import (
    votes as vote_counts,
)
from backend.api.public import lifts_and_notices, light_pages
from backend.api.residents import (
    desk_sign_ins,
    follows,
    invitations,
    me,
    own_cases,
    owners,
    todos,
    uploads,
)
from backend.http import envelope, frame, gate
from backend.http.description import INFO, SERVERS, SESSION, Described
from backend.http.frame import safe_headers
from backend.http.kept_pages import KeptPages
from backend.http.large_bodies import most_bytes
from backend.http.parts import NAME, ApiParts
from backend.http.ready import readyz
from backend.http.served import Served
from backend.private import keep_to_owner
from backend.programs import api as api_program
from backend.runtime import Runtime

AUDIENCES = (
    lifts_and_notices.routes,
    me.routes,
    desk_sign_ins.routes,
    invitations.routes,
    follows.routes,
    uploads.routes,
    estates.routes,
    cases.routes,
    applicants.routes,
    insurers.routes,
    committee.routes,
    votes.routes,
    todos.routes,
    own_cases.routes,
    notices.routes,
    posters.routes,
    owners.routes,
    screening.routes,
    shares.routes,
    special_accounts.routes,
    steps.routes,
    answers.routes,
    counter.routes,
    takedowns.routes,
    payments.routes,
    paper_entries.routes,
    vote_counts.routes,
    payees.routes,
    openings.routes,
    income.routes,
    period_locks.routes,
    bank_transfers.routes,
    past_income.routes,
    households.routes,
    account_statements.routes,
    affording.routes,
    bank_statements.routes,
    bank_lines.routes,
    refunds.routes,
    lift_tokens.routes,
    registry.routes,
    companies.routes,
    rectification_requests.routes,
    rights.routes,
    lockouts.routes,
    oversight.routes,
)


def create_served() -> Served:
    """What the web server calls (RSGI): the app on the parts that the environment describes."""
    keep_to_owner()
    return served(api_program.begin("API"))


def served(runtime: Runtime) -> Served:
    """The app on these parts, for a server that speaks RSGI."""
    app = _on(runtime)
    pages = app.wsgi_app
    if not isinstance(pages, KeptPages):
        raise TypeError("create_app answers from memory first")
    headers = safe_headers(app.extensions[NAME].public_url)
    return Served(pages, pages.at_once, partial(most_bytes, app), headers)


def create_app(parts: ApiParts, callbacks: Iterable[Blueprint] = ()) -> Described:
    """The app on these parts.

    `callbacks` are blueprints outside the API that answer as their platform expects.
    """
    app = Described(
        __name__,
        info=INFO,
        servers=SERVERS,
        security_schemes={"session": SESSION},
        validation_error_model=envelope.Errors,
        validation_error_callback=envelope.answer_invalid,
        static_folder=None,
    )
    app.url_map.merge_slashes = False
    app.extensions[NAME] = parts
    envelope.install(app)
    frame.install(app)
    gate.install(app)
    for audience in AUDIENCES:
        app.register_api(audience.blueprint)
    for blueprint in callbacks:
        app.register_blueprint(blueprint)
    app.register_blueprint(light_pages.pages)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.wsgi_app = KeptPages(app.wsgi_app, parts.lift_pages, parts.public_url)  # type: ignore[method-assign]  # Flask's documented way
    return app


def _on(runtime: Runtime) -> Described:
    parts = api_program.api_parts(runtime)
    api_program.keep_fresh(runtime.settings, parts.lift_pages)
    return create_app(parts, api_program.platform_callbacks(runtime))
