"""How long somebody at the desk waits for papers: a workbook with 200 faults, each sheet, a case
that is bound.

    .venv/bin/python -m bench.desk_papers

The workbook is that of the demo's estate with a hundred wrong rows more: it is checked and kept as
the desk does it, and read again for the page that shows it. A case is bound of forty papers, every
other one a picture. Every figure is the median of some rounds, in seconds; the first round stands
apart. `not_met` names what misses its aim: three seconds for the workbook, one for a sheet, five
for the case.
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

import click
from openpyxl import load_workbook
from PIL import Image, ImageDraw

from backend.demo.seed import MANDATE_PAPER, WORKBOOKS
from backend.domain.imports import ImportKind
from backend.domain.roles import Role
from backend.pictures.apart import bind_case_file
from backend.pictures.application_form import ApplicationForm, form_pdf
from backend.pictures.case_file import BoundPaper, CaseFile, Section
from backend.pictures.letter import Letter, letter_pdf
from backend.pictures.receipt import Receipt, receipt_pdf
from backend.services.base.context import Actor, Context
from backend.services.workbooks import imports
from backend.services.workbooks.import_work import Compared
from bench.reads import holder_of
from bench.scene import demo_estate, throwaway_settings

ROUNDS = 7
PAPERS = 40
WRONG_ROWS = 100  # of two faults each
FLATS = "房屋业主"
AIMS = {"workbook": 3.0, "receipt": 1.0, "letter": 1.0, "application form": 1.0, "bound case": 5.0}
MADE_AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CENTRE = "示例市住宅专项维修资金管理中心"
FACTS = (("公示编号", "GS-2026-000001"), ("小区", "示例花园"), ("收到时间", "2026年3月2日"))
WORDS = "去年的保费按三台电梯计算，今年新增一台，查勘报告里没有写清楚。" * 20


def signature() -> bytes:
    """A picture of one."""
    image = Image.new("RGBA", (900, 300), (0, 0, 0, 0))
    ImageDraw.Draw(image).line((20, 250, 300, 40, 860, 60), fill="black", width=8)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def receipt() -> bytes:
    """异议回执."""
    steps = ("中心核实您的业主身份。", "中心在7天内书面答复。")
    number, sha256 = "YY-2026-000001", "a3" * 32
    return receipt_pdf(
        Receipt(number, CENTRE, MADE_AT, FACTS, WORDS, sha256, steps, signature()), None
    )


def letter() -> bytes:
    """书面答复, with its slip."""
    sections = [("答复", [WORDS, WORDS]), ("接下来", ["可以在六十日内申请行政复议。"])]
    proofs = ("当面签收", "邮寄，附邮件回执")
    title, number, phone = "书面异议答复书", "YY-2026-000001", "0743-1234567"
    return letter_pdf(Letter(title, number, MADE_AT, CENTRE, phone, FACTS, sections, proofs), None)


def application() -> bytes:
    """申请表 of thirty lifts."""
    lifts = [f"3栋{unit}单元 1号梯，注册代码 30104301002026{unit:04}" for unit in range(1, 31)]
    blanks = ("业主委员会负责人签字", "业主委员会盖章", "日期")
    return form_pdf(
        ApplicationForm(
            number="BX-2026-000001",
            made_at=MADE_AT,
            centre=CENTRE,
            facts=FACTS,
            lifts=lifts,
            request="申请用上列账户的增值收益为上列电梯投保维修保险。所填内容属实。",
            signed=(),
            blanks=blanks,
            notes=("签字盖章后拍照上传。",),
        ),
        None,
    )


def bound_case(files: Sequence[bytes]) -> bytes:
    """案卷 of forty papers."""
    kinds = ["application/pdf" if nth % 2 else "image/jpeg" for nth in range(PAPERS)]
    papers = [
        BoundPaper(f"资料{nth + 1}", "中心经办，2026年3月2日", f"{nth:064x}", kind)
        for nth, kind in enumerate(kinds)
    ]
    section = Section("经过", [(f"{nth}.", WORDS[:60]) for nth in range(1, 31)])
    case = CaseFile("案卷", "SQ-2026-000001", MADE_AT, FACTS, (), [section], papers)
    return bind_case_file(case, files).content


def scan(nth: int) -> bytes:
    """A page as a phone takes it."""
    file = io.BytesIO()
    Image.effect_noise((1_500, 2_000), 20 + nth).convert("RGB").save(file, "JPEG", quality=70)
    return file.getvalue()


def faulty() -> bytes:
    """The workbook of the demo's estate, with rows that are wrong twice."""
    book = load_workbook(WORKBOOKS / "demo_registry.xlsx")
    page = book[FLATS]
    row = [cell.value for cell in page[2]]
    heads = [str(cell.value).rstrip("*") for cell in page[1]]
    wrong = dict(zip(heads, row, strict=True)) | {"业主姓名": "业主乙先生"}
    area = next(head for head in heads if head.startswith("建筑面积"))
    for nth in range(WRONG_ROWS):
        page.append([*(wrong | {"房号": f"9{nth:03}", area: "一百"}).values()])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def checked(ctx: Context, clerk: Actor, content: bytes) -> int:
    """Hand it in, and read what the page shows; how many faults there are."""
    compared = Compared(filed=True, mandate_paper=MANDATE_PAPER)
    name, file = "小区台账.xlsx", io.BytesIO(content)
    made = imports.hand_in(ctx, clerk, ImportKind.REGISTRY, name, file, compared)
    return imports.read(ctx, clerk, made.id).line.record.problems or 0


def timed(work: Callable[[], object]) -> Sequence[float]:
    """The seconds of each round."""
    found = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        work()
        found.append(perf_counter() - begun)
    return found


def measure() -> Mapping[str, Any]:
    """Seconds of each paper, and the faults of the workbook."""
    with throwaway_settings() as settings, demo_estate(settings) as scene:
        ctx = scene.runtime.ctx
        clerk, content = Actor(holder_of(ctx, Role.CLERK)), faulty()
        faults = checked(ctx, clerk, content)
        times = {"workbook": timed(lambda: checked(ctx, clerk, content))}
    papers = [letter() if nth % 2 else scan(nth) for nth in range(PAPERS)]
    sheets: dict[str, Callable[[], bytes]] = {
        "receipt": receipt,
        "letter": letter,
        "application form": application,
        "bound case": partial(bound_case, papers),
    }
    times |= {name: timed(make) for name, make in sheets.items()}
    return {
        "faults": faults,
        "seconds": {name: round(median(each), 2) for name, each in times.items()},
        "first": {name: round(each[0], 2) for name, each in times.items()},
    }


@click.command()
def main() -> None:
    """Print one JSON document."""
    found = measure()
    missed = [name for name, aim in AIMS.items() if found["seconds"][name] > aim]
    click.echo(json.dumps({**found, "not_met": missed}, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
