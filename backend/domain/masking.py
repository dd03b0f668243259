"""What everybody may read of words that somebody wrote: not who wrote them, nor how to find them.

个人信息保护法 25, 28: names, numbers and flats of the author and of others are masked. What the
patterns cannot be sure of is for a person to read first, see `is_telling`.
"""

import re
import unicodedata
from collections.abc import Iterable

from backend.domain.normal import normal_name

MASK = "**"

_NUMERALS = "零〇○一二三四五六七八九十幺两壹贰叁肆伍陆柒捌玖拾"
_N = rf"[\d{_NUMERALS}]"
# Between two digits: signs of all kinds, blanks, line breaks, and what nobody sees.
_SIGN = r"[\W_]"
# Between the digits of one number: the same without the signs that set numbers of a sentence apart.
_GAP = r"(?:(?![、，；：。！？;:!?])[\W_]){0,3}"
_BLANKS = r"[\s·.\u00ad\u200b-\u200f\u2060\ufeff]*"
_NOT_A_ROOM = rf"(?!{_N}|\s*[元台人层米次年月天%％])"

# Sums of money and dates stay: most objections are about them.
_SUM = r"\d{1,9}(?:,\d{3})*(?:\.\d{1,4})?"
_KEPT = "|".join(
    (
        r"(?:19|20)\d\d(?:年(?:\d{1,2}月(?:\d{1,2}[日号])?)?|[-./]\d{1,2}[-./]\d{1,2}(?!\d))",
        rf"(?:{_SUM}\s*[-–—~～至到]\s*)?{_SUM}\s*(?:元|万|亿)",
    )
)
_LEAD = "|".join(
    (
        rf"{_N}+\s*(?:号楼|单元|[栋幢座楼层梯号门])",
        r"(?:单元|[栋幢座])(?!\s*\d+\s*户)",
        r"(?:家住|住在|住|我家在?|家在|房号|门牌号?|户号)[：:是为\s]*",
    )
)
_ACCOUNT = r"(?i:微信|威信|薇信|weixin|wechat|v信|vx|wx|qq|扣扣)(?:号|号码)?[：:是为\s]*"
_TELLING = re.compile(
    "|".join(
        (
            rf"(?<!\d)(?P<kept>{_KEPT})",
            # Phones, ID cards, accounts: seven digits and more.
            rf"{_N}(?:{_GAP}{_N}){{6,}}[Xx]?",
            rf"{_N}(?:{_SIGN}{{1,3}}{_N}){{6,}}(?!{_N})",  # digit by digit: 1、3、8…
            r"[A-Za-z0-9._%+-]+\s*[@＠]\s*[A-Za-z0-9-]+(?:\s*[.．]\s*[A-Za-z]{2,})+",
            r"(?i:wxid)_[A-Za-z0-9_-]+",
            rf"(?P<account>{_ACCOUNT})[A-Za-z0-9][A-Za-z0-9_-]{{4,}}",
            # The flat in 501室, 501號房, 五零一室, 3-2-501, 1/1/101, 2单元501, 12层1202, 住501.
            rf"{_N}{{2,5}}[A-Za-z]?(?=\s*(?:室|[号號][房室]|房间|房号|房(?![产屋东价子地改管])))",
            rf"{_N}{{3,4}}(?=\s*的?(?:业主|住户|房主|住客))",
            rf"(?<![\d\-－—–#/])\d{{1,3}}[\-－—–#/](?:\d{{1,2}}[\-－—–#/])?\d{{3,4}}{_NOT_A_ROOM}",
            rf"(?P<lead>{_LEAD})\s*{_N}{{3,4}}{_NOT_A_ROOM}",
        )
    )
)
# Three together with only signs between them, or seven with hardly anything else: 1又3又8….
_LEFT = re.compile(rf"{_N}(?:{_SIGN}{{0,3}}{_N}){{2,}}|{_N}(?:\D{{0,2}}?{_N}){{6,}}")


def masked_text(text: str, names: Iterable[str], public: Iterable[str] = ()) -> str:
    """The words without these names, and without numbers, accounts and flats; the `public` numbers
    stay where they stand alone."""
    for name in names:
        letters = normal_name(name).replace("·", "")
        if len(letters) > 1:
            text = _without(text, _BLANKS.join(map(re.escape, letters)))
    stay = "|".join(rf"(?<![\d-]){re.escape(number)}(?![\d-])" for number in public)
    pieces = re.split(f"({stay})", text) if stay else [text]
    return "".join(
        piece if at % 2 else _TELLING.sub(_hidden, piece) for at, piece in enumerate(pieces)
    )


def is_telling(masked: str) -> bool:
    """Whether masked words still hold three digits or Chinese numerals together, sums and dates
    aside: perhaps a flat or a number in a way that no pattern knows."""
    plain = unicodedata.normalize("NFKC", masked)
    return _LEFT.search(_TELLING.sub(_without_kept, plain)) is not None


def _without(text: str, name: str) -> str:
    """The text with a mask wherever a name stands, in whatever width and codes its letters are."""
    alike = [normal_name(letter) or "\u200b" for letter in text]
    plain = "".join(a if len(a) == 1 else c for a, c in zip(alike, text, strict=True))
    pieces, end = [], 0
    for found in re.finditer(name, plain, re.IGNORECASE):
        pieces += [text[end : found.start()], MASK]
        end = found.end()
    return "".join([*pieces, text[end:]])


def _hidden(found: re.Match[str]) -> str:
    if found["kept"]:
        return found["kept"]
    return (found["lead"] or found["account"] or "") + MASK


def _without_kept(found: re.Match[str]) -> str:
    return " 元 " if found["kept"] else found[0]
