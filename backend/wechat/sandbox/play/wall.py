"""The codes that hang on the wall of the page at `/`, for people to scan with their phones."""

import os

import qrcode
from pydantic import BaseModel, ConfigDict, Field
from qrcode.image.svg import SvgPathImage

from backend.config import Settings
from backend.wechat.sandbox.parts import SandboxParts
from backend.wechat.sandbox.play.reading import Input, Json, read


class Code(BaseModel):
    """A code: what stands under it, how things are there, and what a camera reads from it."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=60)
    note: str = Field("", max_length=60)
    text: str = Field(min_length=1, max_length=500)


class Wall(Input):
    """Body of PUT /wall; kept in a file, since the lifts outlive the emulator."""

    codes: list[Code] = Field(max_length=60)


def read_wall(parts: SandboxParts) -> Json:
    """The codes, each with its picture."""
    codes = _kept(parts.settings).codes
    return {"codes": [{**code.model_dump(), "svg": _drawn(code.text)} for code in codes]}


def hang(parts: SandboxParts) -> Json:
    """Hang these codes instead of what was there."""
    wall = read(Wall)
    file = parts.settings.data_dir / "wechat-wall.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(wall.model_dump_json(), encoding="utf-8")
    os.replace(fresh, file)
    return read_wall(parts)


def _kept(settings: Settings) -> Wall:
    file = settings.data_dir / "wechat-wall.json"
    if not file.exists():
        return Wall(codes=[])
    return Wall.model_validate_json(file.read_text(encoding="utf-8"))


def _drawn(text: str) -> str:
    code = qrcode.QRCode(border=0, image_factory=SvgPathImage)
    code.add_data(text)
    return str(code.make_image().to_string(encoding="unicode"))
