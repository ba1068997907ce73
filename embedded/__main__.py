"""`python -m embedded FOLDER [--fast]`: be the supervisor of the server in that folder."""

import sys
from pathlib import Path

from embedded.supervisor import supervise

sys.exit(supervise(Path(sys.argv[1]), fast="--fast" in sys.argv))
