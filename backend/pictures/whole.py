"""Whether a PNG is whole: one whose rows end early is shown by Pillow with black below."""

import math
import zlib

SIGNATURE = 8  # bytes before the first part
ONE_PASS = ((0, 0, 1, 1),)
# Adam7: first column and row of each pass, and its steps across and down.
SEVEN_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
AT_ONCE = 1 << 20  # bytes unpacked at a time


class NotWhole(Exception):
    """A part is cut off, damaged or missing."""


def png_parts(content: bytes) -> set[bytes]:
    """The names of a PNG's parts; b"" stands for whatever follows its end.

    Every part is as its checksum says, the last one is the end, and there are as many rows as the
    head says: they are unpacked once to be counted, a megabyte at a time. Raises NotWhole, or
    what a damaged head makes of it.
    """
    place, name, head, rows, names = SIGNATURE, b"", b"", [], set()
    while name != b"IEND":
        end = place + 8 + int.from_bytes(content[place : place + 4], "big")
        name, checksum = content[place + 4 : place + 8], content[end : end + 4]
        if zlib.crc32(memoryview(content)[place + 4 : end]).to_bytes(4, "big") != checksum:
            raise NotWhole(name)
        names.add(name)
        if name == b"IHDR":
            head = content[place + 8 : end]
        elif name == b"IDAT":
            rows.append(memoryview(content)[place + 8 : end])
        place = end + 4
    promised = _promised(head)
    if _unpacked(rows, promised) < promised:
        raise NotWhole(b"IDAT")
    return names | ({b""} if place < len(content) else set())


def _promised(head: bytes) -> int:
    """How many bytes all rows have, each with the byte before it that names its filter."""
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    bits = head[8] * CHANNELS[head[9]]
    total = 0
    for left, top, across, down in SEVEN_PASSES if head[12] else ONE_PASS:
        columns, rows = math.ceil((width - left) / across), math.ceil((height - top) / down)
        if columns > 0 and rows > 0:
            total += rows * (1 + math.ceil(columns * bits / 8))
    return total


def _unpacked(packed: list[memoryview], most: int) -> int:
    """How many bytes come out, counted until there are `most`."""
    engine, count = zlib.decompressobj(), 0
    for piece in [*packed, memoryview(b"")]:
        waiting: bytes | memoryview = piece
        while count < most:
            out = engine.decompress(waiting, AT_ONCE)
            waiting = engine.unconsumed_tail
            count += len(out)
            if not out and not waiting:
                break
    return count
