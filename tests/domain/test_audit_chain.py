"""The chain without a database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.audit_chain import (
    GENESIS,
    VERSION,
    Link,
    canonical,
    link_hash,
    verify,
)

AT = datetime(2025, 3, 3, 1, tzinfo=UTC)

facts = st.dictionaries(
    st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=3
)
chains = st.lists(facts, min_size=1, max_size=6)


def chained(bodies: list[dict[str, object]]) -> list[Link]:
    links: list[Link] = []
    for seq, each in enumerate(bodies, start=1):
        previous = links[-1].hash if links else GENESIS
        body = canonical(AT, None, "test.step", ("purchase", "1"), each)
        links.append(Link(VERSION, seq, previous, link_hash(VERSION, seq, previous, body), body))
    return links


@given(chains)
def test_a_chain_as_it_was_written_is_whole(bodies: list[dict[str, object]]) -> None:
    links = chained(bodies)
    found = verify(links)
    assert (found.ok, found.entries, found.first_bad_seq) == (True, len(links), None)
    assert found.head == links[-1].hash.hex()


CHANGES: list[Callable[[Link], Link]] = [
    lambda link: replace(link, version=2),
    lambda link: replace(link, seq=link.seq + 1),
    lambda link: replace(link, previous_hash=bytes(31) + b"\1"),
    lambda link: replace(link, hash=bytes(32)),
    lambda link: replace(link, body=link.body + b" "),
]


@given(chains, st.data(), st.sampled_from(CHANGES))
def test_one_change_anywhere_shows_at_its_link(
    bodies: list[dict[str, object]], data: st.DataObject, change: Callable[[Link], Link]
) -> None:
    links = chained(bodies)
    place = data.draw(st.integers(0, len(links) - 1))
    links[place] = change(links[place])
    found = verify(links)
    assert (found.ok, found.entries, found.first_bad_seq) == (False, place, place + 1)


@given(chains, st.data())
def test_a_link_left_out_shows_unless_it_was_the_last(
    bodies: list[dict[str, object]], data: st.DataObject
) -> None:
    links = chained(bodies)
    place = data.draw(st.integers(0, len(links) - 1))
    found = verify([*links[:place], *links[place + 1 :]])
    assert found.ok == (place == len(links) - 1)
    assert found.head != verify(links).head


def test_a_body_does_not_depend_on_the_order_of_facts_or_on_the_time_zone() -> None:
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))
    subject = ("lift", "7")
    one = canonical(AT, UUID(int=7), "x", subject, {"a": 1, "金额": "1.00元"})
    other = canonical(shanghai, UUID(int=7), "x", subject, {"金额": "1.00元", "a": 1})
    assert one == other
    assert canonical(AT, None, "x", subject, {}) != canonical(AT, UUID(int=7), "x", subject, {})
