"""Which flat a place in a file is: asked once for each estate, and forgotten again."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain import fund_books as rules
from backend.domain.fund_books import Fault, Line
from backend.domain.normal import normal_code, normal_place
from backend.store.queries.fund_books import estate_codes, flats_of

MOST_ESTATES = 4  # whose flats are remembered: the fund's books go estate by estate
Place = tuple[str, str, str]  # building, unit, room


class Places:
    """The flats of all estates by how their places are written, or compared."""

    def __init__(self, tx: Session) -> None:
        self._tx = tx
        self._codes = {normal_code(code): code for code in estate_codes(tx)}
        self._estates: OrderedDict[str, _Flats] = OrderedDict()

    def find_all(self, lines: Sequence[tuple[int, Line]]) -> Mapping[int, UUID | Fault]:
        """By number of these lines of the file their flats, or what is wrong with their places. An
        estate is asked for once, though movements come in the order of time."""
        by_estate = sorted(lines, key=lambda each: each[1].place[0])
        return {number: self._find(number, line) for number, line in by_estate}

    def _find(self, number: int, line: Line) -> UUID | Fault:
        written, *place = line.place
        flats = self._estates.get(written) or self._asked(written)
        if flats is None:
            message = f"系统中没有小区“{written}”，请先导入小区登记表"
            return Fault(number, rules.ESTATE, message)
        building, unit, room = place
        flat = flats.find((building, unit, room))
        if flat is None:
            message = f"该小区登记中没有{' '.join(place)}，请核对写法"
            return Fault(number, rules.ROOM, message)
        return flat

    def _asked(self, written: str) -> "_Flats | None":
        code = self._codes.get(normal_code(written))
        if code is None:
            return None
        self._estates[written] = flats = _Flats(flats_of(self._tx, code))
        if len(self._estates) > MOST_ESTATES:
            self._estates.popitem(last=False)
        return flats


class _Flats:
    """Those of one estate."""

    def __init__(self, flats: Sequence[tuple[str, str, str, UUID]]) -> None:
        self._as_registered = {(building, unit, room): flat for building, unit, room, flat in flats}

    def find(self, place: Place) -> UUID | None:
        """The flat at this place, which most files write as the registry does."""
        return self._as_registered.get(place) or self._as_compared.get(_compared(place))

    @cached_property
    def _as_compared(self) -> dict[Place, UUID]:
        return {_compared(place): flat for place, flat in self._as_registered.items()}


def _compared(place: Place) -> Place:
    building, unit, room = place
    return normal_place(building), normal_place(unit), normal_place(room)
