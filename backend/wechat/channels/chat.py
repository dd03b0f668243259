"""Chat messages (客服消息) of the service account, while a conversation is open."""

from backend.services.messages.leases import Delivery
from backend.wechat.channels.sending import Sender
from backend.wechat.client import ServiceAccount


def chat_sender(account: ServiceAccount) -> Sender:
    """Sends a text, or a menu of choices. Chat messages have no id of their own."""

    def send(delivery: Delivery) -> None:
        data = delivery.data
        if delivery.template == "menu":
            choices = [(choice, label) for choice, label in data["choices"]]
            account.send_menu(delivery.openid, data["head"], choices, data["tail"])
        else:
            account.send_text(delivery.openid, data["text"])

    return send
