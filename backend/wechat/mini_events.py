"""What the platform reports about the mini-program: consents and authorisations given and taken
back, accounts closed, sends ended. Of nickname and picture we keep nothing that could change."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from backend.services.base.context import Context
from backend.services.messages import consents, delivery_results
from backend.services.messages.inbox import Callback
from backend.services.people import revocations
from backend.wechat.incoming import Incoming, from_inbox


class MiniProgramEvents:
    """Works on the mini-program's callbacks. `template_ids` maps our keys to the platform's ids."""

    def __init__(self, ctx: Context, template_ids: Mapping[str, str]) -> None:
        self._ctx = ctx
        self._keys = {template_id: key for key, template_id in template_ids.items()}

    def handle(self, tx: Session, callback: Callback) -> None:
        """Work on one callback; what it writes belongs to `tx`, which the caller commits.

        Templates and events that are not ours are left alone. Raises NotYet when what it speaks of
        is not there yet.
        """
        incoming = from_inbox(callback.body)
        appid, openid = callback.appid, incoming.openid
        if incoming.event == "user_authorization_revoke":
            revocations.take_back(tx, self._ctx, appid, openid, incoming.revoked)
        elif incoming.event == "user_authorization_cancellation":
            revocations.close_account(tx, self._ctx, appid, openid)
        else:
            self._listed(tx, incoming)

    def _listed(self, tx: Session, incoming: Incoming) -> None:
        """Each entry of a subscribe event."""
        for entry in incoming.entries:
            key = self._keys.get(entry.get("TemplateId", ""))
            if key is None:
                continue
            answer = entry.get("SubscribeStatusString", "")
            openid, at = incoming.openid, incoming.created_at
            match incoming.event:
                case "subscribe_msg_popup_event" if answer == "accept":
                    consents.accepted(tx, self._ctx, openid, key, at)
                case "subscribe_msg_change_event" if answer == "reject":
                    consents.switched_off(tx, self._ctx, openid, key, at)
                case "subscribe_msg_sent_event":
                    msgid, status = entry.get("MsgID", ""), entry.get("ErrorStatus", "")
                    delivery_results.finish_subscribe(tx, self._ctx, openid, key, msgid, status)
