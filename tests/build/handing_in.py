"""Pictures of papers that people uploaded."""

import io
import os

from PIL import Image

from backend.services.base.context import Actor, Context
from backend.store.notices import Photo, StoredFile, Upload


def speckled(size: tuple[int, int] = (400, 400)) -> bytes:
    """A light PNG like no other, by default as small as a picture may be that shows something."""
    content = io.BytesIO()
    picture = Image.frombytes("L", (8, 8), os.urandom(64))
    picture.resize(size, Image.Resampling.NEAREST).save(content, "PNG", compress_level=1)
    return content.getvalue()


def handed_in(ctx: Context, actor: Actor) -> str:
    """A picture of a paper that this person uploaded; its SHA-256."""
    content = speckled()
    sha256 = ctx.files.put(content)
    with ctx.sessions() as tx:
        now = ctx.clock()
        size = len(content)
        tx.add(StoredFile(sha256=sha256, media_type="image/png", size_bytes=size, stored_at=now))
        tx.flush()
        # As if a phone had taken it, so that it can prove a posting.
        shows = int.from_bytes(bytes.fromhex(sha256)[:8], "big", signed=True)
        seen = {"width": 4000, "height": 3000, "fingerprint": shows, "has_place": False}
        tx.add(Photo(file_sha256=sha256, **seen))
        tx.add(Upload(file_sha256=sha256, person_id=actor.person_id, uploaded_at=now))
        tx.commit()
    return sha256
