"""What a WSGI server and the `flask` command load."""

import dataclasses
import os

from config import Settings
from marketplace import create_app
from marketplace.core.postgres import embedded_url

settings = Settings.from_env(os.environ).with_secret_key()
if not settings.database_url:
    address = embedded_url(settings.instance_path)
    settings = dataclasses.replace(settings, database_url=address)
app = create_app(settings)
