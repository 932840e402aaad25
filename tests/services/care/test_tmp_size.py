import time
from datetime import date
import pytest
from django.db import connection
from services.care import actions
from services.care.making import make_due, follow_people
from services.care.models import Obligation, CareClass
from tests.members.factories import make_member
from tests.services.care.test_due import make_many
pytestmark = pytest.mark.django_db

def test_size(world, person):
    like = make_member(world.unit, residence=world.here.division)
    make_many(world.unit, 100_000, like)
    with connection.cursor() as c:
        c.execute("UPDATE members_people_retiree SET kind = CASE WHEN id % 20 = 0 THEN 'lixiu' ELSE 'tuixiu' END, resettled_on = CASE WHEN id % 50 = 0 THEN '1999' ELSE '' END")
        c.execute("INSERT INTO services_care_careclass (retiree_id, attention, since, set_by_id, organisation_id, ended_reason) SELECT r.id, (ARRAY['focus','regular','daily'])[1 + r.id %% 3], CURRENT_DATE - 100, %s, %s, '' FROM members_people_retiree r", [world.clerk.pk, world.here.pk])
        c.execute("SELECT column_name FROM information_schema.columns WHERE table_name='checkin_record_checkin'")
        cols = [r[0] for r in c.fetchall() if r[0] not in ('id','retiree_id','number','token')]
        names = ", ".join(cols)
        c.execute(f"INSERT INTO checkin_record_checkin (retiree_id, number, token, {names}) SELECT r.id, 'X' || r.id, 't' || r.id, {', '.join('c.'+n for n in cols)} FROM members_people_retiree r, checkin_record_checkin c WHERE c.retiree_id = %s AND r.id <> %s AND r.id %% 3 > 0", [person.pk, person.pk])
        c.execute("INSERT INTO services_care_careteam (retiree_id, preset_id, formed_on, ended_reason) SELECT r.id, p.id, CURRENT_DATE, '' FROM members_people_retiree r, services_care_carepreset p WHERE p.key='pair' AND r.id % 10 = 0")
        c.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for t in ("members_people_retiree", "members_units_unitmembership", "checkin_record_checkin", "services_care_careclass", "services_care_careteam"):
            c.execute(f"SELECT 1")
    for name, what in dict(make=make_due, again=make_due, follow=follow_people, night=actions.make_all_due, campaign=lambda: actions.start_campaign(world.city.districts[0].pk, "spring", by=world.bureau_clerk, title="", due_on=date(2030,1,1)).people, remind=lambda: actions.remind_late(date(2026,11,30))).items():
        t = time.monotonic(); n = what(); print("SIZE", name, n, round(time.monotonic() - t, 2), flush=True)
    print("SIZE", Obligation.objects.count())
    assert 0
