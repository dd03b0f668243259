"""What the bank answers is matched by our number, the amount and the payee, each to the letter."""

from hypothesis import given
from hypothesis import strategies as some

from backend.domain.bank_answers import (
    PROPOSES,
    BankLine,
    Expected,
    OutcomeWords,
    Verdict,
    is_about,
    judge,
    number_in,
)
from backend.domain.ledger import PaymentState
from backend.domain.money import in_capitals

WORDS = OutcomeWords(failed=("失败", "退汇"), paid=("成功", "交易成功"))
BATCH = [
    Expected("BF-2025-000001", 260_000, "示例保险", PaymentState.ORDERED),
    Expected("BF-2025-000002", 260_000, "示例保险", PaymentState.ORDERED),
    Expected("BF-2025-000003", 111_111, "样板保险", PaymentState.ORDERED),
    Expected("BF-2025-000004", 260_000, "示例保险", PaymentState.CONFIRMED, "R4"),
]


def line(
    number: int = 1, fen: int | None = 260_000, payee: str = "示例保险", **of: str
) -> BankLine:
    values = {"reference": f"R{number}", "purpose": f"BF-2025-00000{number} 电梯维修保险费", **of}
    return BankLine(amount_fen=fen, payee=payee, **values)


def verdict(*lines: BankLine) -> list[Verdict]:
    return [each.verdict for each in judge(lines, BATCH, WORDS)]


def test_a_line_proposes_only_where_number_amount_and_payee_agree() -> None:
    assert verdict(line()) == [Verdict.PAID]
    assert verdict(line(purpose="bf2025000001保费", payee=" 示例保险 ")) == [Verdict.PAID]
    assert verdict(line(fen=260_001)) == [Verdict.AMOUNT_DIFFERS]
    assert verdict(line(fen=None)) == [Verdict.AMOUNT_DIFFERS]
    assert verdict(line(payee="别家保险")) == [Verdict.PAYEE_DIFFERS]
    assert verdict(line(reference="")) == [Verdict.NO_REFERENCE]
    assert verdict(line(outcome="交易失败")) == [Verdict.RETURNED]
    assert verdict(line(4)) == [Verdict.SETTLED]
    assert verdict(line(9)) == [Verdict.UNKNOWN]
    [differs] = judge([line(fen=260_001)], BATCH, WORDS)
    assert "2,600.01元" in differs.words
    assert "2,600元" in differs.words


def test_without_our_number_amount_and_payee_point_to_one_payment_or_to_none() -> None:
    lone = line(3, 111_111, "样板保险", purpose="保费")
    [alike] = judge([lone], BATCH, WORDS)
    assert (alike.verdict, alike.number) == (Verdict.ALIKE, "BF-2025-000003")
    assert "没有我们的编号" in alike.words
    assert verdict(line(purpose="保费")) == [Verdict.UNKNOWN]  # two orders are alike
    other = Expected("BF-2025-000008", 111_111, "样板保险", PaymentState.ORDERED)
    assert judge([lone], BATCH, WORDS, [other])[0].verdict is Verdict.UNKNOWN
    [known] = judge([line(4, reference="R4", purpose="保费")], BATCH, WORDS)
    assert (known.verdict, known.number) == (Verdict.SETTLED, "BF-2025-000004")


def test_a_failure_is_read_wherever_the_bank_wrote_it() -> None:
    assert verdict(line(outcome="账号有误，退汇")) == [Verdict.RETURNED]
    assert verdict(line(reason="账号有误，退汇")) == [Verdict.RETURNED]
    [back] = judge([line(purpose="退汇 BF-2025-000001")], BATCH, WORDS)
    assert (back.verdict, back.words) == (
        Verdict.RETURNED,
        "银行没有付成：退汇 BF-2025-000001",
    )


def test_what_the_bank_says_against_our_word_is_loud_and_proposes_nothing() -> None:
    off = Expected("BF-2025-000005", 260_000, "示例保险", PaymentState.REJECTED)
    for here, elsewhere in (([*BATCH, off], []), (BATCH, [off])):
        [paid] = judge([line(5)], here, WORDS, elsewhere)
        assert (paid.verdict, paid.number) == (Verdict.CONTRADICTS, off.number)
        assert "银行已付，但我们已登记退回，请先与银行核实" in paid.words
        [back] = judge([line(5, outcome="退汇")], here, WORDS, elsewhere)
        assert back.verdict is Verdict.SETTLED
    assert verdict(line(4, outcome="退汇")) == [Verdict.CONTRADICTS]
    [twice] = judge([line(4, reference="R9")], BATCH, WORDS)
    assert twice.verdict is Verdict.CONTRADICTS
    assert "是否重复付款" in twice.words


def test_only_lines_about_the_batch_are_its_business() -> None:
    off = Expected("BF-2025-000008", 1, "样板保险", PaymentState.REJECTED)
    on = Expected("BF-2025-000009", 260_000, "示例保险", PaymentState.ORDERED)
    about = [
        is_about(each, BATCH, [off, on])
        for each in (
            line(),
            line(fen=1),
            line(purpose="保费"),
            line(8),
            line(9),
            line(fen=1, purpose="工资", payee="某某"),
        )
    ]
    assert about == [True, True, True, True, False, False]


def test_a_payment_is_proposed_once() -> None:
    assert verdict(line(), line()) == [Verdict.PAID, Verdict.REPEATED]
    assert verdict(line(), line(reference="R9")) == [Verdict.REPEATED] * 2
    assert verdict(line(outcome="退汇"), line(reference="R9")) == [Verdict.REPEATED] * 2


def test_an_outcome_that_is_not_known_to_mean_paid_is_not_believed() -> None:
    for outcome in ("处理中", "未成功", "已撤销", "待复核"):
        [unclear] = judge([line(outcome=outcome)], BATCH, WORDS)
        assert unclear.verdict is Verdict.OUTCOME_UNCLEAR
        assert outcome in unclear.words
    assert verdict(line(outcome=" 交易 成功 ")) == [Verdict.PAID]
    later = verdict(line(outcome="处理中"), line(outcome="成功"))
    assert later == [Verdict.OUTCOME_UNCLEAR, Verdict.PAID]


def test_where_the_bank_says_paid_and_not_paid_of_one_payment_nothing_is_proposed() -> None:
    paid, back = line(outcome="成功"), line(outcome="退汇")
    unnamed = line(3, 111_111, "样板保险", purpose="保费")
    for lines in (
        (paid, back),  # a bank keeps the reference when it takes a payment back
        (back, paid),
        (line(reference="", outcome="成功"), back),
        (line(fen=1), back),
        (line(payee="别家保险"), back),
        (unnamed, line(3, 111_111, "样板保险", purpose="退汇")),
    ):
        found = judge(lines, BATCH, WORDS)
        assert not [each for each in found if each.verdict in PROPOSES]
        assert any("有的说没有付成" in each.words for each in found)


def test_a_line_without_our_number_sends_no_premium_back() -> None:
    [unnamed] = judge([line(3, 111_111, "样板保险", purpose="退汇")], BATCH, WORDS)
    assert unnamed.verdict is Verdict.UNKNOWN
    assert "也可能是以前付过的一笔" in unnamed.words


def test_a_line_whose_reference_paid_another_order_of_the_house_is_not_this_ones() -> None:
    old = Expected("BF-2024-000009", 111_111, "样板保险", PaymentState.CONFIRMED, "R9")
    known = line(9, 111_111, "样板保险", purpose="保费")
    assert is_about(known, BATCH, [])
    assert not is_about(known, BATCH, [old])
    assert judge([known], BATCH, WORDS, [old])[0].verdict is Verdict.UNKNOWN


LINES = some.builds(
    BankLine,
    some.sampled_from(["", "R1", "R2"]),
    some.sampled_from([None, 260_000, 260_001, 111_111]),
    some.sampled_from(["示例保险", "样板保险", ""]),
    some.sampled_from(["BF-2025-000001", "BF-2025-000003", "BF-2025-000004", "保费", ""]),
    some.sampled_from(["", "成功", "失败", "处理中"]),
)


@given(some.lists(LINES, max_size=8))
def test_whatever_the_bank_writes_no_payment_is_proposed_twice_or_for_another_amount(
    lines: list[BankLine],
) -> None:
    found = judge(lines, BATCH, WORDS)
    proposed = [each.number for each in found if each.verdict in PROPOSES]
    assert len(proposed) == len(set(proposed))
    assert "BF-2025-000004" not in proposed
    by_number = {each.number: each for each in BATCH}
    back = {each.number for each in found if each.verdict is Verdict.RETURNED}
    assert not [one for one in lines if number_in(one) in back and one.outcome in ("", "成功")]
    for given_line, one in zip(lines, found, strict=True):
        assert one.words
        if one.verdict in PROPOSES:
            payment = by_number[str(one.number)]
            assert (given_line.amount_fen, given_line.payee) == (
                payment.amount_fen,
                payment.payee,
            )


def test_a_sum_in_capitals_is_as_banks_write_it() -> None:
    assert [
        in_capitals(fen)
        for fen in (0, 1, 10, 11, 100, 790_740, 140_950_0, 680_332, 1_000_001, 100_000_500)
    ] == [
        "零元整",
        "壹分",
        "壹角整",
        "壹角壹分",
        "壹元整",
        "柒仟玖佰零柒元肆角整",
        "壹万肆仟零玖拾伍元整",
        "陆仟捌佰零叁元叁角贰分",
        "壹万元零壹分",
        "壹佰万零伍元整",
    ]


@given(some.integers(0, 10**15))
def test_no_two_sums_have_the_same_capitals(fen: int) -> None:
    words = in_capitals(fen)
    assert words != in_capitals(fen + 1)
    assert "零零" not in words
    assert words.endswith(("整", "分"))
