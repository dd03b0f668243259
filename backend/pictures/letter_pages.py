"""The pages of a letter: what people keep, and on a page of its own what the centre keeps."""

from backend.domain.local_time import local_date
from backend.domain.wording import written
from backend.pictures.letter import Letter
from backend.pictures.paper import ACCENT, GREY, Paper
from backend.pictures.typesetting import legible

LINE, SEAL = 15.0, 42.0  # mm: room for a signature, and for a round seal


def pages(letter: Letter) -> bytes:
    """The letter on A4, as many pages as its words need; the same letter gives the same bytes."""
    words = [value for _, value in letter.facts]
    words += [paragraph for _, paragraphs in letter.sections for paragraph in paragraphs]
    paper = Paper(f"{letter.title} {letter.number}", letter.made_at, "".join(words))
    paper.write(letter.title, 22, ACCENT)
    paper.write(f"编号 {letter.number}", 13)
    paper.gap(3)
    for label, value in letter.facts:
        paper.fact(label, legible(value)[0])
    for heading, paragraphs in letter.sections:
        paper.heading(heading)
        for paragraph in paragraphs:
            paper.write(legible(paragraph)[0], 12)
    paper.blank("盖章", SEAL)
    paper.gap(6)
    _signed_by(paper, letter)
    paper.new_page()
    _slip(paper, letter)
    return paper.done()


def _signed_by(paper: Paper, letter: Letter) -> None:
    made_on = written(local_date(letter.made_at))
    paper.write(f"{letter.centre}　电话 {letter.phone}　{made_on}", 9, GREY)


def _slip(paper: Paper, letter: Letter) -> None:
    paper.write("送达回证", 22, ACCENT)
    paper.write(f"{letter.title} {letter.number}", 13)
    paper.gap(3)
    for label, value in letter.facts:
        paper.fact(label, legible(value)[0])
    paper.heading("怎样送达（选一种）")
    for proof in letter.proofs:
        paper.write(f"□ {proof}", 11)
    for label in ("签收人", "与收件人的关系", "收到日期", "送达人签名", "见证人签名"):
        paper.blank(label, LINE)
    paper.gap(6)
    paper.write("签好后连同邮件回执或照片扫描，存入案卷。", 9, GREY)
    _signed_by(paper, letter)
