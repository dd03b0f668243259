"""Pictures made to cost much are refused or taken, within the memory that their process has."""

import io
import json
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from backend.domain.errors import Refused
from backend.pictures.photos import read_picture
from backend.pictures.picture import FORMATS, Picture
from backend.services.files.uploads import checked
from bench.hostile_files import HOSTILE, saved

MOST_MEGABYTES = 420
REFUSALS = {"upload_damaged", "upload_too_large", "upload_type_unsupported"}
# What a process that `apart` begins does, and how much memory it had at most.
PROGRAM = """
import sys
from backend.pictures import limited
read = limited.reader("picture")
limited.limit()
sys.stdout.buffer.write(limited.answered(read, sys.stdin.buffer.read()))
sys.stderr.write(open("/proc/self/status").read())
"""


def read_apart(content: bytes) -> tuple[str, int]:
    """What comes of a picture, and the megabytes that it took."""
    words = [sys.executable, "-I", "-W", "ignore", "-c", PROGRAM]
    ran = subprocess.run(words, input=content, capture_output=True, check=True)
    answer = json.loads(ran.stdout.partition(b"\n")[0])
    peak = re.search(rb"VmHWM:\s+(\d+) kB", ran.stderr)
    assert peak is not None
    refused = answer.get("refused")
    outcome = refused["reasons"][0]["code"] if refused else answer["found"]["media_type"]
    return outcome, int(peak[1]) // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux tells it")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_picture_is_taken_or_refused_in_little_memory(name: str) -> None:
    content = HOSTILE[name]()
    assert len(content) < 4_000_000
    try:
        picture = checked(content)
    except Refused as refused:
        outcome = refused.refusals[0].code
    else:
        assert picture is not None
        assert b"<script>" not in picture.content
        assert b"PK\3\4" not in picture.content
        outcome = picture.media_type
    told, megabytes = read_apart(content)
    assert outcome in REFUSALS | set(FORMATS)
    assert outcome == "upload_type_unsupported" or told == outcome
    assert megabytes <= MOST_MEGABYTES


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("webp of 268 million pixels", "upload_too_large"),
        ("jpeg of 4 billion", "upload_too_large"),
        ("jpeg by steps, all colours", "upload_too_large"),
        ("heic of 4 billion", "upload_too_large"),
        ("moving png", "upload_type_unsupported"),
        ("moving webp", "upload_type_unsupported"),
        ("gif", "upload_type_unsupported"),
        ("tiff", "upload_type_unsupported"),
        ("webp of one colour", "image/jpeg"),
        ("png see-through, 16 bits", "image/png"),
    ],
)
def test_what_comes_of_it_is_as_its_head_says(name: str, told: str) -> None:
    try:
        picture = checked(HOSTILE[name]())
        outcome = picture.media_type if picture else ""
    except Refused as refused:
        outcome = refused.refusals[0].code
    assert outcome == told


GREY = Image.linear_gradient("L").resize((64, 48))
WHOLE = (
    saved(GREY.convert("RGB"), "JPEG", progressive=True),
    saved(GREY.convert("CMYK"), "JPEG"),
    saved(GREY.convert("P"), "PNG", transparency=3),
    saved(GREY.convert("RGBA"), "WEBP"),
    saved(GREY.convert("RGB"), "WEBP", lossless=True),
    saved(GREY.convert("RGB"), "HEIF"),
    saved(GREY, "MPO", save_all=True, append_images=[GREY]),
)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about what the camera wrote
@settings(max_examples=200)
@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=4),
    st.floats(0.5, 1),
)
def test_whatever_is_changed_in_a_whole_file_it_is_taken_or_refused(
    content: bytes, changes: list[tuple[float, bytes]], kept: float
) -> None:
    broken = bytearray(content)
    for place, noise in changes:
        at = int(place * len(broken))
        broken[at : at + len(noise)] = noise
    picture: Picture | None
    try:
        picture = read_picture(bytes(broken[: int(kept * len(broken))]))
    except Refused as refused:
        outcome = refused.refusals[0].code
        picture = None
    else:
        outcome = picture.media_type
    assert outcome in REFUSALS | set(FORMATS)
    if picture is None:
        return
    with Image.open(io.BytesIO(picture.content)) as again:
        again.load()
        assert again.size == (picture.width, picture.height)
