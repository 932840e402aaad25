"""One check-in of the demo city, from its start to its end."""

from dataclasses import dataclass, field

from checkin.record.models import CheckIn
from communities.organisations.models import Organisation

from .people import Person


@dataclass
class Case:
    """A check-in in the making. `responsible`: who answers for the person; `unit`: whom the request names."""

    person: Person
    responsible: Organisation
    unit: Organisation
    row: CheckIn = field(init=False)
