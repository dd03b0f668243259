"""The pages of an application form."""

from backend.pictures.application_form import ApplicationForm
from backend.pictures.paper import ACCENT, GREY, Paper
from backend.pictures.typesetting import legible

LINE, SEAL = 15.0, 42.0  # mm: room for a signature, and for a round seal


def pages(form: ApplicationForm) -> bytes:
    """The form on A4, as many pages as it needs; the same form gives the same bytes."""
    words = [value for _, value in form.facts] + [*form.lifts, *form.signed]
    paper = Paper(f"电梯维修保险申请表 {form.number}", form.made_at, "".join(words))
    paper.write("电梯维修保险申请表", 22, ACCENT)
    paper.write(f"申请编号 {form.number}", 13)
    paper.gap(3)
    for label, value in form.facts:
        paper.fact(label, legible(value)[0])
    paper.heading(f"申请投保的电梯（{len(form.lifts)}台）")
    for place, lift in enumerate(form.lifts, start=1):
        paper.write(f"{place}. {legible(lift)[0]}", 11)
    paper.heading("申请")
    paper.write(form.request, 11)
    if form.signed:
        paper.heading(f"联名的业主（{len(form.signed)}位）")
        for place, line in enumerate(form.signed, start=1):
            paper.write(f"{place}. {legible(line)[0]}", 11)
    if form.blanks:
        paper.heading("签字盖章")
        for label in form.blanks:
            paper.blank(label, SEAL if "盖章" in label else LINE)
    paper.gap(6)
    for note in form.notes:
        paper.write(note, 9, GREY)
    paper.write(form.centre, 9, GREY)
    return paper.done()
