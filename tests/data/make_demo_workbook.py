"""Makes the workbooks of the demo estate, all of it invented.

Run it with `python -m tests.data.make_demo_workbook`; the same run gives the same bytes. Every
name has 示 (“example”) in the middle, every phone is 199 0000 xxxx, every code starts with DEMO.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from backend.services.workbooks.balances_sheets import BALANCES_SHEETS
from backend.services.workbooks.registry_sheets import REGISTRY_SHEETS
from backend.services.workbooks.templates import write_workbook

FOLDER = Path(__file__).parent
REGISTRY_FILE = FOLDER / "demo_registry.xlsx"
BALANCES_FILE = FOLDER / "demo_balances.xlsx"

ESTATE_CODE = "DEMO-0001"
COMPANY = "示例物业服务有限公司（虚构）"
MAINTAINERS = (
    ("示例电梯维保有限公司（虚构）", "0743-0000011"),
    ("样板电梯工程有限公司（虚构）", "0743-0000012"),
)
# Units of each building; every unit has two lifts. 1栋 is the one the demo insures: six lifts.
UNITS_OF = {"1栋": 3, "2栋": 3, "3栋": 2, "5栋": 2, "6栋": 2}
FLOORS = 22
AREAS = (Decimal("89.35"), Decimal("102.6"), Decimal("118.48"), Decimal("136.07"))
YUAN_PER_M2 = 60
BALANCE_DAY = date(2024, 12, 31)

SURNAMES = "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云"
GIVEN = "安宁和平明远清嘉仁义礼智信诚勤俭温良恭让文武才德福寿康乐春夏秋冬东南西北"

# Pooled income at the end of 2024: 1栋 can pay six premiums of 1,300.00, 3栋 cannot pay four.
POOLS = (
    ("DEMO-TC-0101", "1栋", None, Decimal("7907.40")),
    ("DEMO-TC-0201", "2栋", "1单元", Decimal("2688.69")),
    ("DEMO-TC-0202", "2栋", "2单元", Decimal("2867.94")),
    ("DEMO-TC-0203", "2栋", "3单元", Decimal("2350.77")),
    ("DEMO-TC-0301", "3栋", None, Decimal("3120.55")),
    ("DEMO-TC-0501", "5栋", None, Decimal("12480.36")),
    ("DEMO-TC-0601", "6栋", None, Decimal("5555.56")),
)
STATUTORY = Decimal("26358.02")


@dataclass(frozen=True)
class Flat:
    """One flat with its owners."""

    building: str
    unit: str
    room: str
    area: Decimal
    owners: tuple[tuple[str, str], ...]


def flats() -> Iterator[Flat]:
    """Every flat of the estate; one in ten has two owners."""
    people = _people()
    for building, units in UNITS_OF.items():
        for unit in range(1, units + 1):
            for floor in range(1, FLOORS + 1):
                for door, area in enumerate(AREAS, start=1):
                    second = (floor + door) % 10 == 0
                    owners = tuple(next(people) for _ in range(2 if second else 1))
                    yield Flat(building, f"{unit}单元", f"{floor}{door:02d}", area, owners)


def _people() -> Iterator[tuple[str, str]]:
    number = 0
    for given in GIVEN:
        for surname in SURNAMES:
            number += 1
            yield f"{surname}示{given}", f"1990000{number:04d}"


def _estate() -> list[list[Any]]:
    phone, address = "0743-0000001", "示例路 1 号（虚构）"
    name = "示例花园（虚构）"
    return [[ESTATE_CODE, name, address, "示例街道", COMPANY, "91433100DEMO000001", phone]]


def _units() -> list[list[Any]]:
    return [
        [building, f"{unit}单元"]
        for building, units in UNITS_OF.items()
        for unit in range(1, units + 1)
    ]


def _households() -> list[list[Any]]:
    return [
        [
            flat.building,
            flat.unit,
            flat.room,
            flat.area,
            "、".join(name for name, _ in flat.owners),
            "、".join(phone for _, phone in flat.owners),
        ]
        for flat in flats()
    ]


def _lifts() -> list[list[Any]]:
    lifts = []
    for place, (building, unit) in enumerate(_units()):
        for door in (1, 2):
            number = 2 * place + door
            lifts.append(
                [
                    f"DEMO3110{number:06d}",
                    building,
                    unit,
                    f"{door}号梯",
                    ("示例牌", "样板牌")[place % 2],
                    date(2014 + place % 5, 5, 1 + place),
                    date(2025, 3 + number % 9, 1 + place),
                    *MAINTAINERS[place % 2],
                ]
            )
    return lifts


def _committee() -> list[list[Any]]:
    """Five owners of five buildings; the last one is kin to the maintainer."""
    firsts = {flat.building: flat for flat in reversed(list(flats())) if flat.room == "801"}
    positions = ("主任", "副主任", "委员", "委员", "委员")
    members = []
    for building, position in zip(UNITS_OF, positions, strict=True):
        name, phone = firsts[building].owners[0]
        recused = "是" if building == "6栋" else "否"
        term = (date(2024, 7, 1), date(2027, 6, 30))
        members.append([*term, name, position, phone, recused, None])
    return members


def _insurers() -> list[list[Any]]:
    term = (date(2024, 12, 1), date(2026, 11, 30))
    basis = "示例遴选公告〔2024〕1 号（虚构）"
    bank = "示例银行吉首支行（虚构）"
    return [
        ["示例财产保险股份有限公司（虚构）", "0743-0000021", bank, "DEMO-BX-0001", *term, basis],
        ["样板电梯保险共保体（虚构）", "0743-0000022", bank, "DEMO-BX-0002", *term, basis],
        ["未入选保险股份有限公司（虚构）", "0743-0000023", bank, "DEMO-BX-0003", None, None, None],
    ]


def registry_workbook() -> bytes:
    """What the property company hands in."""
    rows = {
        "小区": _estate(),
        "楼栋单元": _units(),
        "房屋业主": _households(),
        "电梯": _lifts(),
        "业委会": _committee(),
        "委托": [[COMPANY, date(2024, 7, 15), date(2025, 12, 31)]],
    }
    return write_workbook(REGISTRY_SHEETS, rows)


def balances_workbook() -> bytes:
    """What the centre takes from the fund's books; one flat in forty never paid in."""
    subledger = [
        [
            ESTATE_CODE,
            flat.building,
            flat.unit,
            flat.room,
            Decimal(0) if place % 40 == 39 else flat.area * YUAN_PER_M2,
            BALANCE_DAY,
        ]
        for place, flat in enumerate(flats())
    ]
    pools = [[number, ESTATE_CODE, *place_and_sum] for number, *place_and_sum in POOLS]
    parts = [STATUTORY, *(row[4] for row in subledger), *(row[4] for row in pools)]
    name = "示例银行吉首支行（虚构）"
    bank = ["DEMO-BANK-0001", name, BALANCE_DAY, sum(parts, Decimal(0)), STATUTORY]
    rows = {"银行": [bank], "分户账": subledger, "统筹账户": pools, "保险机构": _insurers()}
    return write_workbook(BALANCES_SHEETS, rows)


def main() -> None:
    """Write both files beside this one."""
    REGISTRY_FILE.write_bytes(registry_workbook())
    BALANCES_FILE.write_bytes(balances_workbook())


if __name__ == "__main__":
    main()
