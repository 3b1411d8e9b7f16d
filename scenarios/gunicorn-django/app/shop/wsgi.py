"""Where gunicorn's workers begin; they import it anew at every HUP, from wherever `current` leads by then."""

import json
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()

# What the first request would have to wait for.
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import get_resolver  # noqa: E402

connection.ensure_connection()
get_resolver().url_patterns
print(json.dumps({"event": "boot", "version": settings.RELEASE, "from": os.getcwd()}), flush=True)
