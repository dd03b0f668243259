"""What everybody may read of somebody's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.masking import is_telling, masked_text

ALPHABETS = ("0123456789", "０１２３４５６７８９", "零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖")
GAPS = (
    *("", " ", "-", "–", "—", "·", ".", ",", "/", "\u3000", "\n", "\u200b", " - "),
    *(
        "、",
        "，",
        "*",
        "|",
        "+",
        "=",
        "~",
        "#",
        "_",
        "：",
        "(",
        "】",
        "…",
        "\ufe0f\u20e3",
        "❤",
        "、 ",
    ),
)
# One number in the spellings by which people hide it from machines.
ODD_SPELLINGS = [
    *(sign.join("13812345678") for sign in "、*|+=~#_：，。；！？…/\\^&@$%'\"()【】<>❤又和横空"),
    *(sign.join(("138", "1234", "5678")) for sign in "*|+=~#_/\\^&@$%'\"()【】<>❤、，；：又和横空"),
    "(138)1234(5678)",
    "1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣",
    "①③⑧①②③④⑤⑥⑦⑧",
]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我是张三，住3栋2单元501室", "我是**，住3栋2单元**室"),
        ("501号房、1203室、五零一室", "**号房、**室、**室"),
        ("2单元501反对，3-2-501也反对", "2单元**反对，**也反对"),
        ("住501，我家501，501的业主", "住**，我家**，**的业主"),
        ("2单元五零一，壹零壹室，501號房", "2单元**，**室，**號房"),
        ("1/1/101，12层1202，3栋1201户", "**，12层**，3栋**户"),
        ("电话13812345678或0743-8532500", "电话**或**"),
        ("１３８ １２３４ ５６７８", "**"),
        ("138.1234.5678，138/1234/5678，138\u30001234\n5678", "**，**，**"),
        ("138\u200b1234\u200b5678，138 — 1234 — 5678", "**，**"),
        ("一三八零零一三八零零零", "**"),
        ("请打1、3、8、1、2、3、4、5、6、7、8", "请打**"),
        ("身份证433101199001011234，43310119900101123X", "身份证**，**"),
        ("邮箱zhang.san@qq.com，abc @ 163 . com", "邮箱**，**"),
        ("微信wxid_ab12，微信号：zhang_san88，加vx zhangsan", "微信**，微信号：**，加vx **"),
        ("张 三、张\u3000三、张·三", "**、**、**"),
        ("我是李\u3000四 光", "我是**"),
    ],
)
def test_who_wrote_it_and_how_to_find_them_is_masked(text: str, shown: str) -> None:
    assert masked_text(text, ["张三", "李 四光"]) == shown
    assert not is_telling(shown)


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-05开会，3-5天后公示",
        "2025年3月5日开会，2026年再说",
        "每台1300元，共1300000元，200-500元之间，1,300.50元，1.5万",
        "第一，价格；第二，程序。1. 保费偏高 2. 三室两厅一样多",
        "30台电梯，18层60户",
        "一是价格高；二是没有比选",
    ],
)
def test_sums_dates_and_counts_stay(text: str) -> None:
    assert masked_text(text, ["张三"]) == text
    assert not is_telling(text)


@pytest.mark.parametrize(
    "text", ["打12315", "二〇二五", "①③⑧", "1 3 8", "约102平方米", "门口五零一", "𝟓𝟎𝟏"]
)
def test_what_no_pattern_is_sure_of_is_for_a_person_to_read(text: str) -> None:
    assert is_telling(masked_text(text, []))


@given(
    st.text("0123456789", min_size=3, max_size=18),
    st.lists(st.sampled_from(ALPHABETS), min_size=18, max_size=18),
    st.lists(st.sampled_from(GAPS), min_size=18, max_size=18),
    st.sampled_from(
        ["", "我住", "电话", "1单元", "加微信", "请打", "2025-03-05，", "每台1300元，"]
    ),
    st.sampled_from(["", "室", "的业主", "反对", "，每台1300元", "，2025年开会"]),
)
def test_a_number_however_it_is_written_is_masked_or_held(
    number: str, alphabets: list[str], gaps: list[str], before: str, after: str
) -> None:
    digits = [letters[int(digit)] for digit, letters in zip(number, alphabets, strict=False)]
    written = "".join(d + gap for d, gap in zip(digits[:-1], gaps, strict=False)) + digits[-1]
    shown = masked_text(before + written + after, [])
    assert is_telling(shown) or written not in shown


@pytest.mark.parametrize("written", ODD_SPELLINGS)
def test_an_oddly_written_phone_is_masked_or_held(written: str) -> None:
    shown = masked_text(f"请打{written}，谢谢", [])
    assert is_telling(shown) or not any(letter.isnumeric() for letter in shown)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(max_size=20))
def test_no_mobile_number_is_ever_published(number: str, around: str) -> None:
    assert number not in masked_text(f"{around}{number}{around}", [])


@given(st.text(max_size=60), st.text(max_size=6))
def test_masking_again_leaves_nothing_new_to_hold(text: str, name: str) -> None:
    shown = masked_text(text, [name])
    assert is_telling(shown) or not is_telling(masked_text(shown, [name]))


@pytest.mark.parametrize(
    "written", ["玛依拉·样力", "玛依拉•样力", "玛依拉.样力", "玛依拉 样力", "玛依拉\u200b・样力"]
)
def test_a_name_is_masked_whatever_its_dot(written: str) -> None:
    assert masked_text(f"我是{written}，不同意", ["玛依拉·样力"]) == "我是**，不同意"


@pytest.mark.parametrize(
    ("written", "name"),
    [("龙\ue863", "龙䶮"), ("\uf9d1样", "六样"), ("ｊｏｈｎ", "John"), ("龙\U000e0100䶮", "龙䶮")],
)
def test_a_name_is_masked_in_whatever_code_and_width_its_letters_are(
    written: str, name: str
) -> None:
    assert masked_text(f"我是{written}，不同意", [name]) == "我是**，不同意"
