"""Names and addresses of what we tell others of. They never change: others keep them."""

import re
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

ACCOUNT = re.compile(r"(?:acct:)?@?([^@\s/]+)@([^@\s/]+)")
LONGEST_NAME = 200


@dataclass(frozen=True)
class Addresses:
    """The addresses of this site; `base` is where it is reached, without a path."""

    base: str

    @property
    def host(self) -> str:
        """Return what stands behind the @, with the port where it is an unusual one."""
        return urlsplit(self.base).netloc.lower()

    @property
    def shared_inbox(self) -> str:
        """Return where others send what concerns any project."""
        return f"{self.base}/federation/inbox"

    @property
    def site(self) -> str:
        """Return the id of the actor that stands for the whole site."""
        return f"{self.base}/federation/actor"

    def project(self, project_id: uuid.UUID) -> str:
        """Return the id of a project's actor: of its own id, so that it outlives a new title."""
        return f"{self.base}/federation/projects/{project_id}"

    def actor(self, project_id: uuid.UUID | None) -> str:
        """Return the id of a project's actor, or of the site's."""
        return self.project(project_id) if project_id else self.site

    def update(self, update_id: uuid.UUID) -> str:
        """Return the id of an update."""
        return f"{self.base}/federation/updates/{update_id}"

    def page(self, slug: str) -> str:
        """Return where people read of a project."""
        return f"{self.base}/projects/{slug}"

    def update_page(self, slug: str, update_id: uuid.UUID) -> str:
        """Return where people read an update."""
        return f"{self.base}/projects/{slug}/updates/{update_id}"

    def handle(self, slug: str) -> str:
        """Return what people type into the search of their own server."""
        return f"@{slug}@{self.host}"

    def is_ours(self, uri: str) -> bool:
        """Say whether something is at this site."""
        return host_of(uri) == self.host

    def project_id_of(self, uri: str) -> uuid.UUID | None:
        """Return the project whose actor an id is of."""
        return self._id(uri, "projects")

    def update_id_of(self, uri: str) -> uuid.UUID | None:
        """Return the update that an id is of; some add where they found it as a fragment."""
        return self._id(uri.partition("#")[0], "updates")

    def _id(self, uri: str, kind: str) -> uuid.UUID | None:
        start = f"{self.base}/federation/{kind}/"
        if not uri.startswith(start):
            return None
        try:
            found = uuid.UUID(uri.removeprefix(start))
        except ValueError:
            return None
        return found if str(found) == uri.removeprefix(start) else None

    def slug_of(self, resource: str) -> str | None:
        """Return the project that somebody asks WebFinger for, by handle or by page."""
        if resource.startswith(f"{self.base}/projects/"):
            return resource.removeprefix(f"{self.base}/projects/")[:LONGEST_NAME]
        account = ACCOUNT.fullmatch(resource)
        if account is None or account[2].lower() != self.host:
            return None
        return account[1].lower()[:LONGEST_NAME]


def host_of(uri: str) -> str:
    """Return the host of an id, with the port where it names one; nothing for what is none."""
    try:
        parts = urlsplit(uri)
        _port = parts.port
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme in ("https", "http") else ""


def names_of(host: str) -> list[str]:
    """Return a host and all that it lies below: who blocks one blocks those under it."""
    bare = host.partition(":")[0]
    parts = bare.split(".")
    above = [".".join(parts[place:]) for place in range(len(parts))]
    return [host, *(name for name in above if name != host)]


_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:[0-9]{1,5})?")


def read_block(text: str) -> str | None:
    """Return the server or the actor's id that an operator wrote down; None for neither."""
    wanted = text.strip()
    if wanted.startswith(("https://", "http://")):
        return wanted if host_of(wanted) and wanted.isascii() and wanted.isprintable() else None
    host = wanted.lower().removeprefix("@")
    return host if _HOST.fullmatch(host) else None


def read_handle(text: str) -> tuple[str, str] | None:
    """Return the name and the host of @name@host."""
    found = ACCOUNT.fullmatch(text.strip())
    return (found[1], found[2].lower()) if found else None
