import hashlib
import io
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from PIL import Image
from pillow_heif import register_heif_opener
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain.errors import Refused
from backend.services.base.context import Actor, Context
from backend.services.files import line, uploads
from backend.services.files.uploads import SIZE_LIMIT
from backend.store.audit import AuditEntry
from backend.store.notices import StoredFile, Upload
from backend.store.people import AccessGrant
from tests.build.calling import SignIn, refused, told
from tests.build.clock import ManualClock
from tests.build.in_parts import store_upload
from tests.build.papers import pdf, pdf_with
from tests.build.uploading import picture, send

register_heif_opener()

PDF = pdf("paper")
PROGRAM = pdf_with(b"/Names << /JavaScript 3 0 R >>")


def png_claiming(width: int, height: int) -> bytes:
    """A small file that unpacks to a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + checksum

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (picture("JPEG"), "合同 第1页.JPG", "image/jpeg"),
        (picture("PNG"), "photo.png", "image/png"),
        (picture("WEBP"), "photo.webp", "image/webp"),
        (PDF, "invoice.pdf", "application/pdf"),
        (picture("JPEG"), "tmp_0a1b", "image/jpeg"),
    ],
)
def test_a_file_is_known_by_its_content_and_comes_back_unchanged(
    client: FlaskClient, sign_in: SignIn, content: bytes, name: str, media_type: str
) -> None:
    person = sign_in("张三")
    sent = send(client, person, content, name, media_type)
    assert sent.status_code == 201, sent.text
    sha256 = hashlib.sha256(content).hexdigest()
    width, height = (None, None) if media_type == "application/pdf" else (40, 30)
    assert told(sent) == {
        "sha256": sha256,
        "media_type": media_type,
        "size_bytes": len(content),
        "width": width,
        "height": height,
        "taken_at": None,
        "has_place": False,
    }
    back = client.get(f"/api/v1/files/{sha256}", headers=person.headers)
    assert (back.data, back.mimetype) == (content, media_type)
    cached = person.headers | {"If-None-Match": back.headers["ETag"]}
    assert client.get(f"/api/v1/files/{sha256}", headers=cached).status_code == 304


@pytest.mark.parametrize(
    ("content", "ending"), [(pdf("one"), "pdf"), (picture("JPEG"), "jpg"), (picture("PNG"), "png")]
)
def test_what_was_handed_in_is_saved_and_not_opened_as_ours(
    client: FlaskClient, sign_in: SignIn, content: bytes, ending: str
) -> None:
    person = sign_in("张三")
    sha256 = told(send(client, person, content))["sha256"]
    headers = client.get(f"/api/v1/files/{sha256}", headers=person.headers).headers
    name = f"attachment; filename=tibao-{sha256[:12]}.{ending}"
    assert headers["Content-Disposition"] == name
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'"} <= set(policy)


def test_the_same_file_twice_is_stored_once(
    tx: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    first, other = sign_in("张三"), sign_in("李四")
    for person in (first, first, other):
        assert send(client, person, PDF).status_code == 201
    assert tx.scalar(select(func.count()).select_from(StoredFile)) == 1
    assert tx.scalar(select(func.count()).select_from(Upload)) == 2
    told_once_each = select(func.count()).where(AuditEntry.action == "file.upload")
    assert tx.scalar(told_once_each) == 2


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param(b"", 422, "upload_empty", id="empty"),
        pytest.param(b"<html><script>", 422, "upload_type_unsupported", id="html"),
        pytest.param(b"MZ\x90\0" * 20, 422, "upload_type_unsupported", id="a program"),
        pytest.param(b"GIF89a" + b"\0" * 50, 422, "upload_type_unsupported", id="gif"),
        pytest.param(b"RIFF\x24\0\0\0WAVEfmt ", 422, "upload_type_unsupported", id="sound"),
        pytest.param(picture("JPEG")[:-200], 422, "upload_damaged", id="a cut jpeg"),
        pytest.param(picture("PNG")[:200], 422, "upload_damaged", id="a cut png"),
        pytest.param(b"\xff\xd8\xff<html>", 422, "upload_damaged", id="html behind a jpeg's start"),
        pytest.param(PDF[:-30], 422, "upload_damaged", id="a cut pdf"),
        pytest.param(b"%PDF-<html>" + PDF[9:], 422, "upload_damaged", id="html as pdf"),
        pytest.param(
            pdf_with(b"/Names << /JavaScript 3 0 R >>"),
            422,
            "upload_active",
            id="a program in a pdf",
        ),
        pytest.param(png_claiming(9000, 9000), 413, "upload_too_large", id="too many pixels"),
        pytest.param(png_claiming(60000, 60000), 413, "upload_too_large", id="a bomb"),
        pytest.param(png_claiming(50000, 10), 413, "upload_too_large", id="50,000 pixels wide"),
        pytest.param(PDF + b" " * SIZE_LIMIT, 413, "upload_too_large", id="over 25 megabytes"),
        pytest.param(b" " * (SIZE_LIMIT + 2**20), 413, "too_large", id="far over"),
    ],
)
def test_what_is_not_a_whole_picture_or_pdf_is_refused_and_not_kept(
    tx: Session, client: FlaskClient, sign_in: SignIn, content: bytes, status: int, code: str
) -> None:
    assert refused(send(client, sign_in("张三"), content), status) == [code]
    assert tx.scalar(select(func.count()).select_from(StoredFile)) == 0


@pytest.mark.parametrize(
    ("content_kind", "name", "declared"),
    [
        ("JPEG", "mmexport1740000000000.png", "image/png"),  # as chat apps name screenshots
        ("PNG", "IMG_0001.jpg", "image/jpeg"),
        ("WEBP", "IMG_0001.jpg", "image/jpeg"),
        ("JPEG", "IMG_0001.HEIC", "image/heic"),  # turned into a JPEG by the phone
        ("JPEG", "照片", "image/*"),
        ("PNG", "photo.png", "application/pdf"),
        ("PNG", "photo", "text/html"),
    ],
)
def test_a_picture_is_taken_whatever_it_is_called(
    client: FlaskClient, sign_in: SignIn, content_kind: str, name: str, declared: str
) -> None:
    sent = send(client, sign_in("张三"), picture(content_kind), name, declared)
    assert sent.status_code == 201, sent.text
    assert told(sent)["media_type"] == f"image/{content_kind.lower()}"


def test_a_pdf_is_taken_whatever_it_is_called(client: FlaskClient, sign_in: SignIn) -> None:
    sent = send(client, sign_in("张三"), PDF, "合同.jpg", "image/jpeg")
    assert told(sent)["media_type"] == "application/pdf"


def test_an_iphone_s_heic_is_kept_as_a_jpeg(client: FlaskClient, sign_in: SignIn) -> None:
    sent = send(client, sign_in("张三"), picture("HEIF"), "IMG_0001.HEIC", "image/heic")
    assert told(sent)["media_type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("content", "way"),
    [
        (b"GIF89a" + b"\0" * 50, "截屏"),
        (b"PK\3\4 a document", "另存为 PDF"),
        (PDF + b" " * SIZE_LIMIT, "不勾“原图”"),
        (b" " * (SIZE_LIMIT + 2**20), "最多25 MB"),
    ],
)
def test_what_is_not_taken_is_told_with_a_way_out(
    client: FlaskClient, sign_in: SignIn, content: bytes, way: str
) -> None:
    assert way in send(client, sign_in("张三"), content).get_json()["errors"][0]["message"]


def test_a_form_without_a_file_is_refused(client: FlaskClient, sign_in: SignIn) -> None:
    headers, form = sign_in("张三").headers, "multipart/form-data"
    for data, code in (({"other": "x"}, "field_missing"), ({"file": "text"}, "field_invalid")):
        answer = client.post("/api/v1/uploads", data=data, content_type=form, headers=headers)
        assert refused(answer, 422) == [code]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 415),
        ("text/plain", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
    ],
)
def test_a_form_that_is_none_is_refused(
    client: FlaskClient, sign_in: SignIn, kind: str, status: int
) -> None:
    answer = client.post(
        "/api/v1/uploads", data=b"--x\r\n", content_type=kind, headers=sign_in("张三").headers
    )
    assert len(refused(answer, status)) == 1


def test_other_peoples_files_look_like_nothing_is_there(
    client: FlaskClient, sign_in: SignIn
) -> None:
    sha256 = told(send(client, sign_in("张三"), PDF))["sha256"]
    stranger = sign_in("李四").headers
    hidden = client.get(f"/api/v1/files/{sha256}", headers=stranger)
    unknown = client.get(f"/api/v1/files/{'0' * 64}", headers=stranger)
    malformed = client.get("/api/v1/files/..%2F..%00", headers=stranger)
    assert refused(hidden, 404) == refused(unknown, 404) == refused(malformed, 404)


def test_nobody_but_its_uploader_looks_at_a_file_handed_in_for_nothing_yet(
    tx: Session, client: FlaskClient, sign_in: SignIn, ctx: Context
) -> None:
    sha256 = told(send(client, sign_in("张三"), PDF))["sha256"]
    auditor = sign_in("审计员")
    tx.add(
        AccessGrant(
            person_id=auditor.id,
            role="auditor",
            scope_kind="city",
            scope_id=None,
            granted_by=None,
            granted_at=ctx.clock(),
            valid_until=None,
        )
    )
    tx.commit()
    assert client.get(f"/api/v1/files/{sha256}", headers=auditor.headers).status_code == 404


@pytest.mark.parametrize(("most", "value"), [("MOST_FILES", 2), ("MOST_BYTES", len(PDF) * 2 + 20)])
def test_a_day_has_room_for_many_uploads_and_not_for_any_number(
    client: FlaskClient,
    sign_in: SignIn,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    most: str,
    value: int,
) -> None:
    monkeypatch.setattr(uploads, most, value)
    person = sign_in("张三")
    papers = [pdf(f"paper {number}") for number in range(3)]
    for paper in papers[:2]:
        assert send(client, person, paper).status_code == 201
    assert refused(send(client, person, papers[2]), 429) == ["uploads_used_up"]
    assert send(client, sign_in("李四"), papers[2]).status_code == 201
    clock.set(clock() + timedelta(days=1))
    assert send(client, person, papers[2]).status_code == 201


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(picture("PNG"), id="the same again"),
        pytest.param(picture("JPEG")[:-200], id="damaged"),
        pytest.param(png_claiming(60000, 60000), id="a bomb"),
        pytest.param(b"GIF89a" + b"\0" * 50, id="of another type"),
        pytest.param(b"", id="empty"),
    ],
)
def test_whatever_is_read_counts_whatever_comes_of_it(
    client: FlaskClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    person = sign_in("张三")
    codes = [send(client, person, content).status_code for _ in range(4)]
    assert codes[3] == 429
    assert 429 not in codes[:3]


def test_several_at_once_are_no_more_than_a_day_allows(
    client: FlaskClient, sign_in: SignIn, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_FILES", 5)
    monkeypatch.setattr(line.HANDED_IN, "turn", nullcontext)  # as on several machines
    person = Actor(sign_in("张三").id)
    together = threading.Barrier(16)

    def hand_in(number: int) -> bool:
        together.wait()
        try:
            store_upload(ctx, person, pdf(f"paper {number}"))
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(hand_in, range(16))) == 5


def test_who_finds_the_line_long_is_told_when_to_come_again(
    client: FlaskClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "MOST", 0)
    sent = send(client, sign_in("张三"), PDF)
    assert refused(sent, 503) == ["busy"]
    assert int(sent.headers["Retry-After"]) > 0


def test_a_large_photo_may_be_kept_as_another_type_than_it_came_as(
    client: FlaskClient, sign_in: SignIn
) -> None:
    content = io.BytesIO()
    Image.linear_gradient("L").resize((3000, 1200)).save(content, "PNG")
    sent = send(client, sign_in("张三"), content.getvalue(), "photo.png", "image/png")
    assert told(sent)["media_type"] == "image/jpeg"
