"""What services ask of the platform while a person waits, answered by wechatpy's clients."""

from backend.domain.errors import Refused, refuse
from backend.services.context import MiniProgramLogin
from backend.wechat.client import MiniProgram, ServiceAccount
from backend.wechat.reactions import PlatformError, Reaction, SendUnknown


class WeChatPlatform:
    """Implements `backend.services.context.Platform`."""

    def __init__(self, mini_program: MiniProgram, service_account: ServiceAccount) -> None:
        self._mini_program = mini_program
        self._service_account = service_account
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
        except (PlatformError, SendUnknown):
            raise _unavailable() from None


def _unavailable() -> Refused:
    message = "微信暂时没有响应，请稍后再试。"
    return refuse("platform_unavailable", message, kind="unavailable")
