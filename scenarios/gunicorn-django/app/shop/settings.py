import json
import os
from pathlib import Path

BASE_DIR = Path(__file__).parent.parent
RELEASE = json.loads((BASE_DIR / "release.json").read_text())["version"]
# Shared by all releases: what one has signed the other accepts.
SECRET_KEY = Path(os.environ["SECRET_KEY_FILE"]).read_text()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["shop"]
MIDDLEWARE = ["shop.release.name_release"]
ROOT_URLCONF = "shop.urls"
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["PGHOST"],
        "USER": os.environ["PGUSER"],
        "NAME": os.environ["PGDATABASE"],
        "CONN_MAX_AGE": None,
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    # In place of Django's own, which makes a page of every error to be sent by mail, with or without a recipient: 10 ms of CPU time each.
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
