"""The back-end of the demo: texts are not sent, they stay in their table and `/demo/outbox/` shows them."""


class Outbox:
    """Takes every text and call. Nothing leaves the machine; the row itself is what the page shows."""

    def send(self, phone: str, words: str, *, key: str) -> None:
        """Kept already."""

    def call(self, phone: str, words: str, *, key: str) -> None:
        """Kept already."""
