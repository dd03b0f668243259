"""Telling the operator that our account is set up wrongly: once a day, however much fails."""

from datetime import datetime, timedelta
from threading import Lock

from backend.clock import system_clock
from backend.seldom import logger_of
from backend.wechat.reactions import PlatformError, Reaction

logger = logger_of(__name__)

GONE_AFTER = timedelta(hours=2)  # longer than any pause between the tries of a message
TOLD_AGAIN_AFTER = timedelta(days=1)  # a log of yesterday is not read today


class OperatorAlarm:
    """Writes one error to the log for each cause; again a day later, or once it was gone."""

    def __init__(self) -> None:
        self._met: dict[str, datetime] = {}
        self._told: dict[str, datetime] = {}
        self._lock = Lock()

    def tell(self, error: PlatformError) -> None:
        """Nothing for errors that are not the operator's. Real time."""
        if error.reaction is not Reaction.OPERATOR:
            return
        now = system_clock()
        with self._lock:
            last, at = self._met.get(error.reason), self._told.get(error.reason)
            self._met[error.reason] = now
            known = last and now - last <= GONE_AFTER and at and now - at < TOLD_AGAIN_AFTER
            if not known:
                self._told[error.reason] = now
        if not known:
            logger.error(
                "our account on the platform is set up wrongly: %s, rid %s;"
                " what fails for it waits until that is mended",
                error.reason,
                error.rid,
                extra={"kind": error.reason},
            )
