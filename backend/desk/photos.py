"""公示照片 on a PC: several files at once, each to its place; each is taken by itself, so that one
that does not do keeps no other back. Handed in again, a photo changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from backend.desk import gate
from backend.desk.acts.every import PAGES
from backend.desk.pages import leads_elsewhere, page
from backend.desk.values import Kind, value_of
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.public_notice import FRAMINGS, MOMENTS, NoticeState
from backend.domain.routes.catalogue import state_name
from backend.http.parts import context
from backend.services.base.access import nothing_there
from backend.services.files import uploads
from backend.services.public_notice import notices
from backend.services.public_notice.notices import PlacePosted, PostingGuide, SubmittedPhoto
from backend.services.reads.cases import CaseView, read_case
from backend.services.reads.offers import When, offers_of

routes = Blueprint(
    "photos", __name__, url_prefix=f"{gate.PREFIX}/cases/<uuid:purchase_id>/photographs"
)
HERE = "photos.photos"
TAKEN_AT = "captured_at"
MOMENT = "moment"  # the one that the page asked for, whatever it is now


@dataclass(frozen=True)
class Taken:
    """What became of one file: where it belongs, and what is to be said of it."""

    field: str
    place: str
    says: Sequence[str]
    is_kept: bool


@routes.get("")
def photos(purchase_id: UUID) -> Response:
    """Which photos each place has and lacks, with room for those of now."""
    view = read_case(context(), gate.me(), purchase_id, words=False)
    return _page(view, (), 200)


@routes.post("")
def hand_in(purchase_id: UUID) -> Response:
    """Take each file that was chosen, and say what became of it."""
    gate.check_form()
    view = read_case(context(), gate.me(), purchase_id, words=False)
    guide, _ = _guide(view)
    moment = request.form.get(MOMENT, "")
    if moment not in MOMENTS:
        raise refuse("field_missing", "表单不完整，请重新打开这一页。", MOMENT)
    try:
        at = value_of(Kind.MOMENT, request.form.get(TAKEN_AT, ""), "拍摄时间", TAKEN_AT)
    except Refused as refused:
        return _page(view, [Taken(TAKEN_AT, "", _messages(refused.refusals), False)], 422)
    taken = []
    for place in guide.places:
        for framing in guide.framings:
            field = f"{place.unit_id}.{framing}"
            file = request.files.get(field)
            if file is not None and file.filename:
                photo = SubmittedPhoto(place.unit_id, moment, framing, "", at)
                name = f"{place.name} {FRAMINGS[framing]}"
                taken.append(_take(guide.notice.id, photo, file, field, name))
    if not taken:
        taken.append(Taken("", "", ["请至少选择一张照片。"], False))
    view = read_case(context(), gate.me(), purchase_id, words=False)
    return _page(view, taken, 200 if all(each.is_kept for each in taken) else 422)


def _take(
    notice_id: UUID, photo: SubmittedPhoto, file: FileStorage, field: str, place: str
) -> Taken:
    ctx, me = context(), gate.me()
    try:
        read = uploads.read_upload(ctx, me, file.stream)
        sha256 = uploads.keep_upload(ctx, me, read).sha256
        handed = notices.add_photo(ctx, me, notice_id, replace(photo, file_sha256=sha256))
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return Taken(field, place, _messages(refused.refusals), False)
    return Taken(field, place, [hint.message for hint in handed.warnings], True)


def _messages(refusals: Sequence[Refusal]) -> Sequence[str]:
    return [refusal.message for refusal in refusals]


def _guide(view: CaseView) -> tuple[PostingGuide, str]:
    """How far the posting is, and of which moment photos are taken now."""
    if view.notice is None:
        raise nothing_there("公示")
    guide = notices.read_posting(context(), gate.me(), view.notice.notice.id)
    return guide, "start" if guide.notice.state == NoticeState.POSTING else "end"


def _page(view: CaseView, taken: Sequence[Taken], status: int) -> Response:
    guide, moment = _guide(view)
    return page(
        "photos.html",
        status,
        case=view.purchase,
        place=view.place,
        state_name=state_name,
        guide=guide,
        moment=moment,
        moments=MOMENTS,
        framings={framing: FRAMINGS[framing] for framing in guide.framings},
        missing=[each for each in guide.places if _lacks(each, moment, guide.framings)],
        taken=taken,
        may_hand_in=_may_hand_in(view.purchase.id),
        wrong=[each for each in taken if not each.is_kept],
        most_megabytes=gate.PHOTOS_LIMIT // uploads.MEGABYTE,
        typed_at=request.form.get(TAKEN_AT, ""),
    )


def _may_hand_in(purchase_id: UUID) -> bool:
    """Whether one of the steps for which this page is is the own of whoever looks, now or later."""
    offers = offers_of(context(), gate.me(), purchase_id)
    here = [offer for offer in offers if PAGES.get(offer.action) == HERE]
    return any(offer.when is not When.OTHERS for offer in here)


def _lacks(place: PlacePosted, moment: str, framings: Sequence[str]) -> bool:
    return any((moment, framing) not in place.photos for framing in framings)
