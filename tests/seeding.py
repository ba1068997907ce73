"""`python -m tests.seeding`: open a house so far that the demo world is in it, and close it again.

The settings come from the environment, as those of `python -m marketplace.run` do.
"""

import os
import sys

from config import Settings
from marketplace.run import House


def main() -> None:
    """Make the demo world in the database of the settings."""
    settings = Settings.from_env(os.environ)
    with House(settings) as house:
        house._check_ground()
        house.environ["SECRET_KEY"] = settings.with_secret_key().secret_key
        house._open_database()
        house._open_sandbox()
        house._seed()


if __name__ == "__main__":
    sys.exit(main())
