from collections import Counter
from datetime import datetime
from sqlalchemy import event
from backend.domain.calendar import SHANGHAI
from backend.services import purchases
from backend.services import (applications, approvals, notices, payments, plans, policies, registrations)
from tests.village import Village

def test_measure(village: Village) -> None:
    engine = village.ctx.sessions.kw["bind"]
    seen = []
    event.listen(engine, "before_cursor_execute", lambda c, cur, st, p, ctx, many: seen.append(st.split(" FROM ")[-1][:40] if st.startswith("SELECT") else st[:40]))
    orig = purchases.advance
    out = []
    def counted(tx, ctx, purchase, action, *a, **k):
        n = len(seen); t = __import__("time").perf_counter()
        r = orig(tx, ctx, purchase, action, *a, **k)
        out.append((action, len(seen) - n, round(1000*(__import__("time").perf_counter()-t),1), Counter(seen[n:]).most_common(40)))
        return r
    for m in (purchases, applications, approvals, notices, payments, plans, policies, registrations):
        if hasattr(m, "advance"): m.advance = counted
    try:
        p = village.insured()
        village.clock.set(datetime(2025, 4, 1, 0, 1, tzinfo=SHANGHAI))
        purchases.sweep(village.ctx)
    finally:
        for m in (purchases, applications, approvals, notices, payments, plans, policies, registrations):
            if hasattr(m, "advance"): m.advance = orig
    for o in out: print(o[0], o[1], o[2], "ms")
    for o in out:
        if o[0] in ("publicise", "request_payment"): print(o)
    print(len(seen))
