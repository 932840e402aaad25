"""A fictional city, the same for the same seed and day: places, units, staff, people and what they did.

`fill` puts it all together. Each noun has a module and a random stream of its own, so that a change in one
does not move the others. Rows are made in memory and written by COPY. All persons are fictional.
"""
