"""Subscribe messages (订阅消息) of the mini-program: one for each consent."""

from collections.abc import Mapping

from backend.services.messages.leases import Delivery
from backend.wechat.channels.sending import Sender, tap_apart
from backend.wechat.mini_program import MiniProgram
from backend.wechat.templates import SUBSCRIBE_TEMPLATES, fit_subscribe, platform_data


def subscribe_sender(mini_program: MiniProgram, template_ids: Mapping[str, str]) -> Sender:
    """Sends values that fit their fields. `template_ids` are the platform's, by our keys."""

    def send(delivery: Delivery) -> str | None:
        tap, values = tap_apart(delivery)
        data = platform_data(SUBSCRIBE_TEMPLATES[delivery.template], values)
        return mini_program.send_subscribe(
            delivery.openid,
            template_ids[delivery.template],
            tap.page,
            {keyword: fit_subscribe(keyword, value) for keyword, value in data.items()},
        )

    return send
