"""A kind of subject that the house has never heard of: visits of a maintainer to a lift."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.domain import pages
from backend.domain.audit_actions import StepTaken
from backend.domain.channels import TEMPLATE
from backend.domain.city.schema import CityProfile, Limit
from backend.domain.errors import Refused
from backend.domain.ledger import transfer
from backend.domain.roles import Role
from backend.domain.subject import PURCHASE, Subject
from backend.domain.typed_table import DEFAULT, Sourced
from backend.services.base import audit, numbers
from backend.services.base.context import Context, Heading
from backend.services.books import holds, ledger
from backend.services.books.ledger import NewEntry
from backend.services.case import deadlines, reminders
from backend.services.case.recipients import holders
from backend.services.case.subjects import subject_at_hand
from backend.services.messages import outbox
from backend.services.public_notice import recount
from backend.services.reads.deadline_list import list_deadlines
from backend.store.audit import AuditEntry
from backend.store.ledger import Entry, Hold
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.notices import Evidence
from backend.store.purchases import OfficerAct, Transition
from tests.build.looking import at, pool, today
from tests.build.sample_case import refused_by_database
from tests.build.village import Village

# Five working days: "到场检查", for the property manager, with the clerk warned.
CHECK = Limit("到场检查", Sourced(5, DEFAULT), Sourced("working_days", DEFAULT))


@dataclass
class Visits:
    """All that a room for visits would have to bring."""

    estate: UUID
    locked: list[UUID] = field(default_factory=list)

    def headings(self, tx: Session, subject_ids: Iterable[UUID]) -> Mapping[UUID, Heading]:
        return {subject_id: Heading("WB-2025-000001", "示例小区") for subject_id in subject_ids}

    def rules(
        self, tx: Session, ctx: Context, subject_ids: Iterable[UUID]
    ) -> Mapping[UUID, CityProfile]:
        return dict.fromkeys(subject_ids, ctx.city)

    def lock(self, tx: Session, subject_id: UUID) -> None:
        self.locked.append(subject_id)

    def title(self, limit: str) -> str:
        return {"check": "到场检查电梯"}[limit]

    def page(self, subject_id: UUID, limit: str, role: Role) -> str:
        return pages.of_role(role)

    def people_to_act(
        self, tx: Session, ctx: Context, limits: Iterable[tuple[UUID, str]]
    ) -> Mapping[tuple[UUID, str], Mapping[Role, Sequence[UUID]]]:
        people = {
            Role.PROPERTY_MANAGER: holders(tx, ctx, Role.PROPERTY_MANAGER, self.estate),
            Role.CLERK: holders(tx, ctx, Role.CLERK),
        }
        return dict.fromkeys(limits, people)


@pytest.fixture
def visits(village: Village) -> Visits:
    return Visits(village.estate)


@pytest.fixture
def there(village: Village, visits: Visits) -> Village:
    """The village in a city that knows visits."""
    ctx = village.ctx
    city = replace(ctx.city, limits={**ctx.city.limits, "check": CHECK})
    kinds = {**ctx.kinds, "visit": visits}
    return replace(village, ctx=replace(ctx, city=city, kinds=kinds), copies=None)


@pytest.fixture
def visit(there: Village) -> Subject:
    """A visit whose limit runs from Monday 3 March to Monday 10 March."""
    subject = Subject("visit", uuid4())
    with there.ctx.sessions() as tx:
        deadlines.start(subject_at_hand(tx, there.ctx, subject), "check")
        tx.commit()
    return subject


def reminded(there: Village) -> list[tuple[str, str, Mapping[str, str]]]:
    """Who hears what when the sweep runs now."""
    names = {actor.person_id: name for name, actor in there.people.items()}
    with there.ctx.sessions() as tx:
        before = set(tx.scalars(select(Outbox.id)))
    reminders.sweep(there.ctx)
    with there.ctx.sessions() as tx:
        rows = tx.scalars(select(Outbox).where(Outbox.id.not_in(before)).order_by(Outbox.id)).all()
    return [(names[row.person_id], row.template, row.data) for row in rows]


def limit_of(there: Village, visit: Subject) -> DeadlineRecord:
    with there.ctx.sessions() as tx:
        return tx.scalars(select(DeadlineRecord).where(DeadlineRecord.subject == visit)).one()


def test_its_people_are_reminded_in_its_own_words(there: Village, visit: Subject) -> None:
    assert str(limit_of(there, visit).ends_on) == "2025-03-10"
    assert reminded(there) == []
    there.clock.set(at("2025-03-10 09:00"))
    told = reminded(there)
    assert [(name, template) for name, template, _ in told] == [
        ("manager", "deadline_reminder"),
        ("clerk", "deadline_reminder"),
    ]
    assert told[0][2] == {
        "estate": "示例小区",
        "task": "到场检查电梯",
        "number": "WB-2025-000001",
        "due": "2025年3月10日 23:59",
        "left": "今天到期，请尽快办理",
        "page": "pages/manager/manager",
    }


def test_the_supervisor_hears_when_it_is_late(there: Village, visit: Subject) -> None:
    there.clock.set(at("2025-03-13 09:00"))
    (up,) = [data for name, template, data in reminded(there) if template == "escalation"]
    assert up["responsible"] == "物业、中心经办"
    assert up["late"].startswith("已逾期3个工作日")


def test_what_is_done_needs_no_reminder(there: Village, visit: Subject) -> None:
    there.clock.set(at("2025-03-10 09:00"))
    assert len(reminded(there)) == 2
    with there.ctx.sessions() as tx:
        deadlines.meet(subject_at_hand(tx, there.ctx, visit), "check")
        tx.commit()
    assert limit_of(there, visit).state == "met"
    with there.ctx.sessions() as tx:
        assert set(tx.scalars(select(Outbox.state))) == {"superseded"}
    there.clock.set(at("2025-03-11 09:00"))
    assert reminded(there) == []


def test_a_limit_pauses_runs_on_and_is_cancelled(there: Village, visit: Subject) -> None:
    ctx = there.ctx
    with ctx.sessions() as tx:
        running = deadlines.running(tx, visit, "check")
        assert running is not None
        deadlines.pause(subject_at_hand(tx, ctx, visit), running, 4, ["YY-2025-0001"])
        tx.commit()
    assert limit_of(there, visit).state == "paused"
    there.clock.set(at("2025-03-10 09:00"))
    with ctx.sessions() as tx:
        paused = deadlines.running(tx, visit, "check")
        assert paused is not None
        deadlines.run_on(subject_at_hand(tx, ctx, visit), paused)
        tx.commit()
    assert str(limit_of(there, visit).ends_on) == "2025-03-14"
    with ctx.sessions() as tx:
        deadlines.cancel_all(subject_at_hand(tx, ctx, visit))
        tx.commit()
    assert limit_of(there, visit).state == "cancelled"


def test_days_off_that_are_announced_later_move_it(
    there: Village, visit: Subject, visits: Visits
) -> None:
    purchase = there.drafted()
    with there.ctx.sessions() as tx:
        deadlines.start(subject_at_hand(tx, there.ctx, purchase.subject), "acceptance")
        tx.commit()
    closed = (
        "year = 2025\nscope = 'local'\nsource = '示例通知'\n[days_off]\n'2025-03-05' = '示例节'\n"
    )
    year, moved = recount.import_year(there.ctx, closed)
    assert (year.scope, moved) == ("local", 2)
    assert visits.locked == [visit.id]
    assert str(limit_of(there, visit).ends_on) == "2025-03-11"


def test_officers_find_it_in_the_list_of_limits(there: Village, visit: Subject) -> None:
    there.drafted()
    found = list_deadlines(there.ctx, there.actor("supervisor"), "open", None, 10)
    (listed,) = [each for each in found if each.subject_kind == "visit"]
    assert listed.subject_id == visit.id
    assert (listed.number, listed.estate, listed.task) == (
        "WB-2025-000001",
        "示例小区",
        "到场检查电梯",
    )


def test_it_has_numbers_messages_and_links_of_its_own(
    there: Village, visit: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(numbers.PREFIXES, "visit", "WB")
    ctx, manager = there.ctx, there.actor("manager").person_id
    with ctx.sessions() as tx:
        assert numbers.next_number(tx, "visit", today(there)) == "WB-2025-000001"
        outbox.write(
            tx,
            ctx.clock(),
            outbox.Message(
                natural_key="visit/1",
                person_id=manager,
                role="property_manager",
                channel=TEMPLATE,
                template="purchase_progress",
                data={},
                subject=visit,
            ),
        )
        facts = {"number": "WB-2025-000001"}
        audit.append(
            tx, ctx.clock(), manager, StepTaken("visit.order"), (visit.kind, visit.id), facts
        )
        tx.commit()
    with ctx.sessions() as tx:
        message = tx.scalars(select(Outbox)).one()
        assert (message.subject, message.purchase_id) == (visit, None)
        link = tx.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
        assert (link.subject_kind, link.subject_id) == ("visit", str(visit.id))
        assert audit.verify(tx).ok
        outbox.supersede(tx, Subject("visit", uuid4()), "visit/")
        tx.refresh(message)
        assert message.state == "created"
        outbox.supersede(tx, visit, "visit/")
        tx.refresh(message)
        assert message.state == "superseded"


def test_money_is_held_and_booked_for_it(there: Village, visit: Subject) -> None:
    ctx = there.ctx
    with ctx.sessions() as tx:
        accounts = ledger.purchase_accounts(tx, there.insurer)
        holds.place(tx, visit, {there.pool: 500}, ctx.clock())
        with pytest.raises(Refused, match="premium_already_held"):
            holds.place(tx, visit, {there.pool: 500}, ctx.clock())
        holds.post(tx, accounts, visit, 400, today(there), ctx.clock())
        back = transfer(accounts.held_premium, there.pool, 400)
        ledger.post(tx, NewEntry("back", "test", today(there), back, subject=visit), ctx.clock())
        tx.commit()
    assert pool(there) == (1_000_000, 0)
    with ctx.sessions() as tx:
        assert {entry.subject for entry in tx.scalars(select(Entry))} == {None, visit}
        assert tx.scalars(select(Hold.purchase_id)).all() == [None]
        assert ledger.drifted(tx) == []


def test_steps_evidence_and_officers_are_recorded_for_it(there: Village, visit: Subject) -> None:
    ctx, clerk = there.ctx, there.actor("clerk").person_id
    with ctx.sessions() as tx:
        step = Transition(
            subject=visit,
            seq=1,
            action="order",
            to_state="ordered",
            actor_id=clerk,
            role="clerk",
            at=ctx.clock(),
            evidence=[],
        )
        paper = Evidence(
            subject=visit, kind="report", statement="运行正常", given_by=clerk, given_at=ctx.clock()
        )
        act = OfficerAct(subject=visit, person_id=clerk, role="clerk", since=ctx.clock())
        tx.add_all([step, paper, act])
        tx.commit()
        for record in (step, paper, act):
            assert (record.subject, record.purchase_id) == (visit, None)


def test_nothing_hangs_on_a_purchase_that_does_not_exist(there: Village, visit: Subject) -> None:
    nobody = Subject(PURCHASE, uuid4())
    purchase = there.drafted()
    with there.ctx.sessions() as tx:
        with refused_by_database(tx) as refusal:
            holds.place(tx, nobody, {there.pool: 1}, there.ctx.clock())
        assert refusal.rule == "fk_hold_purchase_id"
        record = tx.scalars(select(Transition)).one()
        assert (record.subject, record.purchase_id) == (purchase.subject, purchase.id)
        row = {
            "natural_key": "half",
            "person_id": there.actor("clerk").person_id,
            "role": "clerk",
            "channel": "template",
            "template": "x",
            "data": {},
            "written_at": there.clock(),
            "state": "created",
            "attempts": 0,
            "try_at": there.clock(),
            "subject_kind": "visit",
        }
        with refused_by_database(tx) as refusal:
            tx.execute(insert(Outbox).values(row))
        assert refusal.rule == "ck_outbox_subject"
