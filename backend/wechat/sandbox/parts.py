"""The parts of the emulator, handed to every endpoint."""

from dataclasses import dataclass

from backend.clock import Clock, SettableClock
from backend.config import Settings
from backend.wechat.sandbox.callbacks.pusher import Pusher
from backend.wechat.sandbox.memory.credentials import OneUseCodes, PhoneShown, Tokens
from backend.wechat.sandbox.memory.faults import Faults
from backend.wechat.sandbox.memory.sends import RecentSends
from backend.wechat.sandbox.memory.state import State


@dataclass(frozen=True)
class SandboxParts:
    """One emulator. `settable` is None when no clock file is configured."""

    settings: Settings
    clock: Clock
    settable: SettableClock | None
    state: State
    tokens: Tokens
    codes: OneUseCodes[str]
    phone_codes: OneUseCodes[PhoneShown]
    faults: Faults
    sends: RecentSends
    pusher: Pusher
    mini_pusher: Pusher
