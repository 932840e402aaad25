"""Names of the owner's views that more than one floor relies on; policies.py says what views are for."""

OWN = "rowscope_own"  # the viewer's own people: oneself and those one helps
RESTRICTED = "rowscope_restricted"  # restricted people (限制查看)
