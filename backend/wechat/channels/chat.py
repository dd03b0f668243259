"""Chat messages (客服消息) of the service account, while a conversation is open.

What is said in them quotes people and names what they decided: a row holds it sealed.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from backend.services.messages.leases import Delivery
from backend.store.cipher import Cipher
from backend.store.messages import Outbox
from backend.store.sealed import IN_JSON
from backend.wechat.channels.sending import Sender
from backend.wechat.client import ServiceAccount


def sealed_words(cipher: Cipher, message_id: UUID, words: Mapping[str, Any]) -> Mapping[str, str]:
    """What a chat message says, as the row of this id holds it."""
    text = json.dumps(words, ensure_ascii=False)
    return {IN_JSON: b64encode(cipher.seal(Outbox.data, message_id, text)).decode()}


def chat_sender(account: ServiceAccount, cipher: Cipher) -> Sender:
    """Sends a text, or a menu of choices. Chat messages have no id of their own."""

    def send(delivery: Delivery) -> None:
        words = opened_words(cipher, delivery.id, delivery.data)
        if delivery.template == "menu":
            choices = [(choice, label) for choice, label in words["choices"]]
            account.send_menu(delivery.openid, words["head"], choices, words["tail"])
        else:
            account.send_text(delivery.openid, words["text"])

    return send


def opened_words(cipher: Cipher, message_id: UUID, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the row of this id says; rows of the version before hold it in clear."""
    if IN_JSON not in data:
        return data
    text = cipher.open(Outbox.data, message_id, b64decode(data[IN_JSON]))
    words: Mapping[str, Any] = json.loads(text)
    return words
