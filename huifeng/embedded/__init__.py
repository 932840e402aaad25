"""PostgreSQL and Redis that live in one data folder, started and stopped by us.

`engines`     finds, starts, shares and stops the two servers
`programs`    where their programs are
`account`     the unprivileged user they run as when we are root
`roles`       the two database roles: the owner migrates, `huifeng_app` runs
`supervisor`  runs web, worker and beat as children (what `manage.py demo` calls)
"""
