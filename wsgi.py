"""What a WSGI server and the `flask` command load."""

import os

from config import Settings
from marketplace import create_app

app = create_app(Settings.from_env(os.environ))
