"""The days off that the State Council announces for a year."""

import json
from collections.abc import Iterable

from backend.domain.holidays import statutory_days
from backend.services.public_notice import recount
from tests.build.village import Village


def announce(
    village: Village,
    year: int,
    days_off: Iterable[str] = (),
    workdays: Iterable[str] = (),
    scope: str = "national",
) -> int:
    """Import a year with the statutory days and these; how many limits moved."""
    statutory = statutory_days(year) if scope == "national" else {}
    given = {
        "year": year,
        "scope": scope,
        "source": "测试用安排",
        "days_off": {
            **{day.isoformat(): name for day, name in statutory.items()},
            **dict.fromkeys(days_off, "放假"),
        },
        "workdays": dict.fromkeys(workdays, "调休"),
    }
    _, moved = recount.import_year(village.ctx, json.dumps(given))
    return moved
