"""A call made in a second thread, while this one is in native code that does not hold Python's lock."""

from collections.abc import Callable
from threading import Thread


class Meanwhile[T](Thread):
    """`concurrent.futures` would do the same, and load the logging of a whole server into each child."""

    def __init__(self, call: Callable[[], T]):
        super().__init__(daemon=True)
        self._call = call
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._result = self._call()
        except BaseException as error:  # raised again in `result`
            self._error = error

    def result(self) -> T:
        """What the call returned; raises what it raised."""
        self.join()
        if self._error:
            raise self._error
        return self._result
