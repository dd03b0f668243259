"""The pages of a receipt."""

from backend.pictures.paper import ACCENT, GREY, Paper
from backend.pictures.receipt import Receipt
from backend.pictures.typesetting import legible

SIGNATURE = (70.0, 28.0)  # mm, at most


def pages(receipt: Receipt) -> bytes:
    """The receipt on A4, as many pages as its words need; the same receipt gives the same bytes."""
    text, missing = legible(receipt.text)
    paper = Paper(f"书面异议回执 {receipt.number}", receipt.received_at, text)
    paper.write("书面异议回执", 22, ACCENT)
    paper.write(f"编号 {receipt.number}", 13)
    paper.gap(3)
    for label, value in receipt.facts:
        paper.fact(label, legible(value)[0])
    paper.heading("异议内容")
    paper.write(text, 12)
    if missing:
        paper.write("个别字符没有字形，以〓代替；原文已完整保存，以下面的校验值为准。", 9, GREY)
    if receipt.signature is not None:
        paper.heading("手写签名")
        paper.picture(receipt.signature, *SIGNATURE, "提交人的手写签名")
    paper.heading("接下来")
    for place, step in enumerate(receipt.next_steps, start=1):
        paper.write(f"{place}. {step}", 11)
    paper.heading("核对")
    paper.write(f"异议内容的 SHA-256（UTF-8）：{receipt.text_sha256}", 9, GREY)
    paper.write(receipt.centre, 9, GREY)
    return paper.done()
