"""The printing worker, killed in the middle of an order."""

import zipfile
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from backend.config import Settings
from backend.domain.tokens import token_text
from backend.jobs.names import QueueName
from backend.jobs.queues import connect, wake
from backend.services.base.context import Context
from backend.services.printing.print_orders import PrintRequest, order_posters, read_order, read_zip
from backend.store.posters import Poster, PrintOrder
from backend.store.registry import Lift, LiftToken
from tests.build.processes import running, seen
from tests.build.village import Village

LIFTS = 24


def with_many_lifts(village: Village) -> Village:
    ctx, clock = village.ctx, village.clock
    with ctx.sessions() as tx:
        for number in range(LIFTS - len(village.lifts)):
            lift = Lift(
                unit_id=village.units[0],
                registration_code=f"L-{number}",
                name=f"{number + 10}号梯",
                installed_on=clock().date(),
            )
            tx.add(lift)
            tx.flush()
            village.lifts.append(lift.id)
        for number, lift_id in enumerate(village.lifts):
            token = token_text(bytes([number]) * 16)
            tx.add(LiftToken(token=token, lift_id=lift_id, issued_at=clock()))
        tx.commit()
    return village


@pytest.mark.deep
def test_a_killed_worker_s_order_is_finished_by_the_next_without_doing_anything_twice(
    settings: Settings, ctx: Context, village: Village
) -> None:
    with_many_lifts(village)
    order = order_posters(ctx, None, PrintRequest(village.estate, ["cab_card"], format="png"))
    programs = (("worker", "printing"), ("cron",))
    with running(settings, *programs) as (printing, _), connect(settings.redis_url) as client:
        wake(client, QueueName.PRINTING)([order.id])
        seen(lambda: done(ctx, order.id) > 2, settings)
        printing.kill()
        halfway = done(ctx, order.id)
        assert halfway < LIFTS
        lease_runs_out(ctx)
        client.flushall()
        seen(lambda: read_order(ctx, None, order.id).state == "done", settings)
    with ctx.sessions() as tx:
        assert tx.scalar(select(func.count()).select_from(Poster)) == LIFTS
    _, where = read_zip(ctx, None, order.id)
    assert len(zipfile.ZipFile(where).namelist()) == LIFTS


def lease_runs_out(ctx: Context) -> None:
    """As if half a minute had passed since the worker died."""
    with ctx.sessions() as tx:
        tx.execute(update(PrintOrder).values(leased_until=func.now()))
        tx.commit()


def done(ctx: Context, order_id: UUID) -> int:
    return read_order(ctx, None, order_id).done
