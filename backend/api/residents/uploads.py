"""Uploads and reading them back."""

from typing import Annotated

from flask import Response
from flask_openapi3.models.file import FileStorage
from pydantic import AfterValidator, BaseModel, Field
from werkzeug.datastructures import FileStorage as WerkzeugFile

from backend.http.idempotent import as_one, in_parts
from backend.http.parts import actor, context
from backend.http.present import Asked, Moment, Output, present, present_file
from backend.http.routes import JSON_LIMIT, Routes
from backend.services.files import uploads
from backend.services.files.uploads import MEDIA_TYPES, SIZE_LIMIT

routes = Routes("uploads", "上传与查看文件")

# Room for the form around the file.
BODY_LIMIT = SIZE_LIMIT + JSON_LIMIT
BINARY = {
    "description": "文件内容",
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES},
}


def _is_file(value: object) -> object:
    """A form may send a text where a file is expected."""
    if not isinstance(value, WerkzeugFile):
        raise ValueError("not a file")
    return value


class UploadForm(Asked):
    """A multipart form with one file."""

    file: Annotated[FileStorage, AfterValidator(_is_file)] = Field(
        description="JPEG、PNG、WebP、HEIC 图片或 PDF，按内容识别，不超过 25 MB"
    )


class FilePath(BaseModel):
    """A file is named by its content."""

    sha256: str = Field(description="文件内容的 SHA-256，64 位小写十六进制")


class UploadOut(Output):
    """What was stored: a picture upright, not too large, and without what the camera wrote.

    `taken_at` by the camera's clock, and whether it wrote where (which is not kept); null and false
    if it did not.
    """

    sha256: str
    media_type: str
    size_bytes: int
    width: int | None
    height: int | None
    taken_at: Moment | None
    has_place: bool


@routes.post(
    "/uploads",
    auth="person",
    answers={201: UploadOut},
    max_body=BODY_LIMIT,
    refuses=(
        "upload_active upload_damaged upload_empty upload_locked upload_too_large "
        "upload_type_unsupported uploads_used_up",
    ),
)
@in_parts
def upload(form: UploadForm) -> Response:
    """上传一个文件，按内容识别类型，以保存内容的 SHA-256 命名；照片的附带信息会去掉

    照片保存为去掉附带信息、长边不超过 2560 像素的版本，答复里的 sha256 是保存内容的。
    没有用到任何事情上的文件只有上传人自己看得到，三十天后删除。
    """
    read = uploads.read_upload(context(), actor(), form.file.stream)
    _, answer = as_one(
        lambda: uploads.keep_upload(context(), actor(), read),
        lambda received: present(UploadOut.model_validate(received), 201),
    )
    return answer


@routes.get(
    "/files/<sha256>", auth="person", answers={200: BINARY, 304: None}, refuses=("not_found",)
)
def read_upload(path: FilePath) -> Response:
    """下载自己上传的文件，或职责范围内的文件"""
    content, media_type = uploads.read_file(context(), actor(), path.sha256)
    return present_file(content, media_type, path.sha256)
