"""What the child process runs: `python -I child.py`, never imported.

It imports `tablereader` from this folder as a package of its own: `import huifeng.spreadsheets` would run
`huifeng/__init__.py`, which starts Celery and with it Django.
"""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parent))
    import_module("tablereader.main").main()
