"""What services ask of the platform while a person waits, answered by our clients."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from backend.domain.errors import Refused, refuse
from backend.domain.objection import Verdict
from backend.services.base.context import MiniProgramLogin
from backend.wechat.alarms import OperatorAlarm
from backend.wechat.client import ServiceAccount
from backend.wechat.mini_program import MiniProgram
from backend.wechat.reactions import PlatformError, Reaction, SendUnknown

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")


# So many requests may wait for the platform's word on texts and phones. While it is silent, whoever
# comes later is told so soon, and our threads serve those who need nothing of it.
MOST_ASKING = 4
PLACE_SECONDS = 1.0


class WeChatPlatform:
    """Implements `backend.services.context.Platform`."""

    def __init__(self, mini_program: MiniProgram, service_account: ServiceAccount) -> None:
        self._mini_program = mini_program
        self._service_account = service_account
        self._alarm = OperatorAlarm()
        self._places = BoundedSemaphore(MOST_ASKING)
        self.mini_appid = str(mini_program.appid)
        self.service_appid = str(service_account.appid)

    def login(self, code: str) -> MiniProgramLogin:
        """Redeem a login code; raises Refused `login_code_invalid` or `platform_unavailable`."""
        try:
            login = self._mini_program.code_to_session(code)
        except PlatformError as error:
            if error.reaction is Reaction.RELOGIN:
                message = "登录凭证无效或已用过，请重新打开小程序登录。"
                raise refuse("login_code_invalid", message, "code", "unauthenticated") from None
            self._alarm.tell(error)
            raise _unavailable() from None
        except SendUnknown:
            raise _unavailable() from None
        return MiniProgramLogin(login.openid, login.unionid)

    def unionid(self, openid: str) -> str | None:
        """The unionid of a follower of the service account; None when the person does not follow.

        Raises Refused `platform_unavailable`.
        """
        try:
            return self._service_account.user_info(openid).unionid
        except PlatformError as error:
            self._alarm.tell(error)
            raise _unavailable() from None
        except SendUnknown:
            raise _unavailable() from None

    def check_text(self, openid: str, text: str, scene: int = 2) -> Verdict:
        """What the platform suggests about a text, or `unchecked`; never raises."""
        try:
            with self._place():
                return Verdict(self._mini_program.check_text(openid, text, scene))
        except Refused:  # no place
            return Verdict.UNCHECKED
        except PlatformError as error:
            self._alarm.tell(error)
            return Verdict.UNCHECKED
        except SendUnknown:
            return Verdict.UNCHECKED

    def phone_number(self, code: str) -> str:
        """The number behind a phone code; Refused `phone_code_invalid`, `platform_unavailable`."""
        try:
            with self._place():
                return self._mini_program.phone_number(code)
        except PlatformError as error:
            if error.reaction is Reaction.RELOGIN:
                message = "手机号凭证无效或已用过，请重新点击获取手机号，或手工填写。"
                raise refuse("phone_code_invalid", message, "code") from None
            self._alarm.tell(error)
            raise _unavailable() from None
        except SendUnknown:
            raise _unavailable() from None

    def mini_code(self, scene: str, page: str, width: int) -> bytes:
        """The picture of a code; Refused `scene_invalid`, `platform_unavailable`."""
        if not SCENE.fullmatch(scene):
            message = "小程序码的参数应为 1 至 32 个字母、数字或允许的符号。"
            raise refuse("scene_invalid", message, "scene")
        try:
            return self._mini_program.code_picture(scene, page, width)
        except PlatformError as error:
            self._alarm.tell(error)
            raise _unavailable() from None
        except SendUnknown:
            raise _unavailable() from None

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=PLACE_SECONDS):
            raise _unavailable()
        try:
            yield
        finally:
            self._places.release()


def _unavailable() -> Refused:
    message = "微信暂时没有响应，请稍后再试。"
    return refuse("platform_unavailable", message, kind="unavailable")
