import pytest
from backend.services import orders
from tests.services.test_purchase_machine import *
import tests.services.test_purchase_machine as m

def test_mut(databases, postgres_port, ctx, clock, tmp_path, monkeypatch):
    import backend.services.limits as limits
    monkeypatch.setattr(limits, "pause_publicity", lambda tx, purchase: None)
    with pytest.raises(AssertionError):
        m.test_generated_histories_keep_to_the_rules(databases, postgres_port, ctx, clock, tmp_path)

def test_mut2(databases, postgres_port, ctx, clock, tmp_path, monkeypatch):
    import backend.services.objections as o
    monkeypatch.setattr(o, "is_final", lambda *a: False)
    m.test_generated_histories_keep_to_the_rules(databases, postgres_port, ctx, clock, tmp_path)
