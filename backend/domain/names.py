"""What can be the name of an owner: a person as in the register, a company, and no remark.

People write into a column of names whatever they know: 暂缺, 租客, 业主：张三, 张三等2人. Only what
can be a name is taken; nobody guesses what else was meant. What a company may be called is wider:
digits, brackets and most words stand in names of companies.
"""

import re
import unicodedata
from enum import StrEnum

from backend.domain.normal import normal_code, normal_name, plain

# Written where there is nothing to write, and where something is not known yet.
NOTHING = frozenset({"无", "没有", "暂无", "-", "--", "/", "\\", "N/A", "NA", "NONE", "NULL"})
UNSETTLED = frozenset(
    {"待定", "未定", "待补", "待补充", "待核实", "待查", "未知", "不知道", "不详", "不明", "不清楚"}
    | {
        "同上",
        "同楼上",
        "略",
        "缺",
        "暂缺",
        "空缺",
        "空",
        "空置",
        "空房",
        "空户",
        "空白",
        "未售",
        "未登记",
    }
    | {"无名", "测试", "未装修"}
    | {"TBD", "TBC", "UNKNOWN", "UNSOLD", "VACANT", "EMPTY"}
)

MAX_HAN, MAX_NAME = 8, 50

# No name begins with these letters, none has those words in it, and these are words by themselves.
_NO_BEGINNING = "无暂待缺没此该均仅需请见另拟联失租借售拆退搬谁您"
_NO_PART = (
    "业主|户主|房主|产权|产证|房产证|联系|失联|电话|身份证|租客|租户|租赁|承租|出租|借住|开发商|物业|尚未"
    "|已故|已死|去世|过世|病故|死亡|亡故|逝世|暂缺|暂无|待定|待补|未知|不详|不明|不清|未登|未售|未交|未办"
    "|空置|空房|家属|配偶|夫妻|夫妇|父母|子女|儿子|女儿|母亲|父亲|爱人|老婆|老公|本人|同上|备注|更名|改名"
    "|原名|曾用名|共有|法院|查封|抵押|拍卖|[卖租借]给|回迁|安置房|样板|公租|廉租|公房|外地|在国外|移民|姓名"
    "|分之|先生|女士|小姐|太太|师傅|某|.代[管理签持]|过户|之[妻夫子女母父]|.全家|纠纷"
)
_NO_WHOLE = (
    "房东|商铺|车位|车库|(?:已|正在)?过户中?|(?:已|待)?继承[中人]?|共同|出国|国外|[老小].|.总"
    "|单位|公司|遗产|二手房|拒签|办公室|仓库|门面|管理处|保安|[一二两三四五多几]人|已[售卖]|已搬[走离]?"
    "|.{2,4}[转卖].{2,4}|.{2,3}[妻夫]"
)
_TITLES = ".{1,2}(?:老师|老板|经理|主任|阿姨|叔叔)"
_REMARK = re.compile(
    rf"[{_NO_BEGINNING}].*|.*(?:{_NO_PART}).*|(?:{_NO_WHOLE}|{_TITLES})|.*(?:(?<!平)等|等人)"
)
_JOINED = re.compile(r".{2,}(?:[和与及跟]|以及).{2,}")

_COMPANY = re.compile(
    r".+(?:公司|集团|企业|合伙|中心|政府|法院|学校|大学|中学|小学|医院|银行|基金会?|工作室|俱乐部|事务所"
    r"|合作社|联合社|委员会|[居村业]委会|幼儿园|小组|社区|街道办|办事处|公安局|餐厅|酒店|宾馆|超市|药房"
    r"|商行|工厂|研究院|研究所|协会|学会|教会|[支分]行|营业部|[支大中]队|市场)"
)
_PLACE_OF_WORK = re.compile(r".{3,}[厂店馆社院局所会站庙寺部]")
_ANY_COMPANY = re.compile(
    "(?:物业|开发|房地产|房产|维保|保险|本|[某该此].*)?(?:公司|单位|企业|集团)|开发商"
)
_REMARK_ON_COMPANY = re.compile(
    "[已暂待].{0,3}$|已[注卖售搬转过]|暂[无缺定]|待[定补查]|现为|属于|(?:卖|租|借|抵押)给|[无没](?:有)?(?:物业|维保)|.*(?:自管|自治|代管)$"
)
# A company's kind or place, at the end of its name; what else people put there is a remark.
_KIND = re.compile(r"\((?![^()]*(?:[已暂待租代转原及和]|注销|吊销|抵押|业主|产权|共有))[^()\d]+\)$")
_COMPANIES_JOINED = re.compile(r"(?:公司|集团|企业|中心|银行)(?:[和与及跟]|以及).{2,}")
_OF_COMPANY = re.compile(r"[^()]+(?:\([^()]+\)[^()]+)*")

# Compound surnames that people set apart from the given name.
_COMPOUND = re.compile(
    "欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|司空|东方|南宫|轩辕|端木|独孤"
    "|闻人|申屠|太史|钟离|呼延|百里|西门|第五|濮阳|淳于|澹台|单于|赫连|拓跋|完颜|纳兰|爱新觉罗|叶赫那拉"
)


class NameFault(StrEnum):
    """Why something written cannot stand as a name."""

    NOBODY = "nobody"  # that nobody is known: 待定, ？？？
    REMARK = "remark"  # a remark, a share, a title, marks that no name has
    SEVERAL = "several"  # perhaps more than one
    PARTIAL = "partial"  # not a whole name: 张, or too long to be one


def name_fault(written: str) -> NameFault | None:
    """Why this cannot be one person's or one company's name, or None when it can."""
    letters = plain(written)
    code = normal_code("".join(c for c in letters if _shape(c) not in "?'-·"))
    if not code or code in NOTHING | UNSETTLED:
        return NameFault.NOBODY
    if len(letters) > MAX_NAME:
        return NameFault.PARTIAL
    company = _KIND.sub("", letters).rstrip()
    if _COMPANY.fullmatch(company):
        return company_fault(company)
    if _PLACE_OF_WORK.fullmatch(company) and not _REMARK.fullmatch(company):
        return company_fault(company)
    return _fault_of_person(letters)


def company_fault(name: str) -> NameFault | None:
    """Why this cannot be a company's or an office's name, or None when it can."""
    name = _KIND.sub("", plain(name)).rstrip()
    if _ANY_COMPANY.fullmatch(name) or _REMARK_ON_COMPANY.match(name):
        return NameFault.REMARK
    if _COMPANIES_JOINED.search(name) or "+" in name:
        return NameFault.SEVERAL
    symbols = {c for c in name if _shape(c) == "?"} - set("()&“”\"'")
    return NameFault.REMARK if symbols or not _OF_COMPANY.fullmatch(name) else None


def _fault_of_person(letters: str) -> NameFault | None:
    if "&" in letters or "+" in letters:
        return NameFault.SEVERAL
    if "..." in letters:
        return NameFault.REMARK
    dotted = re.sub(r" ?· ?", "·", normal_dots(letters))
    shapes = [_shape(c) for c in dotted]
    kinds = {shape for shape in shapes if shape in "HAO"}
    if "?" in shapes or "9" in shapes or {"H", "A"} <= kinds:
        return NameFault.REMARK
    if "A" in kinds:
        return _fault_of_latin("".join(shapes), dotted)
    if "H" in kinds:
        return _fault_of_han("".join(shapes), dotted)
    return None if len(normal_code(dotted)) > 1 else NameFault.PARTIAL


def _fault_of_han(shapes: str, dotted: str) -> NameFault | None:
    """A name in Chinese letters, perhaps with kana among them."""
    if not re.fullmatch(r"[HO]+(?:[· ][HO]+)*", shapes):
        return NameFault.REMARK
    words = dotted.split()
    bare = "".join(words)
    if _REMARK.fullmatch(bare):
        return NameFault.REMARK
    if len(words) > 2 or (
        len(words) == 2 and len(words[0]) > 1 and not _COMPOUND.fullmatch(words[0])
    ):
        return NameFault.SEVERAL
    if "·" not in bare and _JOINED.fullmatch(bare):
        return NameFault.SEVERAL
    whole = len(bare) > 1 and all(len(part) <= MAX_HAN for part in bare.split("·"))
    return None if whole else NameFault.PARTIAL


def _fault_of_latin(shapes: str, dotted: str) -> NameFault | None:
    """A name in Latin or another alphabet: O'Neil, Jean-Luc, J. R. Smith."""
    one = r"[AO]+(?:['·-][AO]+)*·?"
    if not re.fullmatch(rf"{one}(?:[ ·]?{one})*", shapes):
        return NameFault.REMARK
    alike = len(dotted) > 2 and len(set(dotted.upper())) == 1  # xxx
    return NameFault.NOBODY if alike else (None if len(dotted) > 1 else NameFault.PARTIAL)


def normal_dots(text: str) -> str:
    """The text with one kind of dot, never two in a row; all else as written."""
    return re.sub("·+", "·", "".join("·" if _shape(c) == "·" else c for c in text))


def _shape(letter: str) -> str:
    """H Chinese, A an alphabet's, O any other letter, 9 a digit, ? what stands in no name."""
    code = ord(letter)
    category = unicodedata.category(letter)
    if (
        0x3400 <= code <= 0x9FFF
        or letter in "々〇"
        or 0x20000 <= code <= 0x3FFFF
        or category == "Co"
        or 0xF900 <= code <= 0xFAFF
    ):
        return "H"
    if letter in " '-·":
        return letter
    if letter in "’‘ʼ`´":
        return "'"
    if normal_name(letter) == "·":
        return "·"
    if category[0] in "LM" or 0x0F0B <= code <= 0x0F0D:  # and what parts Tibetan syllables
        name = unicodedata.name(letter, "")
        return "A" if name.startswith(("LATIN", "CYRILLIC", "GREEK")) else "O"
    return "9" if category[0] == "N" else "?"


def one_turned_round(parts: list[str]) -> bool:
    """Whether what stands between commas may be one name after all: Smith, John."""
    kinds = [{_shape(c) for c in plain(part)} for part in parts]
    return len(parts) > 1 and any(
        kind <= set("A'-·") and len(part.split()) == 1
        for kind, part in zip(kinds, parts, strict=True)
    )
