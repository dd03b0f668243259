"""The village in a city whose owners vote: four flats of 100 m² each, of four owners."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.domain.voting import Choice
from backend.services.case import steps as case_steps
from backend.services.purchase import applications
from backend.services.purchase.applications import ApplicationRequest
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.purchase.paper_entries import PaperEntryView, Scanned
from backend.services.votes import ballots, counting, opening, paper
from backend.services.votes.paper import PaperBallot
from backend.store.purchases import Purchase
from backend.store.votes import Vote
from tests.build.comparing import compare
from tests.build.third_city import YUNXI
from tests.build.village import Village, called, stage

COVER: dict[str, Any] = {"cover_from": date(2025, 6, 1), "cover_ends_before": date(2026, 6, 1)}


def in_yunxi(village: Village) -> Village:
    """The village as a part of the third city."""
    village.ctx = replace(village.ctx, city=YUNXI)
    return village


@stage
def planned(village: Village) -> Purchase:
    """A case of the committee, with a plan; nobody of it is asked to approve."""
    wanted = ApplicationRequest(
        "R1", village.estate, village.pool, village.insurer, "committee", village.lifts
    )
    purchase = village.person("member0").drafts(wanted)
    applications.apply(
        village.ctx, village.actor("member0"), purchase.id, village.upload("member0")
    )
    village.clerk.queries_funds(purchase.id, "维保正常")
    for lift in village.lifts:
        village.person("insurer").surveys(purchase.id, lift, "passed", "运行平稳")
    return village.person("insurer").submits_plan(purchase.id, village.terms(**COVER))


def opened(village: Village, by: str = "member0", **options: Any) -> tuple[Purchase, UUID]:
    """A case whose owners vote, and the vote."""
    purchase = opening.open_vote(village.ctx, village.actor(by), planned(village).id, **options)
    return purchase, vote_of(village, purchase)


def vote_of(village: Village, purchase: Purchase) -> UUID:
    """The latest vote of the case."""
    with village.ctx.sessions() as tx:
        found = select(Vote.id).where(Vote.purchase_id == purchase.id).order_by(Vote.id.desc())
        return tx.scalars(found.limit(1)).one()


def votes(village: Village, vote: UUID, *choices: Choice | None) -> None:
    """The owners vote on their phones, one after the other; None: not."""
    for number, choice in enumerate(choices):
        if choice:
            ballots.cast(village.ctx, village.actor(f"owner{number}"), vote, choice)


def flat_of(number: int, name: str | None = None) -> SignedOnPaper:
    """An owner of the village as a paper has them."""
    unit, room = f"{number % 2 + 1}单元", f"{number + 1}01"
    return SignedOnPaper("1栋", unit, room, name or called("冯样", number))


def sheet(village: Village) -> Scanned:
    """A scan that the clerk uploaded, received now."""
    return Scanned(village.upload("clerk"), village.clock())


def entered(
    village: Village, vote: UUID, *cast: PaperBallot, scan: Scanned | None = None
) -> PaperEntryView:
    """Ballots on paper, entered by the clerk and not compared yet."""
    given = scan or sheet(village)
    return paper.enter(village.ctx, village.actor("clerk"), vote, cast, given)


def on_paper(village: Village, vote: UUID, *cast: PaperBallot) -> None:
    """Ballots on paper, entered and compared."""
    compare(village.ctx, entered(village, vote, *cast).id)


def ended(village: Village, purchase: Purchase) -> None:
    """The last day of the vote is over."""
    village.clock.advance(days=30)
    case_steps.sweep(village.ctx)


def counted(village: Village, purchase: Purchase) -> Purchase:
    """The vote is over, and the clerk says that all ballots are in."""
    ended(village, purchase)
    statement = "票箱已开，按时收到的票都已录入"
    return counting.confirm_count(village.ctx, village.actor("clerk"), purchase.id, statement)
