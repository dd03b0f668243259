"""Calls of the mini-program (小程序): logins, phone numbers, codes, text checks, messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from backend.config import Settings
from backend.wechat.client import PlatformClient
from backend.wechat.reactions import PlatformError, Reaction, SendUnknown

Suggestion = Literal["pass", "review", "risky"]
SUGGESTIONS: Mapping[str, Suggestion] = {"pass": "pass", "review": "review", "risky": "risky"}


@dataclass(frozen=True)
class Login:
    """Who redeemed a login code. The session key stays behind on purpose."""

    openid: str
    unionid: str | None


class MiniProgram(PlatformClient):
    """What we ask of the mini-program. Every call raises PlatformError or SendUnknown."""

    def code_to_session(self, code: str) -> Login:
        """Redeem a login code, which works once within five minutes; asks for no token.

        Reaction RELOGIN for a used or wrong code.
        """
        request = {
            "appid": self.appid,
            "secret": self._secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        answer = self._exchange("GET", "/sns/jscode2session", request)
        if "openid" not in answer:
            raise SendUnknown("/sns/jscode2session: no openid")
        return Login(str(answer["openid"]), answer.get("unionid") or None)

    def phone_number(self, code: str) -> str:
        """The number behind a phone code, which works once: digits, foreign ones with `+` and code.

        Reaction RELOGIN for a used or wrong code, and for an answer that bears another app's mark.
        """
        answer = self.post("/wxa/business/getuserphonenumber", {"code": code})
        try:
            info = answer["phone_info"]
            country, number = str(info["countryCode"]), str(info["purePhoneNumber"])
            appid = info["watermark"]["appid"]
        except (KeyError, TypeError):
            raise SendUnknown("/wxa/business/getuserphonenumber: no phone_info") from None
        if appid != self.appid:
            raise PlatformError(None, "watermark of another app", None, Reaction.RELOGIN)
        return number if country == "86" else f"+{country}{number}"

    def check_text(self, openid: str, text: str, scene: int) -> Suggestion:
        """What the platform suggests about a text of at most 2,500 characters (v2 of the check).

        `scene`: 1 profile, 2 comment, 3 forum, 4 diary.
        """
        body = {"version": 2, "openid": openid, "scene": scene, "content": text}
        answer = self.post("/wxa/msg_sec_check", body)
        result = answer.get("result")
        suggested = str(result.get("suggest")) if isinstance(result, dict) else ""
        if suggested not in SUGGESTIONS:
            raise SendUnknown("/wxa/msg_sec_check: no suggestion")
        return SUGGESTIONS[suggested]

    def code_picture(self, scene: str, page: str, width: int) -> bytes:
        """The picture of a code that opens `page` with `scene`; permanent."""
        body = {"scene": scene, "page": page, "check_path": False, "width": width}
        answer = self.post("/wxa/getwxacodeunlimit", body)
        picture = answer.get("picture")
        if not isinstance(picture, bytes):
            raise SendUnknown("/wxa/getwxacodeunlimit: no picture")
        return picture

    def send_subscribe(
        self, openid: str, template_id: str, page: str, data: Mapping[str, str]
    ) -> str | None:
        """Send one subscribe message, which uses up one consent; its msgid if the answer has one.

        There is no key against repeats: after SendUnknown it must not be tried again. `data` maps
        the platform's keywords to values that fit them already.
        """
        body = {
            "touser": openid,
            "template_id": template_id,
            "page": page,
            "data": {keyword: {"value": value} for keyword, value in data.items()},
            "miniprogram_state": "formal",
            "lang": "zh_CN",
        }
        msgid = self.post("/cgi-bin/message/subscribe/send", body).get("msgid")
        return None if msgid is None else str(msgid)


def mini_program(settings: Settings) -> MiniProgram:
    """The mini-program's client as configured."""
    return MiniProgram(
        settings.mini_appid,
        settings.mini_secret.get_secret_value(),
        settings.wechat_url,
        settings.wechat_timeout_seconds,
    )
