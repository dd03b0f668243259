import time
from decimal import Decimal
from tests.services.test_registry_import import *
def test_perf(ctx):
    t=time.time(); r=run(ctx, REGISTRY_FILE.read_bytes()); print("demo registry first", time.time()-t)
    t=time.time(); r=run(ctx, REGISTRY_FILE.read_bytes()); print("again", time.time()-t, r.changes)
    from backend.services.balances_import import import_balances
    t=time.time(); r=import_balances(ctx, BALANCES_FILE.read_bytes(), False); print("balances", time.time()-t, r.changes)
    rows=small_rows(); rows["小区"][0][0]="TEST-09"
    rows["楼栋单元"]=[[f"{b}栋","1单元"] for b in range(200)]
    rows["房屋业主"]=[[f"{b}栋","1单元",f"{n}",Decimal("89.35"),f"张示{n}","19900000001"] for b in range(200) for n in range(100)]
    rows["电梯"]=[[f"BIG{b:07d}",f"{b}栋","1单元","1号梯",None,"2015-01-01",None,None,None] for b in range(200)]
    c=workbook(rows)
    t=time.time(); r=run(ctx,c); print("20000 households", len(c), time.time()-t, r.lines()[:3])
