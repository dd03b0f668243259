"""The pages of a letter: what the author keeps, and on a page of its own what the centre keeps."""

from backend.domain.local_time import local_date
from backend.domain.wording import written
from backend.pictures.letter import Letter
from backend.pictures.paper import ACCENT, GREY, Paper
from backend.pictures.typesetting import legible

LINE, SEAL = 15.0, 42.0  # mm: room for a signature, and for a round seal


def pages(letter: Letter) -> bytes:
    """The letter on A4, as many pages as its words need; the same letter gives the same bytes."""
    words = [value for _, value in letter.facts] + [letter.answer, letter.ruling]
    paper = Paper(f"书面异议答复书 {letter.number}", letter.made_at, "".join(words))
    paper.write("书面异议答复书", 22, ACCENT)
    paper.write(f"编号 {letter.number}", 13)
    paper.gap(3)
    for label, value in letter.facts:
        paper.fact(label, legible(value)[0])
    paper.heading("答复")
    paper.write(legible(letter.answer)[0], 12)
    if letter.ruling:
        paper.heading("复核")
        paper.write(legible(letter.ruling)[0], 12)
    paper.heading("接下来")
    for step in letter.next_steps:
        paper.write(step, 11)
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
    paper.write(f"书面异议答复书 {letter.number}", 13)
    paper.gap(3)
    for label, value in letter.facts:
        paper.fact(label, legible(value)[0])
    paper.heading("怎样送达（选一种）")
    for proof in letter.proofs:
        paper.write(f"□ {proof}", 11)
    for label in ("收件人签名", "与异议人的关系", "收到日期", "送达人签名", "见证人签名"):
        paper.blank(label, LINE)
    paper.gap(6)
    paper.write("签好后连同邮件回执或照片扫描，由经办录入。", 9, GREY)
    _signed_by(paper, letter)
