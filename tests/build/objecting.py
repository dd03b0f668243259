"""Objections with what is handed in beside them."""

import io
from uuid import UUID

from PIL import Image, ImageDraw

from backend.services.base.context import Context
from backend.services.public_notice.photos import Attached
from backend.store.notices import Objection
from tests.build.in_parts import file_objection, store_upload
from tests.build.village import Village

WORDS = "我是1栋1单元101室的冯样零，电话13812345678。保费每台1300元偏高，请公布比选过程。"


def picture(shade: int = 90, kind: str = "JPEG") -> bytes:
    content = io.BytesIO()
    page = Image.linear_gradient("L").resize((400, 330)).convert("RGB")
    ImageDraw.Draw(page).rectangle((20, 20, 90, 70), fill=(shade, 0, 0))
    page.save(content, kind)
    return content.getvalue()


def signature(*line: tuple[int, int]) -> bytes:
    content = io.BytesIO()
    field = Image.new("RGBA", (600, 240), (0, 0, 0, 0))
    ImageDraw.Draw(field).line(line or ((60, 120), (200, 60), (350, 180)), (0, 0, 0, 255), 5)
    field.save(content, "PNG")
    return content.getvalue()


def hand_in(village: Village, name: str, content: bytes) -> str:
    return store_upload(village.ctx, village.actor(name), content).sha256


def dismissed(village: Village, objection: UUID, answer: str, reasons: str = "理由不成立") -> None:
    """The clerk answers, the author does not withdraw, the reviewer dismisses."""
    village.clerk.answers(objection, answer)
    village.reviewer.dismisses(objection, reasons)


def object_to(
    village: Village,
    notice: UUID,
    ctx: Context | None = None,
    photos: list[str] | None = None,
    signed: str | None = None,
    publish: bool = False,
    who: str = "owner0",
) -> Objection:
    owner = village.actor(who)
    papers = Attached(photos or (), signed)
    return file_objection(ctx or village.ctx, owner, notice, WORDS, papers, publish)
