"""What is told to people: the titles of messages, and how sending them ended, in words."""

from collections.abc import Mapping

# By the key of the template; people read them above each message, officers in their lists.
TITLES: Mapping[str, str] = {
    "objection_answered": "异议答复通知",
    "notice_ending": "公示即将截止",
    "cover_changed": "电梯保障变动",
    "approval_invitation": "请审议方案",
    "deadline_reminder": "办理期限提醒",
    "purchase_progress": "办理进度通知",
    "objection_received": "收到异议",
    "escalation": "逾期督办",
    "handover": "待办交接提醒",
}
CHAT_TITLE = "聊天里的回复"
RESIDENT = "居民"

WAY_NAMES: Mapping[str, str] = {
    "template": "服务号通知",
    "chat": "服务号聊天",
    "subscribe": "小程序订阅消息",
}
STATE_NAMES: Mapping[str, str] = {
    "created": "等待发送",
    "sending": "正在发送",
    "sent": "已发出",
    "failed": "没有送达",
    "unknown": "不知是否送达",
    "superseded": "不用再发",
}
DELIVERED = "delivered"
SET_UP = "set_up/"  # before the platform's code: our account is set up wrongly
OUTCOME_NAMES: Mapping[str, str] = {
    "accepted": "微信已接收",
    DELIVERED: "微信已送达",
    "no_identity": "收件人没有登录过",
    "unreachable": "收件人没有关注公众号",
    "window_closed": "超过可以回复的时间",
    "no_answer": "微信没有回答",
    "worker_lost": "发送时程序中断",
    "daily_quota": "今天的数量用完，明天再发",
    "not_reached": "连不上微信，会再发",
    "not_tried": "还没轮到，会再发",
    "internal_error": "系统出错",
    "no_answer_again": "再发一次，微信仍没有回答",
    "posted_again": "微信一直没有回答，再发一次",
}


def title_of(template: str) -> str:
    """What a message is about, by the key of its template; answers in chat have none."""
    return TITLES.get(template, CHAT_TITLE)


def outcome_words(outcome: str | None) -> str:
    """How a send ended in words, with the platform's own word where we have none."""
    if not outcome:
        return ""
    if outcome.startswith(SET_UP):
        return f"微信不接受我们的设置：{outcome.removeprefix(SET_UP)}，请系统管理员处理"
    return OUTCOME_NAMES.get(outcome, f"微信说：{outcome}")
