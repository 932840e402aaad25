"""What a move leaves behind: audit entries, notices, texts to phones, reminders of what is late."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from checkin.record import notices
from checkin.record.models import CheckIn, CheckInEvent
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.texts.models import Text

from .days import Days
from .store import Store

Move = CheckInEvent.Move
EXTERNAL = (Organisation.Kind.EXTERNAL_UNIT, Organisation.Kind.EXTERNAL_COMMUNITY)
NOTICES_KEPT, TEXTS_KEPT = timedelta(days=90), timedelta(days=7)


@dataclass(frozen=True)
class Actor:
    """Who acts, and as what: the person, a helper, the system, or staff of an organisation."""

    user: User
    role: str
    organisation: Organisation | None = None


class Traces:
    """Writes traces; of notices and texts only recent ones, as older ones have been read and forgotten."""

    def __init__(self, days: Days, store: Store):
        self.days, self.store = days, store

    def remind_row(self, row: CheckIn) -> None:
        """The reminders of a request that is late at the end of history: one a step, on the first morning."""
        if row.desk is None or row.due_on is None or row.due_on >= self.days.today:
            return
        assert row.clock_started_at is not None
        assert row.street_on is not None
        assert row.bureau_on is not None
        above = row.desk.parent
        steps = [("desk", row.desk, row.due_on + timedelta(days=1))]
        if above is not None:
            steps.append(("street", above, row.street_on))
            if above.parent is not None:
                steps.append(("bureau", above.parent, row.bureau_on))
        started = row.clock_started_at.astimezone(UTC)
        for step, receiver, on in steps:
            if on >= self.days.today or receiver.kind in EXTERNAL:
                continue
            self._post(
                receiver,
                datetime.combine(on, datetime.min.time(), self.days.end.tzinfo) + timedelta(hours=8),
                key=f"late:{row.pk}:{started:%Y%m%d%H%M%S}:{step}",
                kind="checkin.late",
                words=(
                    f"{row.retiree.name}同志的报到（{row.number}）应在"
                    f"{row.due_on:%-m月%-d日}前办，{row.desk.name}还没有办。"
                ),
                row=row,
            )

    def audit(self, now: datetime, by: Actor, action: str, target: Any, **more: Any) -> None:
        organisation = more.pop("organisation", by.organisation)
        self.store.put(
            AuditEntry,
            at=now,
            actor_id=by.user.pk,
            actor=by.user.display_name,
            organisation_id=organisation.pk if organisation else None,
            action=action,
            target_type=target._meta.label_lower,
            target_id=str(target.pk),
            **more,
        )

    def _tell(self, now: datetime, row: CheckIn, event: CheckInEvent) -> None:
        receivers = {
            organisation.pk: organisation
            for role in notices.TOLD.get(Move(event.move), ())
            if (organisation := getattr(row, role)) is not None
        }
        for organisation in receivers.values():
            if notices.is_told(row, event, organisation):
                self._post(
                    organisation,
                    now,
                    key=f"checkin:{event.pk}",
                    kind=f"checkin.{event.move}",
                    words=notices._for_organisation(row, event),
                    row=row,
                    sender_id=event.organisation_id,
                    data=notices.fact(row, event),
                )
        words = notices.words_for_person(row, event)
        if words and row.retiree.phone and row.retiree.died_on is None and now > self.days.end - TEXTS_KEPT:
            self._text(f"checkin:{event.pk}", row.retiree.phone, words, now)

    def _post(
        self,
        receiver: Organisation,
        at: datetime,
        *,
        key: str,
        kind: str,
        words: str,
        row: CheckIn,
        **more: Any,
    ) -> None:
        self.store.put(
            Notice,
            receiver_id=receiver.pk,
            key=key,
            kind=kind,
            words=words[:300],
            person=row.retiree_id,
            link=f"checkin:{row.pk}",
            created_at=at,
            **more,
        )

    def _text(self, key: str, phone: str, words: str, now: datetime) -> None:
        self.store.add(
            Text(
                key=key,
                phone=phone,
                phone_tail=phone[-4:],
                words=words,
                state=Text.State.SENT,
                attempts=1,
                next_try_at=now + timedelta(seconds=30),
                created_at=now,
                sent_at=now + timedelta(seconds=2),
            )
        )
