"""Stands at the edge where services ask the platform, for tests that never do."""

from backend.domain.objection import Verdict
from backend.services.base.context import MiniProgramLogin


class NoPlatform:
    """Fails whatever it is asked; a test that asks something overrides just that."""

    mini_appid = "wx-mini"
    service_appid = "wx-service"

    def login(self, code: str) -> MiniProgramLogin:
        raise AssertionError(code)

    def unionid(self, openid: str) -> str | None:
        raise AssertionError(openid)

    def check_text(self, openid: str, text: str, scene: int = 2) -> Verdict:
        raise AssertionError(openid)

    def phone_number(self, code: str) -> str:
        raise AssertionError(code)

    def mini_code(self, scene: str, page: str, width: int) -> bytes:
        raise AssertionError(scene)
