"""The web application; each web process keeps a pool of database connections."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huifeng.settings")
os.environ.setdefault("HUIFENG_DATABASE_POOL", "8")

application = get_wsgi_application()
