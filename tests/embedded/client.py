"""A process that holds a lease: `python client.py FOLDER` prints the address and waits."""

import sys
import time
from pathlib import Path

from embedded.cluster import Cluster
from embedded.process import StartError

cluster = Cluster(Path(sys.argv[1]), fast=True)
try:
    lease = cluster.start(timeout=120)
except StartError as error:
    sys.exit(str(error))
print(cluster.dsn(), flush=True)
time.sleep(300)
