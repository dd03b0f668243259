"""From what was read to what is shown: one shape for the API and for the light pages."""

from collections.abc import Mapping
from typing import Any

from backend.api.public.models import (
    AccountYearOut,
    AnsweredNoticeOut,
    CentreOut,
    CityOut,
    CoverOut,
    EmergencyOut,
    FlowOut,
    FundingOut,
    LiftOut,
    NoticeOut,
    NoticePhotoOut,
    NoticeTextOut,
    ObjectionCountsOut,
    ObjectionKindOut,
    ObjectionOut,
    PastOut,
    PlanOut,
    PrivacyOut,
    PublicAccountOut,
    PublicLiftOut,
    PublicPolicyOut,
    PublicPoolOut,
    ReasonOut,
    SubscriptionOut,
    UpcomingOut,
)
from backend.domain.city.schema import CityProfile
from backend.domain.objection import KINDS, STATUS_NAMES
from backend.domain.public_account import FLOW_NAMES
from backend.domain.public_notice import readable
from backend.domain.routes.catalogue import state_name
from backend.http.bodies import CoverTermsOut
from backend.http.routes import PREFIX
from backend.services.messages.follows import SUBSCRIPTIONS
from backend.services.public import words
from backend.services.public.account import PublicAccount
from backend.services.public.city_facts import (
    KIND_HELP,
    PHOTO_HINT,
    PRIVACY_TITLE,
    about,
    privacy,
)
from backend.services.public.lifts import NoticePage, PostedNotice, PublicLift
from backend.store.queries.lifts import CoverRow, ObjectionRow


def lift_shown(lift: PublicLift, city: CityProfile) -> PublicLiftOut:
    """A lift and everything that hangs for it."""
    funding = words.funding(lift, city)
    return PublicLiftOut(
        lift=LiftOut.model_validate(lift.lift),
        covered=lift.cover is not None,
        headline=words.headline(lift),
        payer=words.payer(lift),
        object_by=words.object_by(lift),
        meaning=words.meaning(lift),
        cover=_cover(lift.cover) if lift.cover else None,
        upcoming=UpcomingOut.model_validate(lift.upcoming) if lift.upcoming else None,
        emergency=EmergencyOut.model_validate(words.emergency(city)),
        notices=[
            NoticeOut(**_facts(notice), plan=PlanOut.model_validate(plan))
            for notice, plan in lift.notices
        ],
        funding=FundingOut.model_validate(funding) if funding else None,
        history=[PastOut.model_validate(row) for row in words.past(lift)],
        centre=centre_shown(city),
    )


def notice_shown(notice: NoticePage, city: CityProfile) -> NoticeTextOut:
    """A notice with its whole text and photos."""
    places = {place["unit_id"]: place["name"] for place in notice.text.places}
    url = f"{PREFIX}/public/notices/{notice.notice.row.number}/photos"
    photos = []
    for photo in notice.photos:
        place = places.get(str(photo.unit_id), "小区")
        photos.append(
            NoticePhotoOut(
                place=place,
                moment=photo.moment,
                framing=photo.framing,
                captured_at=photo.captured_at,
                words=words.photo_words(place, photo),
                url=f"{url}/{photo.sha256}",
                width=photo.width,
                height=photo.height,
            )
        )
    return NoticeTextOut(
        **_facts(notice.notice),
        estate=notice.text.estate,
        content=readable(notice.text.content),
        photos=photos,
        photos_taken_down=[
            words.photo_gone(places.get(str(photo.unit_id), "小区"), photo) for photo in notice.gone
        ],
        objection_counts=ObjectionCountsOut(
            total=len(notice.notice.objections), open=notice.notice.waiting
        ),
        centre=centre_shown(city),
    )


def account_shown(account: PublicAccount, city: CityProfile) -> PublicAccountOut:
    """The public account of an estate."""
    return PublicAccountOut(
        estate=account.estate.name,
        address=account.estate.address,
        about=list(words.of_account(account, city)),
        pools=[
            PublicPoolOut(
                name=pool.row.name,
                balance_fen=pool.row.balance_fen,
                held_fen=pool.row.held_fen,
                years=[
                    AccountYearOut(
                        year=each.year,
                        began_fen=each.began_fen,
                        moved=[
                            FlowOut(flow=flow, name=FLOW_NAMES[flow], fen=fen)
                            for flow, fen in each.moved
                        ],
                        ended_name=each.ended_name(account.this_year),
                        ended_fen=each.ended_fen,
                    )
                    for each in pool.years
                ],
            )
            for pool in account.pools
        ],
        policies=[PublicPolicyOut.model_validate(row) for row in account.policies],
        notices=[
            AnsweredNoticeOut(
                number=each.row.number,
                days=words.hung(each.row),
                objection_counts=ObjectionCountsOut(total=len(each.objections), open=each.waiting),
                objection_words=words.objected(len(each.objections), each.waiting),
            )
            for each in account.notices
        ],
        centre=centre_shown(city),
    )


def city_shown(city: CityProfile, subscribe_templates: Mapping[str, str]) -> CityOut:
    """What is the same for every lift. `subscribe_templates`: our key → the platform's id."""
    return CityOut(
        city=city.name,
        centre=centre_shown(city),
        emergency=EmergencyOut.model_validate(words.emergency(city)),
        objection_kinds=[
            ObjectionKindOut(key=key, name=name, help=KIND_HELP[key]) for key, name in KINDS.items()
        ],
        objection_max_characters=city.objection.max_characters.value,
        objection_channels=list(city.objection.channels.value),
        photo_hint=PHOTO_HINT,
        about=list(about(city)),
        privacy=PrivacyOut(title=PRIVACY_TITLE, paragraphs=list(privacy(city))),
        subscriptions=[
            SubscriptionOut(key=key, template_id=subscribe_templates[key], title=s.title, why=s.why)
            for key, s in SUBSCRIPTIONS.items()
        ],
    )


def centre_shown(city: CityProfile) -> CentreOut:
    """Whom to ask."""
    return CentreOut(name=city.centre.name.value, phone=city.centre.phone.value)


def _cover(cover: CoverRow) -> CoverOut:
    return CoverOut(
        insurer=cover.insurer,
        insurer_phone=cover.insurer_phone,
        starts_on=cover.starts_on,
        last_day=cover.last_day,
        policy_number=cover.policy_number,
        terms=CoverTermsOut.model_validate(cover.terms) if cover.terms else None,
        words=words.cover_words(cover),
    )


def _facts(notice: PostedNotice) -> dict[str, Any]:
    row = notice.row
    return {
        "id": row.notice_id,
        "number": row.number,
        "state": row.state,
        "state_name": state_name(row.purchase_state),
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "ends_before": row.ends_before,
        "open_to_objections": notice.open_to_objections,
        "how_long": words.how_long(notice),
        "provisional": row.provisional,
        "explanation": [_reason(**reason) for reason in row.explanation],
        "objections": [_objection(objection) for objection in notice.objections],
    }


def _reason(text: str, article: str | None = None, **_: object) -> ReasonOut:
    """A sentence and its source, once: older explanations have the source in the sentence too."""
    if article is None or article == "default" or article in text:
        return ReasonOut(text=text)
    return ReasonOut(
        text=text, article=f"本市方案{article}" if article.startswith("附件") else article
    )


def _objection(row: ObjectionRow) -> ObjectionOut:
    return ObjectionOut(
        number=row.number,
        kind=row.kind,
        kind_name=KINDS.get(row.kind, row.kind),
        status=row.status,
        status_name=STATUS_NAMES[row.status],
        answer=row.answer,
        text=row.text,
    )
