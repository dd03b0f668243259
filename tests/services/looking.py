"""Looking at a case after something was done to it."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.calendar import SHANGHAI
from backend.domain.errors import Refused
from backend.services import ledger
from backend.services.context import Actor
from backend.services.outbox import write
from backend.store.ledger import Account, Hold
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.notices import Notice, Objection
from backend.store.people import AccessGrant, Person
from backend.store.purchases import Cover, Purchase, Transition
from backend.store.registry import Building, Household, Lift, Owner, Unit
from tests.village import Village
