"""The one text of an entry that is hashed: what sealing writes and what verifying reads must be the same.

A JSON array of every column, made by PostgreSQL: `jsonb` has one text for one value, JSON columns are taken as their
text (so NULL and JSON null differ), times are UTC to the microsecond whatever the session's zone. Lines are parted
by a line feed, which the text itself cannot hold. A new column of AuditEntry is added at the end, for entries from
a seal number on; never change what is here for entries that are sealed.
"""

from hashlib import sha256

CONTENT = """jsonb_build_array(
    e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.actor_id, e.actor, e.organisation_id,
    e.action, e.target_type, e.target_id, e.before::text, e.after::text, e.note, e.request_id)::text"""
MARK = 8  # bytes


def mark_of(content: bytes) -> bytes:
    return sha256(content).digest()[:MARK]


def hash_of(previous: bytes, contents: list[bytes]) -> bytes:
    """The hash of a seal over these entries after the seal with hash `previous`."""
    digest = sha256(previous)
    for content in contents:
        digest.update(content)
        digest.update(b"\n")
    return digest.digest()
