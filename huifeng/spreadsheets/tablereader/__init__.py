"""Reads a stranger's table, inside the child process that `huifeng.spreadsheets.reading` starts.

Standard library and python-calamine only, and only relative imports: the child imports this package by itself,
because `import huifeng` would start Celery and Django (0.4 s and 90 MB for every upload). The parent shares
`limits` and `frames`.
"""
