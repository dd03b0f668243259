"""What residents hear of: consents counted, notices and lifts followed."""

from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, Field

from backend.http.bodies import NoticeIdPath
from backend.http.parts import actor, context, parts
from backend.http.present import Output, nothing, present
from backend.http.routes import Routes
from backend.services.messages import follows as messages_follows

routes = Routes("subscriptions", "订阅消息与关注")


class LiftTokenPath(BaseModel):
    """A lift by the token in its QR code."""

    token: Annotated[str, Field(max_length=64)]


class TemplateOut(Output):
    """A message one may consent to; `quota` is how many were consented to and not yet sent."""

    key: str
    template_id: str
    title: str
    why: str
    quota: int


class FollowedOut(Output):
    """`id` is what the follow route takes: the notice's id, or the lift's scanned token."""

    kind: Literal["notice", "lift"]
    id: str
    title: str


class SubscriptionsOut(BaseModel):
    """Messages and what is followed, the latest first."""

    templates: list[TemplateOut]
    follows: list[FollowedOut]


@routes.get("/me/subscriptions", auth="person", answers={200: SubscriptionsOut, 304: None})
def my_subscriptions() -> Response:
    """本人的订阅与关注"""
    mine = messages_follows.mine(context(), actor())
    ids = parts().subscribe_templates
    templates = [
        TemplateOut(
            key=offer.subscription.key,
            template_id=ids[offer.subscription.key],
            title=offer.subscription.title,
            why=offer.subscription.why,
            quota=offer.quota,
        )
        for offer in mine.offers
    ]
    follows = [FollowedOut.model_validate(followed) for followed in mine.follows]
    return present(SubscriptionsOut(templates=templates, follows=follows))


@routes.post(
    "/notices/<notice_id>/follow", auth="person", answers={204: None}, refuses=("not_found",)
)
def follow_notice(path: NoticeIdPath) -> Response:
    """关注公示：截止前提醒，保障开始或结束时告知"""
    messages_follows.follow_notice(context(), actor(), path.notice_id)
    return nothing()


@routes.delete("/notices/<notice_id>/follow", auth="person", answers={204: None})
def unfollow_notice(path: NoticeIdPath) -> Response:
    """不再关注公示"""
    messages_follows.unfollow_notice(context(), actor(), path.notice_id)
    return nothing()


@routes.post("/lifts/<token>/follow", auth="person", answers={204: None}, refuses=("not_found",))
def follow_lift(path: LiftTokenPath) -> Response:
    """关注电梯：保障开始或结束时告知"""
    messages_follows.follow_lift(context(), actor(), path.token)
    return nothing()


@routes.delete("/lifts/<token>/follow", auth="person", answers={204: None})
def unfollow_lift(path: LiftTokenPath) -> Response:
    """不再关注电梯；旧码也可以，未知的码同样答复"""
    messages_follows.unfollow_lift(context(), actor(), path.token)
    return nothing()
