"""One case on its way, in a village whose names are as long as they get and whose offices have
something in every drawer: what every page of the desk is looked at with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from uuid import UUID, uuid4

from sqlalchemy import select, update

from backend.domain.imports import ImportKind
from backend.domain.letters import Given, How
from backend.domain.local_time import SHANGHAI
from backend.domain.refund import RefundKind
from backend.domain.roles import Role
from backend.services.batches import answers, batches
from backend.services.income import locking
from backend.services.messages import inbox
from backend.services.ordered import orders
from backend.services.people import desk_accounts, invitations, lockouts
from backend.services.people.grants import Granted
from backend.services.purchase.approvals import MemberAnswer, answer
from backend.services.purchase.case_letters import read_letters
from backend.services.registry import insurers
from backend.services.workbooks import imports
from backend.services.workbooks.import_work import Compared
from backend.store.clauses import FiledClause
from backend.store.messages import Inbox, Outbox
from backend.store.people import AccessGrant, RectificationRequest
from backend.store.proposals import PayeeChange, Succession
from backend.store.purchases import Payment, Purchase
from backend.store.registry import Estate, Insurer, Lift, Unit
from tests.build.bank_statements import FIRST, PAID_ON, BankDesk
from tests.build.banks import statement
from tests.build.fund import SHARED, WORKED, Fund
from tests.build.fund_files import brought, place, written
from tests.build.objecting import dismissed, object_to
from tests.build.on_paper import entered
from tests.build.players import Players, appoint, change
from tests.build.premiums import DUE_FEN
from tests.build.village import Village, called, sign_in
from tests.build.workbooks import PAPER, registry_file, registry_rows

ESTATE = ("乾州新区金鸡岭棚户区改造安置住宅小区" * 3)[:38]
INSURER = "中国人民财产保险股份有限公司湘西土家族苗族自治州分公司"
LIFT = "北侧消防兼无障碍担架电梯（1号）"


@dataclass
class Moments:
    """`known` is what addresses name, and grows as the case moves on."""

    players: Players
    known: dict[str, str] = field(default_factory=dict)

    @property
    def village(self) -> Village:
        return self.players.village

    def all(self) -> Iterator[str]:
        """Each moment by its name, once it has come."""
        self._settle()
        yield "drafted"
        yield from self._to_the_notice()
        self._fill_the_drawers()
        yield "posted"
        yield from self._to_the_policy()

    def _settle(self) -> None:
        village, known = self.village, self.known
        ctx = village.ctx
        change(ctx, update(Estate).values(name=ESTATE))
        change(ctx, update(Insurer).values(name=INSURER))
        change(ctx, update(Lift).values(name=LIFT))
        appoint(village, "stranger", "administrator")
        village.people["administrator"] = village.actor("stranger")
        with ctx.sessions() as tx:
            sign_in(tx, village, "administrator")
            tx.commit()
        appoint(village, "auditor", "clerk")
        self._letters()
        self.case = village.drafted().id
        with ctx.sessions() as tx:
            known |= {
                "case": str(self.case),
                "number": tx.get_one(Purchase, self.case).number,
                "estate": str(village.estate),
                "insurer": str(village.insurer),
                "lift": str(village.lifts[0]),
                "building": str(tx.get_one(Unit, village.units[0]).building_id),
                "clerk": str(village.actor("clerk").person_id),
                "auditor": str(village.actor("auditor").person_id),
            }

    def _letters(self) -> None:
        """Owners on paper whose case is over: one letter was given to them, one is printed."""
        village, clerk = self.village, self.village.clerk
        of_owners = village.person("auditor").applies(entered(village).id).id
        clerk.prints_letter(of_owners)
        (letter,) = read_letters(village.ctx, clerk.actor, of_owners).items
        slip = Given(How.BY_POST, village.clock().date(), village.upload("clerk"))
        clerk.delivers_letter(of_owners, letter.id, slip)
        clerk.rejects(of_owners, "不在实施范围")
        clerk.prints_letter(of_owners)
        waits, given = read_letters(village.ctx, clerk.actor, of_owners).items
        self.known |= {"of_owners": str(of_owners), "waits": str(waits.id), "given": str(given.id)}

    def _to_the_notice(self) -> Iterator[str]:
        village, ctx = self.village, self.village.ctx
        village.manager.applies(self.case, village.upload("manager"))
        village.clerk.queries_funds(self.case, "物业管理和维保正常")
        yield "queried"
        for lift in village.lifts:
            village.person("insurer").surveys(self.case, lift, "passed", "运行平稳")
        yield "surveyed"
        plan = village.person("insurer").submits_plan(self.case, village.terms()).plan_id
        assert plan
        self._paper(plan)
        yield "planned"
        for name in ("member0", "member1"):
            answer(ctx, village.actor(name).person_id, plan, MemberAnswer("approve", None, "chat"))
        self.notice = village.manager.drafts_notice(self.case).id
        village.photograph(self.notice, "start")
        yield "running"

    def _to_the_policy(self) -> Iterator[str]:
        village, ctx = self.village, self.village.ctx
        for objection in (self.known["objection"], self.known["other_objection"]):
            dismissed(village, UUID(objection), "比选记录在收件处可查。")
        village.clock.set(datetime(2025, 3, 11, 9, tzinfo=SHANGHAI))
        village.photograph(self.notice, "end")
        village.clerk.clears(self.case, "未收到纸质异议")
        village.reviewer.registers(self.case)
        yield "registered"
        village.manager.signs_contract(self.case, village.contract())
        village.manager.adds_invoice(self.case, village.invoice())
        village.manager.requests_payment(self.case)
        village.reviewer.reviews_payment(self.case)
        yield "due"
        batch, cashier = uuid4(), village.actor("cashier")
        batches.make(ctx, cashier, batch, [self.case], village.bank)
        self.known["batch"] = str(batch)
        yield "batched"
        batches.submit(ctx, cashier, batch)
        with ctx.sessions() as tx:
            number = tx.scalars(select(Payment.number)).one()
        lines = [("R1", DUE_FEN + 1, number, "成功"), ("R2", DUE_FEN, number, "失败")]
        answers.take(ctx, cashier, batch, "对账单.xlsx", BytesIO(statement(lines)))
        yield "answered"
        village.cashier.confirms_payment(self.case, "BANK-1", village.upload("cashier"))
        paid = (PAID_ON, -DUE_FEN, "BANK-1", f"{number} 电梯维修保险费")
        twice, fee = (PAID_ON, -DUE_FEN, "BANK-2", number), (PAID_ON, -500, "BANK-3", "手续费")
        statement_id = BankDesk(village).takes([paid, twice, fee], (FIRST, PAID_ON)).id
        self.known |= {"statement": str(statement_id), "bank": str(village.bank)}
        yield "paid"
        village.person("insurer").issues_policy(self.case, village.policy())
        yield "insured"
        receipt = village.upload("cashier")
        village.cashier.proposes_refund(self.case, RefundKind.GIVE_BACK, 10_000, receipt, "退差额")
        yield "refund"

    def _fill_the_drawers(self) -> None:
        self._words()
        self._proposals()
        self._income()
        self._people()
        self._messages_and_files()

    def _words(self) -> None:
        for key, who in (("objection", "owner0"), ("other_objection", "owner1")):
            made = object_to(self.village, self.notice, who=who, publish=True)
            self.known[key] = str(made.id)
        text = {"what": "房屋", "text": "门牌写错了"}
        self.players.did("owner1", "/me/rectification-requests", text, 201)
        with self.village.ctx.sessions() as tx:
            self.known["request"] = str(tx.scalars(select(RectificationRequest.id)).one())

    def _proposals(self) -> None:
        village, players = self.village, self.players
        letter = {"file_sha256": players.upload("clerk"), "reason": "原账户已销户"}
        account = {"bank_name": "示例银行", "bank_account": "6222000000000009"}
        path = f"/insurers/{village.insurer}/payee-changes"
        players.did("clerk", path, {**letter, **account}, 201)
        merged = {"name": "示例集团", "file_sha256": players.upload("clerk"), "reason": "吸收合并"}
        players.did("clerk", f"/estates/{village.estate}/succession", merged, 201)
        paper, today = village.upload("clerk"), village.clock().date()
        clause = {"name": "电梯维修保险条款（2024版）", "number": "备1", "file_sha256": paper}
        clerk, ctx = village.actor("clerk"), village.ctx
        insurers.add_clause(ctx, clerk, village.insurer, filed_on=today, **clause)
        with ctx.sessions() as tx:
            self.known["clause"] = str(tx.scalars(select(FiledClause.id)).one())
            self.known["payee_change"] = str(tx.scalars(select(PayeeChange.id)).one())
            self.known["succession"] = str(tx.scalars(select(Succession.id)).one())

    def _paper(self, plan: UUID) -> None:
        """Minutes that the clerk entered, for another clerk to compare."""
        village, players = self.village, self.players
        said = [{"name": called("陈样", 0), "answer": "approve"}]
        paper = {"file_sha256": players.upload("clerk")}
        paper |= {"received_at": village.clock().isoformat()}
        held = {"held_on": village.clock().date().isoformat(), "answers": said}
        entered = players.did("clerk", f"/plans/{plan}/minutes", held | paper, 201)
        self.known["paper"] = entered["id"]

    def _income(self) -> None:
        """A year closed, the next one's preview; interest that waits, and some below the statutory
        one; a deposit that ended without any."""
        fund, known = Fund(self.village), self.known
        fund.holds(WORKED)
        fund.owes_of_before(2_635_802)
        first = fund.earned(actual_fen=3_426_542)
        fund.closed()
        fund.spends("A", SHARED["A"])
        fund.moved("A", -20_400_000, date(2024, 7, 3))
        fund.closed()
        low = fund.deposit(number="CD-2024-0007", rate=Decimal("0.0095"))
        short = fund.confirmed(
            fund.paid(low.id, until_on=date(2025, 1, 1), actual_fen=3_283_949).id
        )
        known |= {"short": str(short.id), "owing": str(fund.pools["A"])}
        known["decision"] = str(fund.decided(fund.pools["A"]).id)
        rest = fund.paid(first.deposit_id, until_on=date(2025, 1, 1), actual_fen=3_314_320)
        known |= {"deposit": str(first.deposit_id), "interest": str(rest.id)}
        known["fresh_deposit"] = str(fund.deposit(number="CD-2025-0001", months=0).id)
        third = fund.paid(UUID(known["fresh_deposit"]), actual_fen=900_000)
        fund.confirmed(third.id)
        known["booked"] = str(third.id)
        known["undo"] = str(fund.undo_asked(third.id).id)
        clerk, ended = self.village.actor("clerk"), date(2024, 1, 31)
        asked = locking.ask(self.village.ctx, clerk, ended, "对完账")
        known["period_lock"] = str(asked.id)
        known["pool"] = str(self.village.pool)
        paid = ["R-1", *place(fund, "B"), "2025-03-01", "交存", "1.00"]
        assert not brought(fund, written("分户明细", [paid])).faults
        known["agreement"] = str(fund.agreed().id)
        known["past"] = str(fund.past_entered(2_000_000, 635_802).id)
        known["transfer"] = str(fund.moves(fund.other_bank()).id)
        known["close"] = str(fund.previewed().id)

    def _people(self) -> None:
        village, known, ctx = self.village, self.known, self.village.ctx
        keeper = village.actor("administrator")
        known["invitation"] = str(invitations.invite(ctx, keeper, "新同事", Granted(Role.REVIEWER)))
        known["lifted"] = str(desk_accounts.invite(ctx, keeper, "无微信", Granted(Role.REVIEWER)))
        out = village.actor("supervisor").person_id
        lockouts.lock_out(ctx, keeper, out, "手机丢了")
        known["kept_out"] = str(out)
        theirs = AccessGrant.person_id == village.actor("clerk").person_id
        with ctx.sessions() as tx:
            known["clerks_right"] = str(tx.scalars(select(AccessGrant.id).where(theirs)).one())

    def _messages_and_files(self) -> None:
        village, known, ctx = self.village, self.known, self.village.ctx
        with ctx.sessions() as tx:
            row = tx.scalars(
                select(Outbox).where(Outbox.natural_key.startswith("progress/"))
            ).first()
        assert row is not None
        change(
            ctx,
            update(Outbox).where(Outbox.id == row.id).values(state="failed", outcome="unreachable"),
        )
        known["message"] = str(row.id)
        body = '{"kind": "event", "event": "subscribe", "text": "我是冯样零"}'
        known["callback"] = str(inbox.receive(ctx, ctx.platform.mini_appid, "once", body))
        change(ctx, update(Inbox).values(state="dead", attempts=7, error="KeyError"))
        clerk, rows = village.actor("clerk"), registry_rows()
        for key, more in (
            ("right", []),
            ("faulty", [["1栋", "1单元", "801", "一百", "业主乙先生", ""]]),
        ):
            rows["房屋业主"] += more
            file = BytesIO(registry_file(rows))
            given = Compared(True, PAPER)
            handed = imports.hand_in(ctx, clerk, ImportKind.REGISTRY, "小区台账.xlsx", file, given)
            known[key] = str(handed.id)
        orders.order_case_file(ctx, clerk, self.case)
        orders.order_list(ctx, clerk, "cases", {})
        cards = {"estate_id": str(village.estate), "kinds": ["cab_card"]}
        self.players.did("manager", "/print-orders", cards, 201)
