"""Places at which a test can kill the process, to prove that nothing is lost there."""

import os
import signal


def failpoint(name: str) -> None:
    """Die at once, as in a power cut, if this is a test that asked for it; else do nothing."""
    if os.environ.get("CAUSEWAY_FAILPOINT") == name and os.environ.get("ENVIRONMENT") == "test":
        os.kill(os.getpid(), signal.SIGKILL)
