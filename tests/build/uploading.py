"""Pictures handed in over HTTP."""

import io

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.build.calling import SignedInPerson


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    content = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(content, kind)
    return content.getvalue()


def send(
    client: FlaskClient,
    person: SignedInPerson,
    content: bytes,
    name: str = "file",
    kind: str = "application/octet-stream",
) -> TestResponse:
    file = FileStorage(io.BytesIO(content), name, "file", kind)
    boundary, body = encode_multipart({"file": file})
    form = f"multipart/form-data; boundary={boundary}"
    return client.post("/api/v1/uploads", data=body, content_type=form, headers=person.headers)
