"""What a request does in parts, waiting for somebody in between, done by the services in a row."""

from io import BytesIO
from uuid import UUID

from backend.services.base.context import Actor, Context
from backend.services.files.uploads import Received, keep_upload, read_upload
from backend.services.people import phones
from backend.services.people.phones import PhoneKept
from backend.services.public_notice import moderation, objections
from backend.services.public_notice.photos import Attached
from backend.store.notices import Objection


def file_objection(
    ctx: Context,
    actor: Actor,
    notice: UUID,
    text: str,
    attached: Attached = objections.NOTHING,
    publish: bool = False,
) -> Objection:
    filed = objections.file_objection(ctx, actor, notice, "price", text, attached, publish)
    return moderation.take_verdict(ctx, filed.id, moderation.ask_platform(ctx, actor, text))


def verify_phone(ctx: Context, actor: Actor, code: str) -> PhoneKept:
    return phones.keep_shown(ctx, actor, phones.shown_number(ctx, actor, code))


def store_upload(ctx: Context, actor: Actor, content: bytes) -> Received:
    return keep_upload(ctx, actor, read_upload(ctx, actor, BytesIO(content)))
