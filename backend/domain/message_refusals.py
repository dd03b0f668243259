"""Refusals about messages and callbacks; part of `domain.refusals`."""

CONFLICT = {
    "callback_not_dead": "the callback was not given up, or has another turn already",
    "channel_not_closed": "the channel is open: what waits leaves by it",
    "message_is_over": "what the message tells is no news any more, or not its reader's",
    "message_not_failed": "the message went out, or is on its way",
    "message_not_repeatable": "an answer in chat is not written twice, nor what is not kept",
    "message_not_waiting": "the message left, is on its way, or is over",
    "message_sent_again": "the message was sent again already",
    "message_unreachable": "no way to the reader is open",
}
