"""移交: each case of a leaver is named before, what the successor may not take stays, openly."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from backend.domain.audit_actions import AuditAction
from backend.services.base.context import Context
from backend.store.audit import AuditEntry
from backend.store.handovers import CaseHandover
from backend.store.messages import Outbox
from backend.store.people import AccessGrant
from backend.store.purchases import OfficerAct, Purchase
from tests.build.counting import Counter
from tests.build.many_cases import copy_case
from tests.build.office import Office
from tests.build.players import appoint, change
from tests.build.village import Village

At = Callable[[str], Office]
MOST_STATEMENTS = 30  # of a page that asks of each case what each of three people is to it


@pytest.fixture
def administrator(at_desk: At, village: Village) -> Office:
    appoint(village, "supervisor", "administrator")
    return at_desk("supervisor")


@pytest.fixture
def cases(village: Village, ctx: Context) -> list[UUID]:
    """Thirty that wait for the reviewer, in ten of which the successor was the clerk."""
    case = village.cleared()
    copies = copy_case(ctx, case.id, 29)
    appoint(village, "auditor", "reviewer")
    successor = village.actor("auditor").person_id
    for each in copies[:10]:
        act = {
            "subject_kind": "purchase",
            "subject_id": each,
            "person_id": successor,
            "role": "clerk",
            "since": village.clock(),
        }
        change(ctx, insert(OfficerAct).values(act))
    village.clock.advance(hours=1)  # the copies changed some minutes after the first
    return [case.id, *copies]


def right_of(ctx: Context, village: Village, name: str, role: str) -> UUID:
    person = village.actor(name).person_id
    with ctx.sessions() as tx:
        held = AccessGrant.person_id == person, AccessGrant.role == role
        return tx.scalars(select(AccessGrant.id).where(*held)).one()


def numbers(ctx: Context, cases: list[UUID]) -> set[str]:
    with ctx.sessions() as tx:
        return set(tx.scalars(select(Purchase.number).where(Purchase.id.in_(cases))))


def handed(ctx: Context) -> set[UUID]:
    with ctx.sessions() as tx:
        return set(tx.scalars(select(CaseHandover.purchase_id)))


def test_of_thirty_cases_ten_stay_by_name_and_one_confirmation_moves_the_rest(
    administrator: Office, at_desk: At, village: Village, ctx: Context, cases: list[UUID]
) -> None:
    right = right_of(ctx, village, "reviewer", "reviewer")
    to = village.actor("auditor").person_id
    here = f"/desk/people/{right}/handover"
    assert "30件" in administrator.open(here).text
    with ctx.sessions() as tx:
        links = tx.scalar(select(func.count()).select_from(AuditEntry))
    with Counter(ctx) as counter:
        page = administrator.open(f"{here}?to={to}")
    assert counter.queries <= MOST_STATEMENTS
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(AuditEntry)) == links
    assert numbers(ctx, cases) <= page.links.keys(), "every case is named before"
    assert "20件" in page.words
    assert page.text.count("在本案中已办过中心经办") == 10
    assert handed(ctx) == set()
    done = administrator.submit(page, because="left")
    assert "还有10件没有移交" in done.text
    with ctx.sessions() as tx:
        assert tx.get_one(AccessGrant, right).ended_because == "left"
    stay = set(cases[1:11])
    assert handed(ctx) == set(cases) - stay
    assert numbers(ctx, list(stay)) <= done.links.keys()
    assert not numbers(ctx, cases[11:]) & done.links.keys()
    administrator.submit(page)
    assert len(handed(ctx)) == 20, "the same form again moves nothing"
    with ctx.sessions() as tx:
        told = select(func.count()).where(Outbox.natural_key.like("handover/cases/%"))
        assert tx.scalar(told.select_from(Outbox)) == 1
        steps = select(func.count()).where(AuditEntry.action == AuditAction.PURCHASE_HAND_OVER)
        assert tx.scalar(steps.select_from(AuditEntry)) == 20
    theirs = at_desk("auditor").open("/desk/")
    assert "移交给您的案件" in theirs.text
    assert numbers(ctx, cases[11:]) <= theirs.links.keys()


def test_nothing_moves_that_was_not_looked_at(
    administrator: Office, village: Village, ctx: Context, cases: list[UUID]
) -> None:
    right = right_of(ctx, village, "reviewer", "reviewer")
    to = village.actor("auditor").person_id
    page = administrator.open(f"/desk/people/{right}/handover?to={to}")
    act = {"subject_kind": "purchase", "subject_id": cases[20], "person_id": to}
    change(ctx, insert(OfficerAct).values({**act, "role": "clerk", "since": village.clock()}))
    refused = administrator.submit(page)
    assert refused.status == 409
    assert "没有移交" in refused.text
    assert handed(ctx) == set()
    assert "19件" in refused.words, "the page shows what would move now"
    administrator.submit(refused)
    assert len(handed(ctx)) == 19
    other = village.actor("cashier").person_id
    unfit = administrator.browser.get(f"/desk/people/{right}/handover?to={other}")
    assert unfit.status_code == 409
