"""The codes on the bench's wall: one lift of each kind, and one that nobody issued.

They are looked up at every start, since a visitor may have issued a code anew, and the address in
front of them follows the port.
"""

from sqlalchemy import select

from backend.demo.cast import ESTATE_CODE
from backend.demo.stage import DemoStage
from backend.services.base.context import Context
from backend.store.registry import Building, Estate, Lift, LiftToken, Unit

# Building, unit, and how things stood there when the city was made.
WALL = (
    ("1栋", "1单元", "正在公示"),
    ("5栋", "1单元", "已有保障"),
    ("6栋", "1单元", "方案待审议"),
    ("2栋", "1单元", "还没人申请"),
    ("3栋", "1单元", "只够一台"),
)
FORGED = "7Q2M4RWXK9TBV5ZC8HNJ3DPF6G"


def hang_codes(stage: DemoStage, ctx: Context) -> None:
    """Hang what leads somewhere now; a unit whose codes were all revoked is left out."""
    codes = []
    for building, unit, note in WALL:
        for name, token in _codes_in(ctx, building, unit)[:1]:
            address = stage.printed_address(token)
            codes.append({"title": f"{building}{unit} {name}", "note": note, "text": address})
    forged = stage.printed_address(FORGED)
    codes.append({"title": "来历不明的码", "note": "伪造，试试看", "text": forged})
    stage.platform("PUT", "/wall", {"codes": codes})


def _codes_in(ctx: Context, building: str, unit: str) -> list[tuple[str, str]]:
    """Names and valid codes of the lifts that stand in a unit of the demo estate."""
    with ctx.sessions() as tx:
        rows = tx.execute(
            select(Lift.name, LiftToken.token)
            .join(LiftToken, LiftToken.lift_id == Lift.id)
            .join(Unit, Unit.id == Lift.unit_id)
            .join(Building, Building.id == Unit.building_id)
            .join(Estate, Estate.id == Building.estate_id)
            .where(
                Estate.code == ESTATE_CODE,
                Building.name == building,
                Unit.name == unit,
                LiftToken.valid,
            )
            .order_by(Lift.name, Lift.id)
        )
        return [(name, token) for name, token in rows]
