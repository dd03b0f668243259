"""How far a city is with what its plan wants insured (JS 五（三）, SG 四)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backend.domain.city.schema import CityProfile


class TargetStatus(StrEnum):
    """Whether as many lifts are insured as a target wants, and whether its day is over."""

    REACHED = "reached"
    RUNNING = "running"
    MISSED = "missed"


TARGET_STATUS_NAMES = {
    TargetStatus.REACHED: "已达到",
    TargetStatus.RUNNING: "未到期，还没有达到",
    TargetStatus.MISSED: "已过期，还没有达到",
}


@dataclass(frozen=True)
class TargetProgress:
    """A target and what stands of it: `covered` lifts are insured today."""

    name: str
    lifts: int
    until: date
    source: str
    covered: int
    status: TargetStatus

    @property
    def missing(self) -> int:
        """How many lifts are still wanted."""
        return max(0, self.lifts - self.covered)

    @property
    def percent(self) -> int:
        """How much of it is reached, in whole parts of a hundred, never more than there is."""
        return min(100, 100 * self.covered // self.lifts)


def progress_of(city: CityProfile, covered: int, today: date) -> Sequence[TargetProgress]:
    """The targets of the plan, the earliest first. What counts are the lifts that are insured
    today: the plan wants cover, and neither says that one which ended counts on."""
    targets = sorted((city.pilot_targets or {}).values(), key=lambda target: target.until.value)
    return [
        TargetProgress(
            target.name,
            target.lifts.value,
            target.until.value,
            target.lifts.source_text,
            covered,
            _status(covered >= target.lifts.value, today > target.until.value),
        )
        for target in targets
    ]


def _status(reached: bool, is_over: bool) -> TargetStatus:
    if reached:
        return TargetStatus.REACHED
    return TargetStatus.MISSED if is_over else TargetStatus.RUNNING
