"""Files wait in a line to be read, and whoever would hold everybody up is sent away."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress

import pytest

from backend.domain.errors import Refused
from backend.services.files.line import MOST, MOST_OF_ONE, Line
from tests.build.waiting import eventually


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4 * MOST) as threads:
        yield threads


def refused(line: Line, pool: ThreadPoolExecutor, who: str) -> str:
    def have_a_turn() -> None:
        with line.turn(who):
            pass

    before = line._waiting.total()
    tried = pool.submit(have_a_turn)
    eventually(lambda: tried.done() or line._waiting.total() > before)
    with pytest.raises(Refused) as error:
        tried.result(0)  # at once: whoever stands in the line now was not sent away
    assert error.value.kind == "unavailable"
    return error.value.refusals[0].code


def standing(line: Line, pool: ThreadPoolExecutor, people: list[str]) -> list[Future[str]]:
    """All of them in the line, behind whoever has the turn now."""

    def wait_for_it(who: str) -> str:
        with line.turn(who):
            return who

    before = line._waiting.total()
    futures = [pool.submit(wait_for_it, who) for who in people]
    ticker = threading.Event()
    while line._waiting.total() < before + len(people):
        ticker.wait(0.005)
    return futures


def test_one_is_served_at_a_time(pool: ThreadPoolExecutor) -> None:
    line, inside, seen = Line(), [0], []

    def serve(who: int) -> None:
        with line.turn(who):
            inside[0] += 1
            threading.Event().wait(0.01)  # for another to come in, if it could
            seen.append(inside[0])
            inside[0] -= 1

    wait([pool.submit(serve, who) for who in range(MOST)])
    assert seen == [1] * MOST


def test_a_long_line_sends_away_whoever_comes_next(pool: ThreadPoolExecutor) -> None:
    line = Line()
    with line.turn("first"):
        futures = standing(line, pool, [f"person {n}" for n in range(MOST - 1)])
        assert refused(line, pool, "one more") == "busy"
    wait(futures)
    with line.turn("one more"):
        pass


def test_one_person_leaves_room_for_others(pool: ThreadPoolExecutor) -> None:
    line = Line()
    with line.turn("greedy"):
        futures = standing(line, pool, ["greedy"] * (MOST_OF_ONE - 1))
        assert refused(line, pool, "greedy") == "busy"
        futures += standing(line, pool, ["somebody else"])
    assert sorted(future.result() for future in futures) == [
        *["greedy"] * (MOST_OF_ONE - 1),
        "somebody else",
    ]


def test_a_turn_that_failed_is_over() -> None:
    line = Line()
    for _ in range(2 * MOST):
        with suppress(LookupError), line.turn("anybody"):
            raise LookupError
    assert line._waiting.total() == 0
