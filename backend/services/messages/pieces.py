"""A batch in pieces: each is prepared as a whole shortly before the first of it begins."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Pieces(Generic[Item]):
    """The items of a batch for several threads, each of them once.

    `prepare` is called with a piece, no larger than `size`, and returns what is left of it: with
    the first at once, with the next by the thread that takes from the last, while others go on.
    """

    def __init__(
        self,
        items: Sequence[Item],
        prepare: Callable[[Sequence[Item]], Sequence[Item]],
        size: int,
    ) -> None:
        self._items = deque(items)
        self._prepare = prepare
        self._size = size
        self._ready: deque[Item] = deque()
        self._preparing = False
        self._changed = Condition()
        self._add(self._next())

    def __iter__(self) -> Iterator[Item]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ready or not self._preparing)
                few = len(self._ready) < self._size
                piece = self._next() if few and not self._preparing else []
                if not piece:
                    if not self._ready:
                        return
                    item = self._ready.popleft()
            if piece:
                self._add(piece)
            else:
                yield item

    def _next(self) -> list[Item]:
        number = min(self._size, len(self._items))
        self._preparing = number > 0
        return [self._items.popleft() for _ in range(number)]

    def _add(self, piece: Sequence[Item]) -> None:
        left: Sequence[Item] = ()
        try:
            left = self._prepare(piece)
        finally:
            with self._changed:
                self._ready.extend(left)
                self._preparing = False
                self._changed.notify_all()
