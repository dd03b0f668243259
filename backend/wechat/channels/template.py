"""Template messages (模板消息) of the service account, to its followers."""

from collections.abc import Mapping

from backend.services.messages.leases import Delivery
from backend.wechat.channels.sending import Sender, tap_apart
from backend.wechat.client import ServiceAccount
from backend.wechat.templates import TEMPLATES, platform_data, said_to_come_again


def template_sender(
    account: ServiceAccount, template_ids: Mapping[str, str], mini_appid: str, public_url: str
) -> Sender:
    """Sends under the row's id, so that the platform knows a repeat.

    `template_ids` are the platform's, by our keys; `mini_appid` is the app that a tap opens, and
    `public_url` where our web pages are.
    """

    def send(delivery: Delivery) -> str:
        tap, values = tap_apart(delivery)
        data = platform_data(TEMPLATES[delivery.template], values)
        return account.send_template(
            delivery.openid,
            template_ids[delivery.template],
            said_to_come_again(data) if delivery.posted_again else data,
            client_msg_id=str(delivery.id),
            url=f"{public_url}{tap.link}" if tap.link else None,
            miniprogram={"appid": mini_appid, "pagepath": tap.page} if tap.page else None,
        )

    return send
