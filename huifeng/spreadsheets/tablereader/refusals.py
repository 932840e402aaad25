"""Why a file cannot be read. The parent has the words (`huifeng.spreadsheets.words`)."""


class Unreadable(Exception):
    """`code` is a key of WORDS; `where` names sheet and cell when that helps to find the spot."""

    def __init__(self, code: str, where: str = ""):
        super().__init__(code)
        self.code = code
        self.where = where
