"""The desk as a Flask app: every section behind one frame and one gate, nothing of the API."""

from flask import Flask

from backend.desk import (
    account_statements,
    affording,
    agreements,
    applications,
    audit,
    by_number,
    case,
    case_list,
    city,
    closes,
    dashboard,
    decisions,
    entrance,
    estates,
    files,
    filters,
    fund_batches,
    gate,
    handing_over,
    imports,
    income,
    insurers,
    inviting,
    letters,
    locks,
    messages,
    moderation,
    my_rights,
    objection_list,
    objections,
    ordered,
    pages,
    past_income,
    payments,
    people,
    person,
    photos,
    posters,
    progress,
    proposals,
    rectifications,
    registry,
    sample,
    screenings,
    search,
    second_factor,
    sessions,
    statements,
    today,
    transfers,
)
from backend.http import frame
from backend.http.parts import NAME, ApiParts

SECTIONS = (
    entrance.routes,
    by_number.routes,
    second_factor.routes,
    sessions.routes,
    my_rights.routes,
    sample.routes,
    today.routes,
    case_list.routes,
    applications.routes,
    screenings.routes,
    case.routes,
    photos.routes,
    objection_list.routes,
    objections.routes,
    moderation.routes,
    letters.routes,
    messages.routes,
    files.routes,
    filters.routes,
    ordered.routes,
    proposals.routes,
    search.routes,
    estates.routes,
    registry.routes,
    income.routes,
    closes.routes,
    locks.routes,
    transfers.routes,
    past_income.routes,
    decisions.routes,
    agreements.routes,
    fund_batches.routes,
    account_statements.routes,
    affording.routes,
    insurers.routes,
    posters.routes,
    payments.routes,
    statements.routes,
    imports.routes,
    people.routes,
    person.routes,
    inviting.routes,
    handing_over.routes,
    rectifications.routes,
    audit.routes,
    progress.routes,
    dashboard.routes,
    city.routes,
)


def create_desk(parts: ApiParts) -> Flask:
    """The officers' desk on these parts, for an address that the public does not reach."""
    app = Flask("backend.desk", static_url_path=f"{gate.PREFIX}/static")
    app.extensions[NAME] = parts
    frame.install(app)
    pages.install(app)
    gate.install(app)
    for section in SECTIONS:
        app.register_blueprint(section)
    app.add_url_rule("/healthz", "healthz", lambda: {"status": "ok"})
    return app
