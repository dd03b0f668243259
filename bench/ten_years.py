"""Years of a large city's rows, invented by SQL: what has been booked, told, linked and objected to
since long before the demo's January, and what of the last weeks is kept in real time.

A case of the past is: its steps, three entries of two lines, `TOLD_OF_A_CASE` messages (their words
gone after three years, as retention leaves them), `LINKS_OF_A_CASE` links, and in one of
twenty a notice with an objection. Every pooled account got interest once a year. Hashes and sealed
words are random, balances are not moved: books and chain of such a city do not hold.
"""

from sqlalchemy import Connection, text

TOLD_OF_A_CASE = 20
LINKS_OF_A_CASE = 10  # of some forty: a quarter, since nothing reads more than the newest
STEPS_OF_A_CASE = 9
MESSAGES_KEPT_YEARS = 3
BEGINS = "2025-01-01 00:00+08"  # when the demo's January begins

# Ids of a moment are in its order, as those that programs make.
PAST = """
CREATE TEMPORARY TABLE past_case AS
SELECT n, uuidv7(at - now()) AS id, at, booked_on, template.id AS template_id,
    account.id AS account_id, clerk.id AS person_id
FROM (
    SELECT n, at, (at AT TIME ZONE 'Asia/Shanghai')::date AS booked_on
    FROM generate_series(0, :cases - 1) AS n
    CROSS JOIN LATERAL (
        SELECT CAST(:begins AS timestamptz)
            - make_interval(days => 365 * :years) * (1 - n::float8 / :cases) AS at
    ) AS moment
) AS told
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS all_of_them
      FROM account WHERE kind = 'pooled_income') AS account
    ON account.place = n % account.all_of_them
CROSS JOIN (SELECT id FROM purchase WHERE state = 'in_force' ORDER BY id LIMIT 1) AS template
CROSS JOIN (SELECT person_id AS id FROM access_grant WHERE role = 'clerk' ORDER BY id LIMIT 1)
    AS clerk
"""
CASES = """
INSERT INTO purchase (id, number, route, state, version, profile_version, estate_id, applicant,
    applied_by, insurer_id, started_at, updated_at)
SELECT past_case.id, 'PAST-' || n, route, 'expired', version, profile_version, estate_id,
    applicant, applied_by, insurer_id, at, at
FROM past_case JOIN purchase ON purchase.id = template_id
"""
STEPS = """
INSERT INTO transition (id, subject_kind, subject_id, seq, action, from_state, to_state, actor_id,
    role, at, evidence)
SELECT uuidv7(at - now()), 'purchase', id, seq, 'survey', 'applied', 'surveyed', person_id,
    'clerk', at, '[]'
FROM past_case CROSS JOIN generate_series(1, :steps) AS seq
"""
# Three entries, of which each moves the premium on by an account.
WAYS = """
CREATE TEMPORARY TABLE way AS
SELECT * FROM (VALUES (1, 'premium_due', NULL, 'held_premium'),
    (2, 'payment_ordered', 'held_premium', 'insurer_payable'),
    (3, 'payment_confirmed', 'insurer_payable', 'bank')) AS way (nth, kind, one, other);
CREATE TEMPORARY TABLE past_entry AS
SELECT uuidv7(at - now()) AS id, way.kind || ':' || past_case.id AS natural_key, way.kind,
    booked_on, at, past_case.id AS purchase_id, 2 AS lines,
    coalesce(one.id, account_id) AS one, other.id AS other
FROM past_case CROSS JOIN way
LEFT JOIN (SELECT kind, min(id::text)::uuid AS id FROM account GROUP BY kind) AS one
    ON one.kind = way.one
JOIN (SELECT kind, min(id::text)::uuid AS id FROM account GROUP BY kind) AS other
    ON other.kind = way.other
ORDER BY n;
INSERT INTO past_entry
SELECT uuidv7(at - now()), 'interest:' || account.id || ':' || ago, 'interest',
    (at AT TIME ZONE 'Asia/Shanghai')::date, at, NULL, 2, bank.id, account.id
FROM generate_series(1, :years) AS ago
CROSS JOIN LATERAL (
    SELECT CAST(:begins AS timestamptz) - make_interval(years => ago) + interval '170 days' AS at
) AS moment
CROSS JOIN (SELECT min(id::text)::uuid AS id FROM account WHERE kind = 'bank') AS bank
CROSS JOIN (SELECT id FROM account WHERE kind = 'pooled_income') AS account
ORDER BY ago DESC
"""
ENTRIES = """
INSERT INTO entry (id, natural_key, kind, booked_on, subject_kind, subject_id, memo, lines,
    created_at)
SELECT id, natural_key, kind, booked_on, CASE WHEN purchase_id IS NULL THEN NULL ELSE 'purchase'
    END, purchase_id, '', lines, at
FROM past_entry ORDER BY at;
INSERT INTO posting (id, entry_id, account_id, amount_fen, booked_on)
SELECT uuidv7(at - now()), id, account_id, amount_fen, booked_on
FROM past_entry CROSS JOIN LATERAL (VALUES (one, 100), (other, -100)) AS line (account_id,
    amount_fen)
ORDER BY at;
INSERT INTO account_year (account_id, year, moved_fen)
SELECT account_id, extract(year FROM booked_on), sum(amount_fen) FROM posting
GROUP BY 1, 2
ON CONFLICT (account_id, year) DO UPDATE SET moved_fen = excluded.moved_fen
"""
MESSAGES = """
INSERT INTO outbox (id, natural_key, person_id, role, channel, template, data, subject_kind,
    subject_id, written_at, state, attempts, try_at, first_tried_at, msgid, settled_at)
SELECT uuidv7(at - now()), 'progress/' || id || '/' || nth || '/' || person_id, person_id,
    'clerk', 'template', 'purchase_progress',
    CASE WHEN at < CAST(:begins AS timestamptz) - make_interval(years => :kept) THEN '{}' ELSE
        jsonb_build_object('at', '2024年1月2日 09:00', 'next', '中心受理并查询资金', 'page',
        'pages/mine/mine', 'state', '已申请', 'estate', '示例花园（虚构） 5栋 · 4台', 'number', n)
    END,
    'purchase', id, at, 'sent', 1, at, at, 'msg-' || n || '-' || nth, at
FROM past_case CROSS JOIN generate_series(1, :told) AS nth ORDER BY n
"""
LINKS = """
INSERT INTO audit_entry (id, version, at, actor_id, action, subject_kind, subject_id, body, seq,
    previous_hash, hash)
SELECT uuidv7(at - now()), 1, at, person_id, 'purchase.survey', 'purchase', past_case.id::text,
    convert_to(repeat('x', 330), 'UTF8'),
    -((:cases - n)::bigint * :links) + nth, sha256(int8send(n) || int4send(nth)),
    sha256(int8send(n) || int4send(nth + 1000))
FROM past_case CROSS JOIN generate_series(0, :links - 1) AS nth ORDER BY n
"""
OBJECTIONS = """
CREATE TEMPORARY TABLE past_notice AS
SELECT past_case.*, uuidv7(at - now()) AS notice_id FROM past_case WHERE n % 20 = 0;
INSERT INTO public_notice (id, number, purchase_id, plan_id, content, content_hash, places, state,
    drafted_at, starts_on, ends_on, ends_before, provisional, explanation)
SELECT notice_id, 'GS-PAST-' || n, id, id, '{}', '', '[]', 'ended', at, booked_on,
    booked_on + 7, at + interval '7 days', false, '[]'
FROM past_notice;
INSERT INTO objection (id, number, notice_id, source, kind, text_sealed, received_at, entered_by,
    entered_at, status, publication, words_ended_at)
SELECT uuidv7(at - now()), 'YY-PAST-' || n, notice_id, 'paper', 'other', sha256(int8send(n)), at,
    person_id, at, 'inadmissible', 'private',
    CASE WHEN at < CAST(:begins AS timestamptz) - make_interval(years => :kept) THEN at END
FROM past_notice
"""
# In real time: thirty days of callbacks, a week of answers and sessions, an hour of each over.
OF_NOW = """
INSERT INTO inbox (id, appid, dedupe_key, body_sealed, received_at, try_at, state, attempts,
    done_at)
SELECT uuidv7(at - now()), 'wx', 'past-' || n, sha256(int8send(n)) || sha256(int8send(n)), at, at,
    'done', 1, at
FROM (SELECT n, now() - interval '30 days 1 hour' * (n::float8 / (:cases_a_day * 73)) AS at
      FROM generate_series(:cases_a_day * 73, 1, -1) AS n) AS told;
INSERT INTO idempotency_key (id, person_id, key, request_hash, status, body, created_at)
SELECT uuidv7(at - now()), person.id, 'past-' || n, sha256(int8send(n)), 201,
    jsonb_build_object('rights', '[]'::jsonb, 'sealed', repeat(md5(n::text), 20)), at
FROM (SELECT n, now() - interval '7 days 1 hour' * (n::float8 / (:cases_a_day * 365)) AS at
      FROM generate_series(:cases_a_day * 365, 1, -1) AS n) AS told
CROSS JOIN (SELECT id FROM person ORDER BY id LIMIT 1) AS person;
INSERT INTO login_session (token_hash, person_id, created_at, expires_at)
SELECT sha256(int8send(n)), person.id, at - interval '7 days', at
FROM (SELECT n, now() + interval '7 days' - interval '7 days 1 hour'
          * (n::float8 / (:cases_a_day * 180)) AS at
      FROM generate_series(:cases_a_day * 180, 1, -1) AS n) AS told
CROSS JOIN (SELECT id FROM person ORDER BY id LIMIT 1) AS person
"""
TOLD = (PAST, CASES, STEPS, WAYS, ENTRIES, MESSAGES, LINKS, OBJECTIONS, OF_NOW)


def tell_years(tx: Connection, years: int, cases_a_year: int) -> None:
    """Add so many years of so many cases. Needs a server that runs `WHILE_COPYING`."""
    numbers = {
        "years": years,
        "cases": years * cases_a_year,
        "cases_a_day": max(1, cases_a_year // 365),
        "begins": BEGINS,
        "steps": STEPS_OF_A_CASE,
        "links": LINKS_OF_A_CASE,
        "told": TOLD_OF_A_CASE,
        "kept": MESSAGES_KEPT_YEARS,
    }
    for script in TOLD:
        for words in script.split(";"):
            tx.execute(text(words), numbers)
