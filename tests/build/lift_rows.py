"""A lift as pages and posters read it, without a database."""

from datetime import date
from uuid import UUID

from backend.store.queries.lifts import LiftRow

NOBODY = UUID(int=0)
LIFT = LiftRow(
    lift_id=NOBODY,
    registration_code="31104331002024000001",
    name="1号梯",
    estate="示例小区",
    address="示例路1号",
    building="1栋",
    unit="1单元",
    installed_on=date(2015, 6, 1),
    maintainer=None,
    maintainer_phone=None,
    next_inspection_on=None,
    unit_id=NOBODY,
    building_id=NOBODY,
)
