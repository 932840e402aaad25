"""The SQL that makes the reports of a month: one statement a table, however many organisations there are.

`feedback_fact` holds one row a person with the organisations where it was, is, and asks to be; `feedback_flow` the
movement between every unit and community; `feedback_new` the reports being made. All three end with the transaction.
A person's moves are those of the statistics (docs/statistics.md), so the figures of both are the same.
"""

from checkin.feedback.models import FeedbackLine, FeedbackMatter, FeedbackReport
from checkin.record.models import CheckIn
from communities.organisations.models import Organisation
from huifeng.rowscope.views import RESTRICTED
from members.people.models import Death, Retiree

REPORT, LINE = FeedbackReport._meta.db_table, FeedbackLine._meta.db_table
MATTER, ORGANISATION = FeedbackMatter._meta.db_table, Organisation._meta.db_table
PERSON, CHECKIN, DEATH = Retiree._meta.db_table, CheckIn._meta.db_table, Death._meta.db_table

FIGURES = ("opening", "new", "moved_in", "moved_out", "died", "withdrawn", "closing")
MOVED = "f.was_in AND f.checked_in AND f.to_id IS DISTINCT FROM f.from_id"

# Communities outside the city have no place: whose check-in was there, and when.
FACTS = f"""
CREATE TEMP TABLE feedback_fact ON COMMIT DROP AS
WITH outside AS MATERIALIZED (
    SELECT c.id, c.retiree_id, c.community_id, c.confirmed_at, c.ended_at
    FROM {CHECKIN} c JOIN {ORGANISATION} o ON o.id = c.community_id AND o.kind = 'external_community'
    WHERE c.confirmed_at < %(end)s
)
SELECT f.retiree_id, f.unit_id, f.was_in, f.checked_in, f.came, f.gone, f.pending, f.overdue, f.age, f.checkin_id,
    CASE WHEN f.checked_in OR f.came <> '' THEN coalesce(xt.community_id, pt.id) END AS to_id,
    CASE WHEN f.was_in OR f.gone <> '' THEN coalesce(xf.community_id, pf.id) END AS from_id,
    CASE WHEN f.pending <> '' THEN pa.id END AS asked_id
FROM (%(relation)s) AS f
LEFT JOIN outside xt ON xt.id = f.checkin_id
LEFT JOIN LATERAL (
    SELECT x.community_id FROM outside x
    WHERE x.retiree_id = f.retiree_id AND CASE WHEN f.was_in
        THEN x.confirmed_at < %(start)s AND (x.ended_at IS NULL OR x.ended_at >= %(start)s)
        ELSE x.id = f.checkin_id END
    ORDER BY x.id DESC LIMIT 1
) xf ON true
LEFT JOIN {ORGANISATION} pt ON pt.kind = 'community' AND pt.division_id = f.place
LEFT JOIN {ORGANISATION} pf ON pf.kind = 'community' AND pf.division_id = f.from_place
LEFT JOIN {ORGANISATION} pa ON pa.kind = 'community' AND pa.division_id = f.asked_place
WHERE f.was_in OR f.checked_in OR f.came <> '' OR f.gone <> '' OR f.pending <> ''
"""  # noqa: S608 -- names of tables

FLOWS = f"""
CREATE TEMP TABLE feedback_flow ON COMMIT DROP AS
SELECT unit_id, community_id, {", ".join(f"sum({figure})::int AS {figure}" for figure in FIGURES)}
FROM (
    SELECT f.unit_id, f.to_id AS community_id, 0 AS opening, (f.came = 'new')::int AS new,
        (f.came = 'restored' OR ({MOVED}))::int AS moved_in, 0 AS moved_out, 0 AS died, 0 AS withdrawn,
        f.checked_in::int AS closing
    FROM feedback_fact f WHERE f.checked_in OR f.came <> ''
    UNION ALL
    SELECT f.unit_id, f.from_id, f.was_in::int, 0, 0, ({MOVED})::int, (f.gone = 'died')::int,
        (f.gone IN ('withdrawn', 'other', 'undone', 'excluded'))::int, 0
    FROM feedback_fact f WHERE f.was_in OR f.gone <> ''
) AS moves
GROUP BY unit_id, community_id
"""  # noqa: S608 -- names of tables

NEW = """
CREATE TEMP TABLE feedback_new (report_id bigint PRIMARY KEY, organisation_id bigint, side varchar(10)) ON COMMIT DROP
"""

# Who is told of whom: each person once for the unit, once for every community it was, is or asks to be in.
CONCERNED = """
    SELECT 'unit' AS side, f.unit_id AS organisation_id, f.retiree_id FROM feedback_fact f WHERE f.unit_id IS NOT NULL
    UNION
    SELECT 'community', o.id, f.retiree_id
    FROM feedback_fact f CROSS JOIN LATERAL (VALUES (f.to_id), (f.from_id), (f.asked_id)) AS o (id)
    WHERE o.id IS NOT NULL
"""

EXPECTED = f"SELECT count(DISTINCT (side, organisation_id)) FROM ({CONCERNED}) AS c"  # noqa: S608

# Whoever took the place of an organisation that is closed answers for it: the successor, else the one above.
REPORTS = f"""
WITH RECURSIVE ways (id, heir, step) AS (
    SELECT id, coalesce(successor_id, parent_id, id), 0 FROM {ORGANISATION} WHERE closed_on IS NOT NULL
    UNION ALL
    SELECT w.id, coalesce(o.successor_id, o.parent_id), w.step + 1 FROM ways w JOIN {ORGANISATION} o ON o.id = w.heir
    WHERE o.closed_on IS NOT NULL AND coalesce(o.successor_id, o.parent_id) IS NOT NULL AND w.step < 50
),
heirs AS (SELECT DISTINCT ON (id) id, heir FROM ways ORDER BY id, step DESC),
wanted AS (
    SELECT c.side, o.id, o.code, coalesce(h.heir, o.id) AS receiver_id
    FROM (SELECT DISTINCT side, organisation_id FROM ({CONCERNED}) AS w) c
    JOIN {ORGANISATION} o ON o.id = c.organisation_id
    LEFT JOIN heirs h ON h.id = o.id
    WHERE NOT EXISTS (SELECT FROM {REPORT} r
        WHERE r.organisation_id = o.id AND r.side = c.side AND r.month = %(month)s)
),
made AS (
    INSERT INTO {REPORT} (organisation_id, receiver_id, place, side, month, version, reason, number, state, content,
        sha256, generated_at, received_by, reply, reply_words, answered_by, link_version, link_posts, xlsx_sha256,
        pdf_sha256)
    SELECT w.id, w.receiver_id, coalesce(r.division_id, %(city)s), w.side, %(month)s, 1, '',
        %(prefix)s || lpad((%(given)s + row_number() OVER (ORDER BY w.side DESC, w.code, w.id))::text, 5, '0'),
        'generated', '{{}}', '', %(now)s, '', '', '', '', 0, 0, '', ''
    FROM wanted w JOIN {ORGANISATION} r ON r.id = w.receiver_id
    ON CONFLICT DO NOTHING
    RETURNING id, organisation_id, side
)
INSERT INTO feedback_new SELECT id, organisation_id, side FROM made
"""  # noqa: S608 -- names of tables

CELLS = "CREATE TEMP TABLE feedback_cells (side varchar(10), retiree_id bigint, cells jsonb) ON COMMIT DROP"

# What a person is in the report of a community: there at the end, gone from there, or asking to come.
_HERE = "f.checked_in AND f.to_id = n.organisation_id"
_LEFT = "(f.was_in OR f.gone <> '') AND f.from_id = n.organisation_id"
_PENDING = """CASE f.pending WHEN 'submitted' THEN '待单位核实' WHEN 'verified' THEN '待社区确认'
        WHEN 'returned' THEN '待本人补充' ELSE '' END"""

# Restricted themselves, or merged into somebody who is (members.people.naming says the same to the ORM).
IS_RESTRICTED = f"r.id IN (SELECT hidden.id FROM {RESTRICTED} hidden)"  # noqa: S608 -- a constant

# Restricted people (限制查看) are in the figures and in no line. What is their own stands in code order of JSON keys.
LINES = f"""
INSERT INTO {LINE} (report_id, retiree_id, counterpart_id, position, cells)
SELECT l.report_id, l.retiree_id, l.counterpart_id,
    row_number() OVER (PARTITION BY l.report_id ORDER BY l.counterpart_name NULLS LAST, l.counterpart_id, l.name,
        l.retiree_id),
    l.cells || coalesce(x.cells, '{{}}')
FROM (
    SELECT n.report_id, n.side, f.retiree_id, p.id AS counterpart_id, p.name AS counterpart_name, r.name,
        jsonb_build_object(
            'name', r.name, 'sex', CASE r.sex WHEN 'M' THEN '男' WHEN 'F' THEN '女' ELSE '' END,
            'age', coalesce(f.age::text, ''), 'other', coalesce(p.name, ''),
            'state', CASE
                WHEN n.side = 'unit' AND f.checked_in OR {_HERE} THEN
                    CASE WHEN f.came = 'new' THEN '新报到' WHEN f.came = 'restored' THEN '恢复报到'
                        WHEN {MOVED} THEN CASE n.side WHEN 'unit' THEN '迁居' ELSE '迁入' END ELSE '已报到' END
                WHEN n.side = 'unit' AND f.gone <> '' OR {_LEFT} THEN
                    CASE WHEN f.gone = 'died' THEN '去世' WHEN f.checked_in THEN '迁出' ELSE '撤销' END
                ELSE {_PENDING} END,
            'since', CASE WHEN n.side = 'unit' OR {_HERE} OR {_LEFT}
                THEN coalesce(to_char(c.confirmed_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'), '') ELSE '' END,
            'care', CASE WHEN f.gone = 'died' OR NOT (n.side = 'unit' OR {_HERE}) THEN '' ELSE concat_ws('、',
                %(living)s::jsonb ->> r.living_situation, %(health)s::jsonb ->> r.health,
                %(mobility)s::jsonb ->> r.mobility,
                CASE WHEN n.side = 'unit' AND f.checked_in AND f.pending <> '' THEN {_PENDING} END) END
        ) AS cells
    FROM ({CONCERNED}) AS w
    JOIN feedback_new n ON n.side = w.side AND n.organisation_id = w.organisation_id
    JOIN feedback_fact f ON f.retiree_id = w.retiree_id
    JOIN {PERSON} r ON r.id = f.retiree_id AND NOT {IS_RESTRICTED}
    LEFT JOIN {CHECKIN} c ON c.id = f.checkin_id
    LEFT JOIN {ORGANISATION} p ON p.id = CASE n.side WHEN 'unit' THEN coalesce(f.to_id, f.from_id, f.asked_id)
        ELSE f.unit_id END
) AS l
LEFT JOIN feedback_cells x ON x.side = l.side AND x.retiree_id = l.retiree_id
"""  # noqa: S608 -- names of tables

_MATTERS = f"""
INSERT INTO {MATTER} (report_id, line_id, kind, title, words, state, answer, answered_by)
SELECT n.report_id, l.id, m.kind, m.title, left(m.words, 300), 'open', '', ''
"""

# The matters of this floor; each says what is true and what is asked. Order: how they stand under a person.
MATTERS = f"""
{_MATTERS}
FROM feedback_new n
JOIN {LINE} l ON l.report_id = n.report_id
JOIN feedback_fact f ON f.retiree_id = l.retiree_id
JOIN {PERSON} r ON r.id = f.retiree_id
CROSS JOIN LATERAL (VALUES
    (1, 'unconfirmed', '超期未确认', '报到已过期限，还没有确认。请确认，或说明原因。',
        n.side = 'community' AND f.asked_id = n.organisation_id AND f.pending = 'verified' AND f.overdue),
    (2, 'returned', '久未补充', '请本人补充后，很久没有回音。请联系本人，说明情况。',
        n.side = 'community' AND f.asked_id = n.organisation_id AND f.pending = 'returned' AND f.overdue),
    (3, 'needs', '本人需求', '报到时提出需要：' || (SELECT string_agg(coalesce(%(needs)s::jsonb ->> need, need), '、')
        FROM unnest(r.needs) AS need) || '。请说明怎样办。',
        n.side = 'community' AND {_HERE} AND f.came = 'new' AND cardinality(r.needs) > 0),
    (4, 'unverified', '超期未核实', '报到等单位核实身份，已过期限。请核实，或说明原因。',
        n.side = 'unit' AND f.pending = 'submitted' AND f.overdue),
    (5, 'death', '去世待确认', '有人报告老同志已去世，单位还没有确认。请核对后确认，或说明不属实。',
        n.side = 'unit' AND EXISTS (SELECT FROM {DEATH} d WHERE d.retiree_id = r.id AND d.state = 'reported'
            AND d.reported_at < %(end)s)),
    (6, 'elsewhere', '居住地不一致', '名册登记为异地居住，本人已在本市报到。请核对名册。',
        n.side = 'unit' AND f.checked_in AND f.came <> '' AND r.elsewhere <> ''
            AND EXISTS (SELECT FROM {ORGANISATION} o WHERE o.id = f.to_id AND o.kind = 'community')),
    (7, 'care', '请与社区配合关心', '新报到，' || (l.cells ->> 'care') || '。请告诉社区单位联系人和走访安排。',
        n.side = 'unit' AND f.checked_in AND f.came = 'new'
            AND (r.living_situation = 'alone' OR r.health = 'dependent' OR r.mobility = 'bedridden'))
) AS m (rank, kind, title, words, is_true)
WHERE m.is_true
ORDER BY n.report_id, l.position, m.rank
"""  # noqa: S608 -- names of tables

# What upper rooms found: persons and words, copied in before.
FOUND = """
CREATE TEMP TABLE feedback_found (side varchar(10), retiree_id bigint, kind varchar(40), title varchar(40), words text)
ON COMMIT DROP
"""
FOUND_MATTERS = f"""
{_MATTERS}
FROM feedback_found m
JOIN feedback_new n ON n.side = m.side
JOIN {LINE} l ON l.report_id = n.report_id AND l.retiree_id = m.retiree_id
ORDER BY n.report_id, l.position, m.kind
ON CONFLICT DO NOTHING
"""

# The head, section A and what is counted; then the check sum of everything that is frozen.
_SIDES = """
    SELECT 'unit' AS side, f.unit_id AS organisation_id, f.community_id AS other_id, f.* FROM feedback_flow f
    UNION ALL
    SELECT 'community', f.community_id, f.unit_id, f.* FROM feedback_flow f
"""
CONTENTS = f"""
WITH movement AS (
    SELECT n.report_id, {", ".join(f"coalesce(sum(s.{figure}), 0)::int AS {figure}" for figure in FIGURES)},
        coalesce(jsonb_agg(jsonb_build_object('organisation', o.id, 'name', coalesce(o.name, %(nowhere)s),
            'contact', coalesce(o.contact, ''), 'phone', coalesce(o.phone, ''),
            {", ".join(f"'{figure}', s.{figure}" for figure in FIGURES)}) ORDER BY o.name NULLS LAST, o.id)
            FILTER (WHERE s.side IS NOT NULL), '[]') AS rows
    FROM feedback_new n
    LEFT JOIN ({_SIDES}) AS s ON s.side = n.side AND s.organisation_id = n.organisation_id
    LEFT JOIN {ORGANISATION} o ON o.id = s.other_id
    GROUP BY n.report_id
),
people AS (
    SELECT n.report_id, count(*) FILTER (WHERE NOT {IS_RESTRICTED}) AS people,
        count(*) FILTER (WHERE {IS_RESTRICTED}) AS restricted
    FROM ({CONCERNED}) AS w
    JOIN feedback_new n ON n.side = w.side AND n.organisation_id = w.organisation_id
    JOIN {PERSON} r ON r.id = w.retiree_id
    GROUP BY n.report_id
),
matters AS (SELECT m.report_id, count(*) AS matters FROM {MATTER} m JOIN feedback_new n USING (report_id) GROUP BY 1),
others AS (
    SELECT l.report_id, min(l.counterpart_id) AS only FROM {LINE} l JOIN feedback_new n USING (report_id)
    GROUP BY l.report_id HAVING min(l.counterpart_id) = max(l.counterpart_id) AND count(l.counterpart_id) = count(*)
)
UPDATE {REPORT} t SET counterpart_id = others.only, content = jsonb_build_object(
    'number', t.number, 'version', t.version, 'corrects', (SELECT o.number FROM {REPORT} o WHERE o.id = t.corrects_id),
    'reason', t.reason, 'side', t.side, 'month', %(month_text)s::text, 'as_of', %(as_of)s::text,
    'is_closed', %(is_closed)s::boolean, 'generated_on', %(today)s::text,
    'organisation', jsonb_build_object('name', g.name, 'contact', g.contact, 'phone', g.phone, 'address', g.address),
    'movement', jsonb_build_object({", ".join(f"'{figure}', a.{figure}" for figure in FIGURES)}),
    'rows', a.rows, 'people', p.people, 'restricted', p.restricted, 'matters', coalesce(q.matters, 0),
    'columns', %(columns)s::jsonb -> t.side)
FROM feedback_new n
JOIN movement a ON a.report_id = n.report_id
JOIN people p ON p.report_id = n.report_id
JOIN {ORGANISATION} g ON g.id = n.organisation_id
LEFT JOIN matters q ON q.report_id = n.report_id
LEFT JOIN others ON others.report_id = n.report_id
WHERE t.id = n.report_id
"""  # noqa: S608 -- names of tables

DIGEST = f"""encode(sha256(convert_to(t.content::text
    || coalesce((SELECT E'\\n' || string_agg(l.cells::text, E'\\n' ORDER BY l.position) FROM {LINE} l
        WHERE l.report_id = t.id), '')
    || coalesce((SELECT E'\\n' || string_agg(jsonb_build_array(l.position, m.kind, m.title, m.words)::text, E'\\n'
        ORDER BY l.position, m.id) FROM {MATTER} m JOIN {LINE} l ON l.id = m.line_id WHERE m.report_id = t.id), ''),
    'UTF8')), 'hex')"""  # noqa: S608 -- names of tables
CHECK_SUMS = f"UPDATE {REPORT} t SET sha256 = {DIGEST} WHERE t.id IN (SELECT report_id FROM feedback_new)"  # noqa: S608
CHECK_SUM_OF = f"SELECT {DIGEST} FROM {REPORT} t WHERE t.id = %s"  # noqa: S608
