"""Names as registers hold them, for rules that must hold for any."""

from hypothesis import strategies as some

from backend.domain import names

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨向田彭石龙麻廖张马安和是尚"
# Letters of the words that are no part of a name (李总, 王某, 马已故): random text is fond of
# what stands in the code under test.
_WORDS = "".join(sorted({*names._REMARK.pattern, *names._JOINED.pattern}))
HAN = some.one_of(
    some.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5, exclude_characters=_WORDS),
    some.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
    some.characters(min_codepoint=0x20000, max_codepoint=0x323AF),
)


def people() -> some.SearchStrategy[str]:
    """A surname and one or two letters of any plane, also one letter twice; none is a company's
    name, which may have marks (random text finds 银行 in the code)."""
    surname = some.sampled_from(SURNAMES)
    twice = some.builds(lambda letter: letter * 2, HAN)
    whole = some.builds(str.__add__, surname, some.text(HAN, min_size=1, max_size=2) | twice)
    return whole.filter(lambda name: not names._COMPANY.fullmatch(name))
