"""What the rooms above do after a roster was written; each fills its part in `AppConfig.ready`."""

from collections.abc import Callable

from huifeng.accounts.models import User

from .models import ImportBatch

# (batch, by) after its rows were written, inside the transaction, with the people locked. `batch.rows` say who
# changed and which fields.
on_written: list[Callable[[ImportBatch, User], None]] = []
