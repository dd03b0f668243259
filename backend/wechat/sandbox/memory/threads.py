"""How many calls the emulator's pools of connections hold: each may be told to take its time."""

THREADS = 128
