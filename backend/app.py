"""The Flask app: every route of the house behind one frame, one gate and one error envelope."""

import logging
from collections.abc import Iterable
from functools import partial

from flask import Blueprint, Flask
from flask_openapi3.openapi import OpenAPI

from backend import wiring
from backend.api.cases import applicants, cases, committee, estates, insurers, notices, posters
from backend.api.centre import (
    answers,
    bank_lines,
    bank_statements,
    companies,
    counter,
    income,
    lift_tokens,
    lockouts,
    openings,
    oversight,
    payees,
    payments,
    rectification_requests,
    refunds,
    registry,
    rights,
    steps,
    takedowns,
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
from backend.config import LOG_FORMAT, BadSettings, load_settings
from backend.domain.city.parse import BadCity
from backend.domain.errors import Refused
from backend.http import envelope, frame, gate
from backend.http.description import INFO, SERVERS, SESSION, Described
from backend.http.frame import safe_headers
from backend.http.kept_pages import KeptPages
from backend.http.large_bodies import most_bytes
from backend.http.parts import NAME, ApiParts
from backend.http.ready import readyz
from backend.http.room import make_room
from backend.http.routes import Routes
from backend.http.served import Served, end_with_parent
from backend.private import keep_to_owner
from backend.programs import api as api_program
from backend.runtime import wake_deliveries
from backend.store import schema

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
    todos.routes,
    own_cases.routes,
    notices.routes,
    posters.routes,
    owners.routes,
    steps.routes,
    answers.routes,
    counter.routes,
    takedowns.routes,
    payments.routes,
    payees.routes,
    openings.routes,
    income.routes,
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
    end_with_parent()
    keep_to_owner()
    make_room()
    app = _from_environment()
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
        _keep_documented(app, audience)
        app.register_api(audience.blueprint)
    for blueprint in callbacks:
        app.register_blueprint(blueprint)
    app.register_blueprint(light_pages.pages)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.wsgi_app = KeptPages(app.wsgi_app, parts.lift_pages, parts.public_url)  # type: ignore[method-assign]  # Flask's documented way
    return app


def _keep_documented(app: OpenAPI, audience: Routes) -> None:
    """Without this, an audience that shares a path with another would hide the other's methods."""
    for path, item in audience.blueprint.paths.items():
        known = app.paths.get(path)
        for verb in known.model_fields_set if known else ():
            setattr(item, verb, getattr(known, verb))


def _from_environment() -> Flask:
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
    frame.access_log.setLevel(logging.INFO)
    try:
        settings = load_settings()
        schema.require(settings)
        runtime = wiring.build(settings)
    except (BadSettings, BadCity, Refused) as error:
        raise SystemExit(f"API: {error}") from None
    parts = api_program.api_parts(runtime)
    api_program.keep_fresh(runtime.settings, parts.lift_pages)
    wake_deliveries(runtime)
    return create_app(parts, api_program.platform_callbacks(runtime))
