"""The embedded database: what runs when no DATABASE_URL is given."""

from pathlib import Path

from embedded.cluster import Cluster, Lease
from embedded.process import StartError

__all__ = ["Cluster", "Lease", "StartError", "embedded_url"]

_held: dict[Path, tuple[Cluster, Lease]] = {}


def embedded_url(instance_path: Path) -> str:
    """Return the address of the instance's own database.

    Its server is started when needed and runs at least as long as this process.

    :raises StartError: it does not come up.
    """
    root = (instance_path / "postgres").absolute()
    if root not in _held:
        cluster = Cluster(root)
        _held[root] = (cluster, cluster.start())
    return _held[root][0].dsn()
