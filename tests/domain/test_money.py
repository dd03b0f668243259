from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import Refused
from backend.domain.money import Part, parse_fen, split, yuan

names = st.text(st.characters(min_codepoint=48, max_codepoint=122), min_size=1, max_size=4)
weights = st.lists(
    st.tuples(names, st.fractions(0, 10**9, max_denominator=1000)),
    min_size=1,
    max_size=30,
    unique_by=lambda item: item[0],
).filter(lambda items: any(weight for _, weight in items))
totals = st.integers(0, 10**14)


def test_the_worked_split_by_balance_and_days() -> None:
    parts = split(
        790740,
        [
            ("A", Fraction("408000.00") * 183),
            ("B", Fraction("382500.00") * 183),
            ("C", Fraction("612000.50") * 100),
        ],
    )
    assert parts == (Part("A", 286794), Part("B", 268869), Part("C", 235077))


def test_equal_remainders_go_to_the_name_that_sorts_first() -> None:
    assert split(100, [("c", 1), ("b", 1), ("a", 1)]) == (
        Part("c", 33),
        Part("b", 33),
        Part("a", 34),
    )


def test_a_weight_of_zero_gets_nothing() -> None:
    assert split(5, [("a", 0), ("b", 2), ("c", 1)]) == (Part("a", 0), Part("b", 3), Part("c", 2))


@pytest.mark.parametrize(
    ("given_weights", "code"),
    [
        ([], "weights_missing"),
        ([("a", 0)], "weights_zero"),
        ([("a", 1), ("b", -1)], "weight_negative"),
        ([("a", 1), ("a", 1)], "name_repeated"),
    ],
)
def test_weights_that_mean_nothing_are_refused(
    given_weights: list[tuple[str, int]], code: str
) -> None:
    with pytest.raises(Refused, match=code):
        split(100, given_weights)


@given(totals, weights)
def test_parts_sum_to_the_whole_and_stay_within_a_fen(
    total: int, given_weights: list[tuple[str, Fraction]]
) -> None:
    parts = split(total, given_weights)
    whole = sum(weight for _, weight in given_weights)
    assert sum(part.fen for part in parts) == total
    assert [part.name for part in parts] == [name for name, _ in given_weights]
    for part, (_, weight) in zip(parts, given_weights, strict=True):
        assert abs(part.fen - total * weight / whole) < 1
        assert weight or part.fen == 0


@given(totals, weights.flatmap(lambda items: st.tuples(st.just(items), st.permutations(items))))
def test_the_order_of_the_weights_changes_no_part(
    total: int, orders: tuple[list[tuple[str, Fraction]], list[tuple[str, Fraction]]]
) -> None:
    assert set(split(total, orders[0])) == set(split(total, orders[1]))


@given(totals, weights)
def test_a_reversal_mirrors_what_it_reverses(
    total: int, given_weights: list[tuple[str, Fraction]]
) -> None:
    assert [part.fen for part in split(-total, given_weights)] == [
        -part.fen for part in split(total, given_weights)
    ]


@pytest.mark.parametrize(
    ("text", "fen"),
    [("7907.40", 790740), ("0", 0), ("1300", 130000), ("0.5", 50), ("0.05", 5), ("007", 700)],
)
def test_amounts_are_read_exactly(text: str, fen: int) -> None:
    assert parse_fen(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        *("", " 1", "1\n", "1.", ".5", "1.234", "1.0.0", "1,300.00", "9" * 16),
        *("１３００", "٣", "¥1", "NaN", "inf", "1e3", "+1"),
    ],
)
def test_amounts_written_otherwise_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="amount_invalid"):
        parse_fen(text)


@pytest.mark.parametrize("value", [7907.40, 1300, True, None, b"1"])
def test_amounts_that_are_not_text_are_refused(value: object) -> None:
    with pytest.raises(Refused, match="amount_invalid"):
        parse_fen(value)


def test_a_negative_amount_is_read_only_where_it_is_meant() -> None:
    assert parse_fen("-12.30", negative=True) == -1230
    with pytest.raises(Refused, match="amount_negative"):
        parse_fen("-12.30")


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_writing_and_reading_an_amount_returns_it(fen: int) -> None:
    assert parse_fen(yuan(fen).replace(",", "").removesuffix("元"), negative=True) == fen


def test_people_read_amounts_with_separators() -> None:
    assert yuan(1234567890) == "12,345,678.90元"
    assert yuan(-5) == "-0.05元"
