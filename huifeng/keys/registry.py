"""What hangs on a key outside the columns that `columns` finds. Each room adds its own in `AppConfig.ready`."""

from collections.abc import Callable

# Makes anew, with the newest index key, every keyed hash of the room that can be made anew; returns how many. Whoever
# repeats it finds nothing to do. What no longer fits what it was made of stays: it says "changed" under any key.
rehashing: list[Callable[[], int]] = []

# The same for what is sealed with the field key.
resealing: list[Callable[[], int]] = []
