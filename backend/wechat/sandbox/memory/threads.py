"""How many requests the emulator works on at once: every pool of connections is as large."""

THREADS = 128  # each call may be told to take its time
