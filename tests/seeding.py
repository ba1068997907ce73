"""`python -m tests.seeding`: open a house so far that the demo world is in it, and close it again.

The settings come from the environment, as those of `python -m marketplace.run` do. Coverage, where
it looks at us, sees how the demo world is made: what `flask seed` does is done in this process.
"""

import os
import sys

from coverage import Coverage

from config import Settings
from marketplace import create_app
from marketplace.run import House
from tests import measuring


def main() -> int:
    """Make the demo world in the database of the settings. Returns the exit code of the command."""
    if Coverage.current() is not None:
        measuring.look_away()
    settings = Settings.from_env(os.environ)
    with House(settings) as house:
        house._check_ground()
        house.environ["SECRET_KEY"] = settings.with_secret_key().secret_key
        house._open_database()
        house._open_sandbox()
        app = create_app(Settings.from_env(house.environ))
        made = app.test_cli_runner().invoke(args=["seed", "--if-empty"], catch_exceptions=False)
        print(made.output)
        return made.exit_code


if __name__ == "__main__":
    sys.exit(main())
