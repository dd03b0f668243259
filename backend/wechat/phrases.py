"""What a person means by what they typed.

Tolerant of width, blanks, punctuation, traditional characters and the little words around a
question, but never guessing a vote: a condition, a doubt, a question or a mere “好” is no answer,
even when it begins like one.
"""

import re
import unicodedata
from dataclasses import dataclass

# The traditional characters that occur in our words.
SIMPLIFIED = str.maketrans(
    "幫務辦進電樓絕贊點單選項說問詢審議對見過間謝麼時書沒錯嗎樣會話為異題誰該關裡號棟訴熱線聯繫員確認門",
    "帮务办进电楼绝赞点单选项说问询审议对见过间谢么时书没错吗样会话为异题谁该关里号栋诉热线联系员确认门",
)
# What may stand between a refusal and its reason. Brackets and quotes belong to the reason.
BREAKS = " \t\r\n.,;:!~、。，；：！…·-—_"
EDGES = " \t\r\n.,;:!?~、。，；：！？…·'\"“”‘’「」『』《》()（）[]【】<>＜＞-—_"

WORDS = {
    "help": ("帮助", "帮忙", "help", "菜单", "功能", "使用说明", "怎么用", "指令"),
    "greeting": (
        *("你好", "您好", "hi", "hello", "嗨", "在吗", "早上好", "上午好", "中午好"),
        *("下午好", "晚上好"),
    ),
    "thanks": (
        *("谢谢", "谢谢您", "谢谢你", "谢谢大家", "谢谢了", "多谢", "非常感谢", "感谢"),
        *("感谢您", "辛苦了", "辛苦", "您辛苦了"),
    ),
    "centre": (
        *("人工", "转人工", "人工服务", "人工客服", "找人工", "客服", "电话", "联系电话"),
        *("咨询电话", "客服电话", "联系方式", "热线", "咨询", "投诉", "我要投诉", "举报"),
    ),
    "todo": ("待办", "待办事项", "todo"),
    "deadlines": ("截止", "截止时间", "截止日期", "期限", "到期", "deadlines"),
    "plan": ("方案", "看方案", "审议", "审议方案", "plan"),
    "cancel": ("取消", "放弃", "算了", "算了吧", "不用了", "点错了"),
    # To a question of ours; without one they are no more than `nearly`.
    "yes": (
        *("是", "是的", "对", "对的", "确认", "确定", "提交", "确认提交", "就这样", "没错"),
        *("好", "好的", "好吧", "可以", "行", "行吧", "ok", "okay", "嗯", "嗯嗯"),
    ),
    "no": ("不", "不是", "不对", "否", "不要", "不提交", "别提交", "先不提交"),
    # Almost a vote, and so never one.
    "nearly": (
        *("没意见", "没有意见", "无意见", "我没意见", "没异议", "没有异议", "无异议", "没问题"),
        *("没有问题", "支持", "我支持", "赞同", "我赞同", "通过", "中", "同义", "通意", "同一"),
        *("投赞成票", "我投赞成票", "赞成票", "投反对票", "我投反对票", "反对票", "不行"),
        *("不可以", "不好", "不通过", "不支持", "不赞同", "有意见", "弃权", "我弃权"),
    ),
}
# These may be followed by a number, a code or a building, with or without a blank.
PREFIXES = {
    "progress": ("办理进度", "查进度", "进度", "progress"),
    "lift": ("查电梯", "电梯", "lift"),
}
MEANING = {word: command for command, words in WORDS.items() for word in words}
LOOKUPS = ("todo", "deadlines", "plan", "help")
CODE = re.compile(r"[0-9A-Za-z-]{0,40}")
BUILDING = re.compile(r"第?([0-9A-Za-z]{1,4}|[一二三四五六七八九十]{1,3})(?:栋|幢|号楼|座|楼)")
# What people put around the word that counts: 截止什么时候, 待办有哪些, 我的进度怎么样了.
AROUND = re.compile(
    r"请问|我想问|我想|想问|想|我的|我们|我|查询|查一下|查查|查看|查|看一下|看看|看|一下|还?有哪些"
    r"|还?有什么|有没有|(?:是|到)?(?:什么时候|啥时候|哪一?天|几号|几点|多久)|是什么|什么|怎么样了?|怎样了?"
    r"|如何了?|办?到哪一?步了?|到哪了?|[呢吗么啊呀吧了的?\s]"
)

URGENT = re.compile(
    r"救命|救我|救救|救人|急救|救护车|被困|困(?:[在住人了]|电?梯|.{0,2}里)|关在|被关|关了?在|关人|卡电梯"
    r"|卡[在住].{0,8}(?:电梯|轿厢|里|层|楼)|卡住|^卡了|[卡停]在?.{0,3}[楼层]|锁.{0,3}(?:里|电梯)|放我?出去"
    r"|来人(?:啊|呀|吧|$)|快来(?!看|维修|修)|有人吗|喘不[上过]气|透不过气|呼吸困难|昏迷|晕过去|流血"
    r"|着火|起火|失火|火灾|烧起来|冒烟|有烟|晕倒|昏倒|摔[倒伤]|受伤|触电|一一九|1 1 9"
    r"|(?i:\bsos\b|\bhelp ?me\b|\btrapped\b)|(?:报警|紧急|铃|电话).{0,4}(?:没人|打不通)"
    r"|里面?有人$|[人我子娃]们?(?:还|都|就|正)?在(?:里面|电梯里|轿厢里)"
    r"|电梯.{0,8}(?:卡[住在了]|打不开|停在.{0,3}[楼层]|停[住了]|不动了|关人|掉|坠|冲顶|蹲底|着火|冒烟|夹|半空)"
    r"|坠落|蹲底|冲顶|掉.{0,3}井|夹[人住到]|被夹"
    r"|出不[去来]|门.{0,2}(?:打不开|开不了)|(?<![0-9])1(?:19|10|20)(?![0-9元台万户号栋幢座楼室房单平]|\.[0-9])"
)
# What tells of trouble that is over, or says what somebody thinks of a plan: a cry does neither.
TOLD = re.compile(
    r"不同意|不赞成|反对|因为|由于|理由|[去前]年|上个?[月周次]|上星期|以前|之前|过去|曾|年前|[0-9一二三四五六七八九十两几多]+(?:[次回起天]|个?(?:[周月年]|星期))"
    r"|经常|常常|时常|总[是停卡坏在]|老是|每次|每[年月周]|频繁|屡次|一直|保费|保险|方案|赔|维保|维修|太贵|便宜|先修"
)
# Heard and no more: whoever says this has given no reason.
HEARD = re.compile(
    r"(?:收到|知道|明白|了解|清楚|晓得|看到|看过|嗯|恩|哦|噢|喔|啊|好的?|行|可以|对的?|是的?|ok|okay|谢谢|辛苦"
    r"|没有?|暂时|已经?|都|了|吧|呀|哈|呵|您|你|我)+",
    re.IGNORECASE,
)
PEOPLE = re.compile(r"人工|客服|投诉|举报|热线|电话|联系(?:中心|你们|谁)|找(?:谁|人|中心)")
CHANGED = re.compile(
    r"改(?:成|为|变?主意|一下|答复|意见|选|投)|变卦|反悔|撤回|收回|更改|重新(?:选|答|审|考虑|投|来)"
    r"|[要想]改$|^改$"
)
CHANGED_CHARACTERS = 20
# A change of mind and nothing else; 改一下保费 wants another plan.
MIND = re.compile(
    r"(?:我们?|想|要|请|可以|能)*(?:改(?:变?主意|一下|选|投|[成为])?|变卦|反悔|撤回|收回|更改|重新(?:选|答|审|考虑|投|来))"
    r"(?:我|的|刚才|之前|[答回]复|意见|选?择|决定|议|票|不?同意|不?赞成|反对|了|吧|一下)*"
)

APPROVE = re.compile(r"我?(?:同意|赞成)")
REFUSE = re.compile(r"我?(?:不同意|不赞成|反对|拒绝)")
# 不同意见, 同意书: these only begin with the same characters.
NOT_AN_ANSWER = ("见", "书")
# All that may follow an approval.
COURTESY = re.compile(
    r"(?:谢谢|多谢|感谢|辛苦|没有?意见|没有?异议|无意见|无异议|没有?问题|支持|好的|您|你|大家|了|们)*"
)
# What takes a refusal back, or speaks of it only.
TAKEN_BACK = re.compile(r"的话|才怪|(?<![不没])(?<!没有)(?:同意|赞成)")
BECAUSE = ("因为", "由于", "理由")
ASKED = re.compile(r"怎么|怎样|如何|咋|吗|是否|[么呢]$")
QUESTION = re.compile(rf"[?？]|{ASKED.pattern}|什么时候|为什么|谁|哪")
# So many letters with a question word among them may still say why: 哪家保险公司都不赔.
LETTERS_OF_A_QUESTION = 7
ENDS_AS_A_QUESTION = re.compile(
    r"(?:[?？]|吗|[么呢]|怎么?[办样写投弄]|如何|咋[办样]|什么时候|为什么|多少|哪里|在哪)$"
)
# What looks like a vote may say why from so many letters on: 不同意价格高.
LETTERS_OF_A_REASON = 6


@dataclass(frozen=True)
class Phrase:
    """What is meant: a key of WORDS or PREFIXES, or one of these.

    `approve`, `refuse`; `unclear` begins like an answer and is none; `change` wants to answer anew;
    `other`. `rest` is what came with it: the reason of a refusal in the person's own words, a
    number, a code or a building.
    """

    command: str
    rest: str = ""


def understand(text: str) -> Phrase:
    """Read one message."""
    read = _read(text)
    tidy = read.strip(EDGES).lower()
    if tidy in MEANING:
        return Phrase(MEANING[tidy])
    if not tidy:
        return Phrase("help" if "?" in read else "other")
    return _lookup(tidy) or _answer(text, read) or _asked(tidy) or Phrase("other")


def is_urgent(text: str) -> bool:
    """Whether somebody may be trapped or hurt: rather once too often than once too little."""
    return URGENT.search(_read(text).strip(EDGES)) is not None


def asks_for_people(text: str) -> bool:
    """Whether somebody wants to speak with a person of the centre."""
    return PEOPLE.search(_read(text)) is not None


def tells_of_the_past(text: str) -> bool:
    """Whether urgent words speak of what happened, or of a plan, and so can be a reason as well:
    rather once too little, since a reason can be written again."""
    return TOLD.search(_read(text)) is not None


def can_be_a_reason(text: str) -> bool:
    """Whether words can be why somebody refuses: they say something, and are neither a question nor
    a courtesy, a command or a “收到”."""
    read = _read(text)
    words = _letters(read)
    if not any(unicodedata.category(letter).startswith("L") for letter in words):
        return False
    if words in MEANING or HEARD.fullmatch(words):
        return False
    return not _asks(read, QUESTION)


def says_why(text: str) -> bool:
    """Whether words that look like a vote or a change of mind say why somebody refuses, where that
    was asked for: 反对的理由是太贵, 请改成三年."""
    words = _letters(_read(text))
    if MIND.fullmatch(words) or not can_be_a_reason(text):
        return False
    voted = REFUSE.match(words) or APPROVE.match(words)
    if not voted:
        return True
    rest = words[voted.end() :]
    # 同意的人太少 speaks of approvals; 同意，但是… is nearly one.
    approves = APPROVE.match(words) and not rest.startswith("的")
    enough = len(words) >= LETTERS_OF_A_REASON
    return enough and not approves and not TAKEN_BACK.search(rest)


def _read(text: str) -> str:
    """In one width and simplified, character by character: places here are places in `text`."""
    return "".join(unicodedata.normalize("NFKC", c)[:1] for c in text).translate(SIMPLIFIED)


def _letters(read: str) -> str:
    return "".join(c for c in read if unicodedata.category(c)[0] in "LN").lower()


def _asks(read: str, short: re.Pattern[str]) -> bool:
    """Whether words are a question: few of them by a word of one (`short`), many by their end."""
    few = len(_letters(read)) <= LETTERS_OF_A_QUESTION
    return (short if few else ENDS_AS_A_QUESTION).search(read.strip(" 。，！.,!")) is not None


def _lookup(tidy: str) -> Phrase | None:
    for command, words in PREFIXES.items():
        for word in words:
            if tidy.startswith(word):
                rest = tidy.removeprefix(word).strip(EDGES)
                # A sentence that begins with 电梯 does not name a lift.
                return Phrase(command, rest) if CODE.fullmatch(rest) else None
    return None


def _answer(text: str, read: str) -> Phrase | None:
    """`同意` alone, `不同意` alone or with a reason; `unclear` when it goes on in another way."""
    start = len(read) - len(read.lstrip(EDGES))
    if found := REFUSE.match(read, start):
        rest = read[found.end() :]
        # 反对票…, 拒绝的话…: without a break it speaks about refusing.
        apart = rest[:1] in EDGES or rest.startswith(BECAUSE)
        if rest.startswith(NOT_AN_ANSWER):
            return None
        asks = "?" in rest or _asks(rest.strip(EDGES), ASKED)
        if apart and not asks and not TAKEN_BACK.search(rest):
            return Phrase("refuse", _reason(text[found.end() :]))
        return Phrase("unclear")
    if found := APPROVE.match(read, start):
        rest = read[found.end() :]
        if rest.startswith(NOT_AN_ANSWER):
            return None
        polite = COURTESY.fullmatch("".join(c for c in rest if c not in EDGES))
        return Phrase("approve" if polite and "?" not in rest else "unclear")
    return None


def _reason(words: str) -> str:
    """What was said after a refusal, with its brackets and quotes; nothing if it has no letters."""
    return words.lstrip(BREAKS).rstrip(" \t\r\n。.，,") if words.strip(EDGES) else ""


def _asked(tidy: str) -> Phrase | None:
    """A question with other words around it, an answer with blanks in it, or a change of mind."""
    bare = "".join(tidy.split())
    if APPROVE.fullmatch(bare) or REFUSE.fullmatch(bare):
        return Phrase("unclear")
    if len(bare) <= CHANGED_CHARACTERS and CHANGED.search(bare) and "异议" not in bare:
        return Phrase("change")
    asked = AROUND.sub("", bare).strip(EDGES)
    if MEANING.get(asked) in LOOKUPS:
        return Phrase(MEANING[asked])
    building = BUILDING.search(asked)
    left = asked.replace(building[0], "") if building else asked
    if left in PREFIXES["progress"] or (building and left in ("", "电梯")):
        return Phrase("progress", building[0] if building else "")
    return None
