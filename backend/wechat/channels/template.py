"""Template messages (模板消息) of the service account, to its followers."""

from collections.abc import Mapping

from backend.services.messages.leases import Delivery
from backend.wechat.channels.sending import Sender, page_apart
from backend.wechat.client import ServiceAccount
from backend.wechat.templates import TEMPLATES, platform_data


def template_sender(
    account: ServiceAccount, template_ids: Mapping[str, str], mini_appid: str
) -> Sender:
    """Sends under the row's id, so that the platform knows a repeat.

    `template_ids` are the platform's, by our keys; `mini_appid` is the app that a tap opens.
    """

    def send(delivery: Delivery) -> str:
        page, values = page_apart(delivery)
        return account.send_template(
            delivery.openid,
            template_ids[delivery.template],
            platform_data(TEMPLATES[delivery.template], values),
            client_msg_id=str(delivery.id),
            miniprogram={"appid": mini_appid, "pagepath": page} if page else None,
        )

    return send
