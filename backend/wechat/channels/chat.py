"""Chat messages (客服消息) of the service account, while a conversation is open.

What is said in them quotes people and names what they decided: a row holds it sealed.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from backend.services.messages.leases import Delivery
from backend.store.cipher import Cipher
from backend.wechat.channels.sending import Sender
from backend.wechat.client import ServiceAccount

SEALED = "sealed"


def sealed_words(cipher: Cipher, words: Mapping[str, Any]) -> Mapping[str, str]:
    """What a chat message says, as a row holds it."""
    return {SEALED: b64encode(cipher.seal(json.dumps(words, ensure_ascii=False))).decode()}


def chat_sender(account: ServiceAccount, cipher: Cipher) -> Sender:
    """Sends a text, or a menu of choices. Chat messages have no id of their own."""

    def send(delivery: Delivery) -> None:
        words = opened_words(cipher, delivery.data)
        if delivery.template == "menu":
            choices = [(choice, label) for choice, label in words["choices"]]
            account.send_menu(delivery.openid, words["head"], choices, words["tail"])
        else:
            account.send_text(delivery.openid, words["text"])

    return send


def opened_words(cipher: Cipher, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What such a row says; rows of the version before hold it in clear."""
    if SEALED not in data:
        return data
    words: Mapping[str, Any] = json.loads(cipher.open(b64decode(data[SEALED])))
    return words
