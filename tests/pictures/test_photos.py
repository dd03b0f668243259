"""Photos as phones make them, and what is kept of them."""

import io
import itertools
import random
import struct
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageDraw, ImageFilter
from PIL.PngImagePlugin import PngInfo

from backend.demo.scenery import photograph
from backend.domain.errors import Refused
from backend.pictures.camera import TURNS
from backend.pictures.likeness import alike, fingerprint
from backend.pictures.photos import KEPT_LIMIT, LONGEST_SIDE, NARROWEST, read_picture
from backend.pictures.picture import Picture
from backend.pictures.signatures import is_signed
from tests.build.taken import GPS, by_camera, drawn, lobby, saved

# --- reading and stripping ---


def test_the_time_is_read_and_both_time_and_place_are_stripped() -> None:
    kept = read_picture(by_camera(lobby(), taken="2025:03:05 10:20:30", place=GPS))
    assert kept.taken_at == datetime(2025, 3, 5, 2, 20, 30, tzinfo=UTC)
    assert kept.has_place is True
    with Image.open(io.BytesIO(kept.content)) as again:
        assert (again.format, dict(again.getexif())) == ("JPEG", {})
    assert b"Phone 1" not in kept.content
    stripped = read_picture(kept.content)
    assert (stripped.content, stripped.taken_at, stripped.has_place) == (kept.content, None, False)


def test_a_camera_that_names_its_zone_is_believed() -> None:
    kept = read_picture(by_camera(lobby(), taken="2025:03:05 10:20:30", offset="-05:30"))
    assert kept.taken_at == datetime(2025, 3, 5, 15, 50, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "taken", ["0000:00:00 00:00:00", "2025:02:30 10:00:00", "yesterday", "0001:01:01 00:00:00", ""]
)
def test_a_time_that_is_none_is_none(taken: str) -> None:
    assert read_picture(by_camera(lobby(), taken=taken)).taken_at is None


def test_half_a_place_is_none() -> None:
    half = {ExifTags.GPS.GPSLatitude: (28.0, 18.0, 36.0)}
    assert read_picture(by_camera(lobby(), place=half)).has_place is False


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about what the camera wrote
def test_what_the_camera_wrote_may_be_broken_without_harm_to_the_picture() -> None:
    content = saved(lobby(), exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 40)
    kept = read_picture(content)
    assert (kept.width, kept.height, kept.taken_at) == (640, 480, None)
    assert b"Exif" not in kept.content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_bare_picture_keeps_its_bytes(kind: str) -> None:
    content = saved(lobby(), kind)
    assert read_picture(content).content == content


def png_part(name: bytes, said: bytes) -> bytes:
    return struct.pack(">I", len(said)) + name + said + struct.pack(">I", zlib.crc32(name + said))


def behind_the_start(jpeg: bytes, marker: bytes, said: bytes) -> bytes:
    """The JPEG with one more part, behind the one that names it."""
    own = 4 + int.from_bytes(jpeg[4:6], "big")
    return jpeg[:own] + b"\xff" + marker + struct.pack(">H", len(said) + 2) + said + jpeg[own:]


def test_a_picture_s_colours_stay_as_they_were_meant() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = saved(lobby(), icc_profile=profile)
    assert read_picture(content).content == content


def test_words_hidden_in_any_kind_of_picture_are_stripped() -> None:
    info = PngInfo()
    info.add_text("Author", "张三")
    info.add_itxt("XML:com.adobe.xmp", "secret")
    hidden = [
        saved(lobby(), "PNG", pnginfo=info),
        saved(lobby(), "WEBP", xmp=b"secret"),
        saved(lobby(), "JPEG", comment=b"secret"),
        saved(lobby()) + b"a film behind the picture: secret",
        # Parts that pass for what a picture needs.
        saved(lobby(), "PNG") + png_part(b"IDAT", b"secret"),
        behind_the_start(saved(lobby()), b"\xe2", b"secret"),
        behind_the_start(saved(lobby()), b"\xe0", b"JFXX\0secret"),
        behind_the_start(saved(lobby()), b"\xe0", b"JFIF\0\1\1secret99"),
    ]
    for content in hidden:
        kept = read_picture(content)
        assert kept.content != content
        assert b"secret" not in kept.content
        assert "张三".encode() not in kept.content


def test_a_phone_s_picture_with_another_behind_it_is_one_picture() -> None:
    content = saved(lobby(1), "MPO", save_all=True, append_images=[lobby(2)])
    kept = read_picture(content)
    assert kept.media_type == "image/jpeg"
    with Image.open(io.BytesIO(kept.content)) as again:
        assert again.format == "JPEG"


# --- upright and not too large ---


@pytest.mark.parametrize(
    ("turn", "corner"),
    # The first row and column of the file, as the standard says where they belong.
    [
        (1, "left top"),
        (2, "right top"),
        (3, "right bottom"),
        (4, "left bottom"),
        (5, "left top"),
        (6, "right top"),
        (7, "right bottom"),
        (8, "left bottom"),
    ],
)
def test_a_picture_stands_upright_however_the_phone_was_held(turn: int, corner: str) -> None:
    stored = Image.new("RGB", (120, 80), "white")
    stored.paste((0, 0, 0), (0, 0, 40, 30))
    kept = read_picture(by_camera(stored, turn=turn))
    assert (kept.width, kept.height) == ((120, 80) if turn < 5 else (80, 120))
    with Image.open(io.BytesIO(kept.content)) as upright:
        dark = upright.convert("L").point(lambda grey: 255 if grey < 128 else 0).getbbox()
    assert dark is not None
    across = "left" if dark[0] == 0 else "right"
    assert corner == f"{across} {'top' if dark[1] == 0 else 'bottom'}"


def test_a_large_picture_is_made_smaller_and_a_small_one_left() -> None:
    assert read_picture(saved(lobby(size=(5000, 2500)))).width == LONGEST_SIDE
    assert read_picture(saved(lobby(size=(2400, 5000)), "PNG")).height == LONGEST_SIDE
    assert read_picture(saved(lobby())).width == 640


def test_a_long_screenshot_stays_legible() -> None:
    long = saved(lobby(size=(1080, 9000)), "PNG")
    assert read_picture(long).content == long
    assert sorted(size_of(read_picture(saved(lobby(size=(9000, 2000)))))) == [NARROWEST, 4860]


def size_of(kept: Picture) -> tuple[int, int]:
    return kept.width, kept.height


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_large_photo_is_kept_as_a_jpeg_and_a_large_signature_as_it_is(kind: str) -> None:
    kept = read_picture(saved(lobby(size=(3000, 1500)).convert("RGBA"), kind))
    assert kept.media_type == "image/jpeg"
    drawn_large = Image.new("RGBA", (3000, 1500), (0, 0, 0, 0))
    ImageDraw.Draw(drawn_large).line([(60, 120), (2000, 900)], (0, 0, 0, 255), 30)
    assert read_picture(saved(drawn_large, kind)).media_type == f"image/{kind.lower()}"


def test_what_is_kept_is_never_larger_than_it_may_be() -> None:
    noise = Image.frombytes("RGBA", (1700, 1700), random.Random(1).randbytes(1700 * 1700 * 4))
    bare = saved(noise, "PNG", compress_level=1)
    assert len(bare) > KEPT_LIMIT
    kept = read_picture(bare)
    assert kept.media_type == "image/jpeg"
    assert len(kept.content) <= KEPT_LIMIT


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_picture(content)
    return refused.value.refusals[0].code


@pytest.mark.parametrize("size", [(50_000, 1), (1, 50_000), (20_001, 10), (6000, 5001)])
def test_a_picture_beyond_measure_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    head = saved(Image.new("1", size), "PNG")[:60]
    with pytest.raises(Refused, match=r"像素.*重拍.*截屏") as refused:
        read_picture(head)
    assert [one.code for one in refused.value.refusals] == ["upload_too_large"]
    assert refused.value.kind == "too_large"


def claiming(jpeg: bytes, size: tuple[int, int]) -> bytes:
    """The JPEG with another size in its head; its pixels are those of a small one."""
    at = next(jpeg.index(start) for start in (b"\xff\xc0", b"\xff\xc2") if start in jpeg) + 5
    return jpeg[:at] + struct.pack(">HH", size[1], size[0]) + jpeg[at + 4 :]


@pytest.mark.parametrize(
    ("size", "by_steps", "code"),
    [
        ((12_000, 9000), False, "upload_damaged"),  # let in, and then found to lack pixels
        ((16_320, 12_240), False, "upload_too_large"),
        ((8192, 6144), True, "upload_damaged"),
        ((9248, 6936), True, "upload_too_large"),
    ],
)
def test_a_jpeg_may_be_as_large_as_what_unpacking_it_costs(
    size: tuple[int, int], by_steps: bool, code: str
) -> None:
    assert refusal(claiming(saved(lobby(), progressive=by_steps), size)[:-400]) == code


# Full sizes of phones that are sold with “48”, “50” and “64 megapixels”.
@pytest.mark.parametrize("size", [(8064, 6048), (8160, 6144), (8192, 6144), (9248, 6936)])
def test_the_full_size_of_today_s_phones_is_taken_and_made_smaller(size: tuple[int, int]) -> None:
    photo = Image.linear_gradient("L").resize(size, Image.Resampling.NEAREST)
    kept = read_picture(saved(photo, quality=50))
    assert (max(size_of(kept)), kept.media_type) == (LONGEST_SIDE, "image/jpeg")


def shown(picture: Image.Image) -> Image.Image:
    """What an eye sees of it on white paper."""
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return paper.convert("RGB")


def coloured(size: tuple[int, int]) -> Image.Image:
    """Another colour in each corner, so that turning and mirroring cannot go unseen."""
    corners = Image.new("RGB", (2, 2))
    corners.putdata([(250, 240, 235), (210, 40, 50), (20, 120, 60), (10, 20, 90)])
    return corners.resize(size, Image.Resampling.BILINEAR)


def in_mode(picture: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return picture.convert("L").convert("I").point(lambda level: level * 257).convert("I;16")
    made = picture.convert(mode)
    if mode.endswith("A"):
        made.putalpha(Image.linear_gradient("L").resize(picture.size))
    return made


KINDS_OF_PIXELS = [
    *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
    *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    *(("HEIF", mode) for mode in ("L", "RGB", "RGBA")),
]
TURNED = {1: None, **TURNS}


@settings(deadline=None, derandomize=True)
@example(("PNG", "I;16"), (2700, 1200), 6)
@example(("PNG", "P"), (2700, 1200), 8)
@example(("JPEG", "CMYK"), (6000, 3000), 6)
@example(("HEIF", "RGB"), (2700, 1200), 5)
@given(
    st.sampled_from(KINDS_OF_PIXELS),
    st.tuples(st.integers(24, 300), st.integers(24, 300)),
    st.sampled_from(sorted(TURNED)),
)
def test_what_is_kept_shows_the_same_as_what_was_handed_in(
    kind: tuple[str, str], size: tuple[int, int], turn: int
) -> None:
    file_format, mode = kind
    made = in_mode(coloured(size), mode)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    kept = read_picture(saved(made, file_format, exif=exif.tobytes()))
    meant = shown(
        made.convert("I").point(lambda v: v / 257).convert("L") if mode == "I;16" else made
    )
    method = TURNED[turn]
    meant = meant.transpose(method) if method is not None else meant
    with Image.open(io.BytesIO(kept.content)) as again:
        assert again.mode in ("1", "P", "L", "LA", "RGB", "RGBA")
        assert again.size == size_of(kept)
        seen = shown(again)
    # As a glance sees both: a sixteenth of the picture at a time.
    glance = [one.resize((16, 16), Image.Resampling.BOX) for one in (meant, seen)]
    off = max(ImageChops.difference(*glance).convert("L").tobytes())
    assert off <= 12, (kind, size, turn)


def test_sixteen_bits_of_grey_do_not_become_black_and_white() -> None:
    levels = Image.frombytes("I;16", (4, 1), struct.pack("<4H", 0, 21_845, 43_690, 65_535))
    kept = read_picture(saved(levels, "PNG"))
    with Image.open(io.BytesIO(kept.content)) as again:
        assert list(again.tobytes()) == [0, 85, 170, 255]


def test_one_colour_may_stand_for_glass_in_a_picture_without_alpha() -> None:
    picture = Image.new("RGB", (40, 30), (255, 0, 255))
    picture.paste((0, 0, 0), (10, 10, 20, 20))
    kept = read_picture(saved(picture, "PNG", transparency=(255, 0, 255), pnginfo=noted()))
    with Image.open(io.BytesIO(kept.content)) as again:
        assert again.convert("RGBA").getpixel((0, 0)) == (255, 0, 255, 0)


def noted() -> PngInfo:
    info = PngInfo()
    info.add_text("Author", "张三")
    return info


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_that_moves_is_refused_with_a_way(kind: str) -> None:
    moving = saved(lobby(1), kind, save_all=True, append_images=[lobby(2)])
    with pytest.raises(Refused, match="截图") as refused:
        read_picture(moving)
    assert refused.value.refusals[0].code == "upload_type_unsupported"


def test_a_printer_s_colours_become_a_screen_s() -> None:
    for profile in (None, b"no profile at all"):
        kept = read_picture(saved(lobby().convert("CMYK"), icc_profile=profile))
        with Image.open(io.BytesIO(kept.content)) as again:
            assert (again.mode, again.info.get("icc_profile")) == ("RGB", None)


def test_a_heic_photo_becomes_a_jpeg_with_its_time_and_its_colours() -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2025:03:05 10:20:30"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (28.0, 18.0, 36.0)
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLongitude] = (109.0, 44.0, 6.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = read_picture(saved(lobby(), "HEIF", exif=exif, icc_profile=profile))
    assert kept.media_type == "image/jpeg"
    assert kept.taken_at == datetime(2025, 3, 5, 2, 20, 30, tzinfo=UTC)
    assert kept.has_place is True
    with Image.open(io.BytesIO(kept.content)) as again:
        assert (again.info["icc_profile"], dict(again.getexif())) == (profile, {})


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_file_that_is_cut_off_anywhere_is_refused(kind: str) -> None:
    content = saved(lobby(size=(320, 240)), kind)
    for tenths in range(1, 10):
        assert refusal(content[: len(content) * tenths // 10]) == "upload_damaged"


@pytest.mark.parametrize("interlace", [0, 1])
@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_png_with_too_few_rows_is_refused(share: float, interlace: int) -> None:
    width, height = 64, 48
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, interlace)
    # Of the interlaced one the passes' rows have as many bytes of pixels, and more of filters.
    whole = random.Random(1).randbytes(width * height * 3)
    rows = b"".join(b"\0" + whole[at : at + width * 3] for at in range(0, len(whole), width * 3))
    rows = rows[: int(len(rows) * share)]
    start = b"\x89PNG\r\n\x1a\n" + png_part(b"IHDR", head)
    content = start + png_part(b"IDAT", zlib.compress(rows)) + png_part(b"IEND", b"")
    assert refusal(content) == "upload_damaged"


@given(
    st.sampled_from(["1", "P", "L", "LA", "RGB", "RGBA"]),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
def test_every_whole_png_is_taken(mode: str, size: tuple[int, int]) -> None:
    content = saved(Image.new(mode, size), "PNG")
    assert read_picture(content).content == content


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about what the camera wrote
@given(st.binary(max_size=200), st.integers(0, 2000))
def test_damaged_bytes_are_refused_or_decoded_and_nothing_else(noise: bytes, at: int) -> None:
    content = saved(lobby(size=(64, 48)))
    broken = content[:at] + noise + content[at + len(noise) :]
    outcome = ""
    try:
        outcome = read_picture(broken).media_type
    except Refused as refused:
        outcome = refused.refusals[0].code
    assert outcome in ("image/jpeg", "upload_damaged", "upload_too_large")


# --- doubles ---


def print_of(picture: Image.Image) -> int:
    found = fingerprint(picture)
    assert found is not None
    assert -(2**63) <= found < 2**63
    return found


@pytest.mark.parametrize("seed", range(4))
def test_copies_of_a_picture_are_alike_and_other_pictures_are_not(seed: int) -> None:
    picture = lobby(seed)
    copies = [
        read_picture(saved(picture, quality=35)).fingerprint,
        read_picture(saved(picture.resize((320, 240)), "WEBP")).fingerprint,
        print_of(picture.filter(ImageFilter.GaussianBlur(2))),
    ]
    for copy in copies:
        assert copy is not None
        assert alike(print_of(picture), copy)
    for other in range(seed):
        assert not alike(print_of(picture), print_of(lobby(other)))


def posted(building: int) -> list[Image.Image]:
    """The photos of a notice in two units, from afar and near, at start and end."""
    kinds = itertools.product("12", ("start", "end"), ("wide", "close"))
    return [
        Image.open(io.BytesIO(photograph(f"{building}栋{unit}单元 {moment} {framing}", near)))
        for unit, moment, framing in kinds
        for near in [framing == "close"]
    ]


@pytest.mark.parametrize("building", range(1, 11))
def test_photos_of_different_places_and_moments_are_no_doubles(building: int) -> None:
    prints = [print_of(picture) for picture in posted(building)]
    assert [pair for pair in itertools.combinations(prints, 2) if alike(*pair)] == []


def test_nearly_every_photo_with_three_percent_cut_off_is_found() -> None:
    pictures = [picture for building in (1, 2, 3) for picture in posted(building)]
    found = 0
    for picture in pictures:
        x, y = picture.width * 3 // 200, picture.height * 3 // 200
        cut = picture.crop((x, y, picture.width - x, picture.height - y))
        found += alike(print_of(picture), print_of(cut))
    assert found >= 0.9 * len(pictures)


def test_a_flat_picture_has_no_fingerprint() -> None:
    for shade in ("white", "black", (120, 130, 140)):
        assert fingerprint(Image.new("RGB", (300, 200), shade)) is None
    page = Image.new("RGB", (480, 320), "white")
    ImageDraw.Draw(page).text((20, 20), "a line on a white page", fill="black")
    assert fingerprint(page) is None


# --- signatures ---


def test_handwriting_is_a_signature() -> None:
    strokes = [(60, 120), (120, 60), (180, 180), (260, 80), (330, 170)]
    assert is_signed(drawn(strokes))
    assert is_signed(drawn(strokes, ground=(255, 255, 255, 255)))
    assert is_signed(drawn([(100, 120), (300, 118)]))  # 一


@pytest.mark.parametrize(
    "content",
    [
        drawn(),
        drawn([(300, 120), (304, 122)]),
        drawn([(300, 120), (330, 125)]),
        drawn([(20, 20), (26, 20)], [(560, 200), (566, 200)]),
        drawn(ground=(0, 0, 0, 255)),
        drawn(ground=(255, 255, 255, 255)),
    ],
    ids=["nothing", "a dot", "a short line", "two dots far apart", "all black", "all white"],
)
def test_what_is_no_handwriting_is_no_signature(content: bytes) -> None:
    assert not is_signed(content)
