"""公示照片 on a PC: several files at once, each to its place, or a whole folder, whose files say by
their names where they belong. Each is taken by itself, so that one that does not do keeps no other
back. Handed in again, a photo changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from backend.desk import gate
from backend.desk.acts.every import PAGES
from backend.desk.pages import leads_elsewhere, page
from backend.desk.values import Kind, value_of
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.photo_names import place_named
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
FOLDER = "files"
GIVEN, CALLED = "place.", "name."  # before the hash of a file that has no place yet
NAMELESS = "文件名看不出是哪一处、远景还是近景，请在旁边选。"
NO_PICTURE = "这是 PDF 文件，请上传照片。"
SECOND = "这一处刚才已经收了一张。要用这张的，请在旁边再选一次。"


@dataclass(frozen=True)
class Taken:
    """What became of one file: where it belongs, and what is to be said of it. Of one that came
    from a folder what it is called; `sha256` where it was read and may be given a place still."""

    field: str
    place: str
    says: Sequence[str]
    is_kept: bool
    name: str = ""
    sha256: str = ""


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
    taken = _Taking(guide, moment, at).everything()
    if not taken:
        taken.append(Taken("", "", ["请至少选择一张照片。"], False))
    view = read_case(context(), gate.me(), purchase_id, words=False)
    return _page(view, taken, 200 if all(each.is_kept for each in taken) else 422)


@dataclass(frozen=True)
class _Taking:
    """The files of one form, each of which is taken by itself."""

    guide: PostingGuide
    moment: str
    at: datetime | None
    filled: set[str] = field(default_factory=set)

    def everything(self) -> list[Taken]:
        """Those put to their place, those of a folder, those that were given one since."""
        return [*self._by_place(), *self._from_folder(), *self._given_a_place()]

    def _by_place(self) -> Iterator[Taken]:
        for at, words in self._fields().items():
            file = request.files.get(at)
            if file is not None and file.filename:
                yield self._take(at, words, file)

    def _from_folder(self) -> Iterator[Taken]:
        places = {str(place.unit_id): place.name for place in self.guide.places}
        for file in request.files.getlist(FOLDER):
            if not file.filename:
                continue
            found = place_named(file.filename, places, self.guide.framings)
            at = ".".join(found) if found else ""
            yield replace(self._take(at, self._fields().get(at, ""), file), name=file.filename)

    def _given_a_place(self) -> Iterator[Taken]:
        for name, at in request.form.items():
            sha256 = name.removeprefix(GIVEN)
            if sha256 != name and at in self._fields():
                called = request.form.get(CALLED + sha256, "")
                yield replace(self._put(at, self._fields()[at], sha256), name=called)

    def _fields(self) -> Mapping[str, str]:
        """Each place and framing by its field, in words."""
        return fields_of(self.guide)

    def _take(self, at: str, words: str, file: FileStorage) -> Taken:
        ctx, me = context(), gate.me()
        try:
            read = uploads.read_upload(ctx, me, file.stream)
            if read.picture is None:
                return Taken(at, words, [NO_PICTURE], False)
            sha256 = uploads.keep_upload(ctx, me, read).sha256
        except Refused as refused:
            if leads_elsewhere(refused):
                raise
            return Taken(at, words, _messages(refused.refusals), False)
        if not at:
            return Taken("", "", [NAMELESS], False, sha256=sha256)
        return self._put(at, words, sha256)

    def _put(self, at: str, words: str, sha256: str) -> Taken:
        if at in self.filled:
            return Taken(at, words, [SECOND], False, sha256=sha256)
        unit, framing = at.split(".")
        photo = SubmittedPhoto(UUID(unit), self.moment, framing, sha256, self.at)
        try:
            handed = notices.add_photo(context(), gate.me(), self.guide.notice.id, photo)
        except Refused as refused:
            if leads_elsewhere(refused):
                raise
            return Taken(at, words, _messages(refused.refusals), False, sha256=sha256)
        self.filled.add(at)
        return Taken(at, words, [hint.message for hint in handed.warnings], True)


def fields_of(guide: PostingGuide) -> Mapping[str, str]:
    """Each place and framing of a notice by its field, in words."""
    return {
        f"{place.unit_id}.{framing}": f"{place.name} {FRAMINGS[framing]}"
        for place in guide.places
        for framing in guide.framings
    }


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
        fields=fields_of(guide),
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
