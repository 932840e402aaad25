"""How fast the work is, beside a peer and beside the limit it is held against; see docs/benchmarks.md.

    python -m benchmarks NAME [--size N] [--json]

One module a benchmark (`pages`, `confirm`), each with `measure(run) -> Result`; the peer and the limit are
measured in the same run. Importing this package needs no Django: the measuring client has none.
"""
