"""How large a table may be, and what reading one may cost. Sizes in bytes."""

MB = 2**20

MAX_FILE = 20 * MB
MAX_UNPACKED = 400 * MB  # all parts of an .xlsx together; also all rows handed over
MAX_RATIO = 200  # unpacked to packed; rosters reach 10, much repeated rows 100, deflate at most 1,032
RATIO_COUNTS_FROM = 1 * MB  # a small part may shrink as it likes
MAX_PARTS = 2_000
MAX_DIRECTORY = 1 * MB  # the list of parts at the end of an .xlsx
MAX_SHEETS = 100
MAX_ROWS = 200_000  # in the whole file, and the last row's number
MAX_COLUMNS = 200
MAX_TEXT = 5_000  # characters in one cell
MAX_ROW_XML = 8 * MB  # 200 cells of 5,000 characters, with room
MAX_UNCACHED = 10_000  # formulas without a result, before the file is refused as not calculated

CELLS_IN_A_FRAME = 5_000  # small enough to overlap the child's work with the parent's
MAX_FRAME = 100 * MB  # 5,000 cells of 5,000 characters of four bytes
MAX_WAIT = 60  # seconds the parent waits for the child, its own work not counted


def memory_for(unpacked: int) -> int:
    """Address space for reading `unpacked` bytes: 110 MB of roster take 310 MB, so a lie about extent fails early."""
    return min(120 * MB + 5 * unpacked, 1024 * MB)


def cpu_seconds_for(unpacked: int) -> int:
    """Processor seconds for reading `unpacked` bytes: 110 MB of roster take 2.5, so this is for slow machines."""
    return 5 + unpacked // (10 * MB)
