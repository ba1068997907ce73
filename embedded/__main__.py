"""`python -m embedded FOLDER [--fast]`: be the supervisor of the server in that folder."""

import os
import sys
from pathlib import Path

from embedded.supervisor import supervise

os.chdir("/")  # keeps no folder busy
sys.exit(supervise(Path(sys.argv[1]), fast="--fast" in sys.argv))
