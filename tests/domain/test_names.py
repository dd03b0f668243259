"""What can be a name is taken, whatever its letters; what cannot be one is never an owner."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.domain.names import NameFault, company_fault, name_fault, one_turned_round
from tests.build.names import people

PEOPLE = people()
MARKS = '—–-()（）[]【】{}：:#～~<>《》%&+*=?？!！@$^_|“”"…0123456789①２'


@given(PEOPLE)
def test_any_surname_with_any_letters_is_a_name(name: str) -> None:
    assert name_fault(name) is None


@given(PEOPLE, PEOPLE, some.sampled_from("·•・．●"))
def test_a_name_in_parts_is_one_whichever_dot_parts_them(one: str, other: str, dot: str) -> None:
    assert name_fault(f"{one}{dot}{other}") is None
    assert name_fault(f"{one} {dot}{dot} {other}") is None


@given(PEOPLE, some.sampled_from(MARKS), some.data())
def test_no_mark_or_digit_stands_in_a_persons_name(
    name: str, mark: str, data: some.DataObject
) -> None:
    place = data.draw(some.integers(0, len(name)))
    assert name_fault(name[:place] + mark + name[place:]) is not None


@given(PEOPLE, PEOPLE, some.sampled_from(["和", "与", "及", "跟", "以及", " ", "&", "+"]))
def test_two_names_joined_are_asked_about(one: str, other: str, joined_by: str) -> None:
    assert name_fault(one + joined_by + other) in (NameFault.SEVERAL, NameFault.REMARK)


@given(
    PEOPLE,
    some.sampled_from(
        ["业主", "租客", "已故", "先生", "女士", "等人", "等2人", "共有", "失联", "：业主"]
    ),
    some.booleans(),
)
def test_a_word_about_somebody_is_no_name(name: str, word: str, before: bool) -> None:
    assert name_fault(word + name if before else name + word) is not None or (
        before and word == "等人"
    )


@pytest.mark.parametrize(
    "written",
    [
        *(
            "暂缺",
            "待定。",
            "？？？",
            "···",
            "N/A",
            "无",
            "xxx",
            "未知",
            "。",
            "",
            " ",
            "TBD",
            "--",
        ),
    ],
)
def test_what_says_that_nobody_is_known_is_nobody(written: str) -> None:
    assert name_fault(written) is NameFault.NOBODY


@pytest.mark.parametrize(
    "written",
    [
        *(
            "已故",
            "无产权人",
            "联系不上",
            "租客",
            "开发商",
            "业主：张三",
            "张三等2人",
            "张*",
            "张某某",
        ),
        *(
            "王先生",
            "小李",
            "老张",
            "张总",
            "张三A",
            "人在外地",
            "过户中",
            "房东",
            "物业公司",
            "法院查封",
        ),
        *("已售给某公司", "某某有限公司（已注销）", "谁", "张三～", "#张三", "<张三>", "张三-李四"),
    ],
)
def test_a_remark_is_no_name(written: str) -> None:
    assert name_fault(written) is NameFault.REMARK


@pytest.mark.parametrize("written", ["张", "阿", "A", "张三李四王五赵六钱七"])
def test_half_a_name_or_too_much_is_no_name(written: str) -> None:
    assert name_fault(written) is NameFault.PARTIAL


@pytest.mark.parametrize(
    "name",
    [
        *(
            "和珅",
            "王和平",
            "欧阳和平",
            "张无忌",
            "李平等",
            "张继承",
            "向未央",
            "尚好",
            "代理明",
            "车位高",
        ),
        *("是光", "张 三", "欧阳 样一", "买买提吐尔逊江", "阿的江", "尼玛次仁", "爱新觉罗 样一"),
        *(
            "张\U00031350",
            "李\U000300f0",
            "龙\ue863",
            "邹\U000f0001",
            "赵〇",
            "山田はなこ",
            "김철수",
        ),
        *("བཀྲ་ཤིས་", "ᠪᠠᠲᠤ", "ئابدۇرەھىم", "ꆈꌠ"),
        *("Ann Lee", "O'Neil Ann", "O’Neil", "Jean-Luc Picard", "J. R. Smith", "Smith Jr."),
        *("Nguyễn Văn An", "Иван Петров", "Li Na", "José María"),
    ],
)
def test_names_of_all_peoples_are_names(name: str) -> None:
    assert name_fault(name) is None


COMPANIES = [
    *(
        "示例（湖南）置业有限公司",
        "样一投资中心（有限合伙）",
        "58同城信息技术有限公司",
        "AA有限公司",
    ),
    *(
        "吉首市人民政府",
        "红星村第一村民小组",
        "龙凤酒店",
        "和平商行",
        "示例街道办事处",
        "无锡示例有限公司",
    ),
    *("中国示例银行股份有限公司吉首支行公司", "老房东租赁有限公司", "北京A&B有限公司", "示例集团"),
    *("示例物业服务有限公司（虚构）",),
]


@pytest.mark.parametrize("name", COMPANIES)
def test_a_company_may_own_a_flat(name: str) -> None:
    assert name_fault(name) is None
    assert company_fault(name) is None


@pytest.mark.parametrize(
    "written",
    [
        *("物业公司", "无物业", "业主自管", "没有物业", "已退出", "待招标", "现为示例公司"),
        *(
            "甲有限公司和乙有限公司",
            "甲公司+乙公司",
            "（示例）有限公司",
            "示例公司：张三",
            "甲公司/乙公司",
        ),
    ],
)
def test_a_remark_is_no_company(written: str) -> None:
    assert company_fault(written) is not None


@given(some.text(max_size=60))
def test_whatever_is_written_there_is_an_answer(written: str) -> None:
    assert name_fault(written) in (*NameFault, None)
    assert company_fault(written) in (*NameFault, None)


def test_a_latin_name_turned_round_is_told_from_several_people() -> None:
    assert one_turned_round(["Smith", "John"])
    assert not one_turned_round(["Ann Lee", "Bob Ray"])
    assert not one_turned_round(["张三", "李四"])
    assert not one_turned_round(["Smith"])


@pytest.mark.parametrize(
    "name",
    [
        *("中国工商银行吉首支行", "中国建设银行股份有限公司湘西分行", "吉首市消防救援大队"),
        *("吉首石家冲农贸市场", "待见餐饮有限公司", "已然装饰有限公司", "暂时停留酒店"),
        *("全智贤", "转小明", "单田芳", "王夫之", "张夫"),
    ],
)
def test_what_only_looks_like_a_remark_is_a_name(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize(
    "remark",
    [
        *("单位", "公司", "某公司", "已售", "已卖", "已搬走", "空白", "测试", "继承人", "遗产"),
        *("二手房", "有纠纷", "拒签", "办公室", "仓库", "门面", "管理处", "保安", "多人", "三人"),
        *("未装修", "同楼上", "张三妻", "张三之妻", "张三全家", "张三转李四", "张三过户李四"),
    ],
)
def test_more_remarks_are_nobody_s_name(remark: str) -> None:
    assert name_fault(remark) is not None
