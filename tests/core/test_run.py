"""`make run`: what it finds out about the ground before it starts anything."""

import multiprocessing
import os
import shutil
import socket
import sys
from collections import namedtuple
from contextlib import suppress

import pytest
import sqlalchemy as sa

from config import Settings
from marketplace import run
from marketplace.accounts.models import User
from marketplace.core.db import make_engine
from marketplace.core.processes import GaveUp
from marketplace.demo import world
from marketplace.run import CannotRun, House
from tests import cluster, factories

Usage = namedtuple("Usage", "total used free")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def house(tmp_path):
    """Return a house on its own ground; what it opens is closed again, without its signals."""
    settings = Settings.from_env(
        {"INSTANCE_PATH": str(tmp_path / "instance"), "PORT": str(free_port())}
    )
    made = House(settings)
    yield made
    if made.latch >= 0:
        os.close(made.latch)


class TestGround:
    def test_is_good_where_everything_is_there(self, house):
        house._check_ground()
        assert (house.settings.instance_path / "run.lock").exists()

    def test_is_somebody_elses_while_they_run(self, house):
        house._check_ground()
        with pytest.raises(CannotRun, match="already runs"):
            House(house.settings)._check_ground()

    def test_needs_room(self, house, monkeypatch):
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10, 10, 0))
        with pytest.raises(CannotRun, match="300 MB are needed"):
            house._check_ground()

    def test_needs_its_port(self, house):
        with socket.socket() as other:
            other.bind(("127.0.0.1", house.settings.port))
            other.listen()
            with pytest.raises(CannotRun, match="is in use"):
                house._check_ground()

    def test_needs_an_address_of_this_machine(self):
        with pytest.raises(CannotRun, match=r"Cannot listen on 192\.0\.2\.1"):
            run._is_free("192.0.2.1", free_port())


class TestSandbox:
    def opened(self, house) -> dict[str, str]:
        added: list[str] = []
        house.family.add = lambda name, *_command, **_more: added.append(name)
        house.environ["DATABASE_URL"] = "postgresql:///x"
        house.settings.instance_path.mkdir(parents=True)
        house._open_sandbox()
        assert added == ["sandbox"]
        return house.environ

    def test_stands_beside_the_site(self, house):
        environ = self.opened(house)
        assert environ["STRIPE_WEBHOOK_SECRET"] == environ["SANDBOX_WEBHOOK_SECRET"]
        assert environ["STRIPE_API_BASE"] == f"http://127.0.0.1:{environ['SANDBOX_PORT']}"
        assert environ["SANDBOX_WEBHOOK_URL"].endswith(f":{house.settings.port}/webhooks/stripe")

    def test_goes_elsewhere_where_the_next_port_is_taken(self, house):
        with socket.socket() as other:
            with suppress(OSError):  # then somebody has taken it already
                other.bind(("127.0.0.1", house.settings.port + 1))
                other.listen()
            port = int(self.opened(house)["SANDBOX_PORT"])
        assert port not in (house.settings.port, house.settings.port + 1)


class TestDatabase:
    def test_without_people_is_seeded_and_with_some_it_is_not(self, house, monkeypatch):
        ran: list[tuple[str, ...]] = []
        monkeypatch.setattr(house, "_run", lambda *command: ran.append(command))
        house.environ["DATABASE_URL"] = cluster.test_dsn("run")
        house._seed()
        assert [command[-2:] for command in ran] == [("seed", "--if-empty")]
        engine = make_engine(house.environ["DATABASE_URL"])
        with engine.begin() as connection:
            person = {"email": "a@example.org", "name": "A", "password_hash": "!"}
            connection.execute(sa.insert(User).values(person | {"created_at": factories.NOW}))
        engine.dispose()
        house._seed()
        assert len(ran) == 1
        assert not house.half_seeded.exists()

    def test_that_is_not_there_is_said_in_a_line(self, house, tmp_path):
        settings = Settings.from_env(
            {
                "INSTANCE_PATH": str(tmp_path / "instance"),
                "DATABASE_URL": f"postgresql://nobody@/nothing?host={tmp_path}",
            }
        )
        with pytest.raises(CannotRun, match=r"The database cannot be used: .*connection"):
            House(settings)._open_database()


class TestHelpers:
    def test_a_command_that_fails_is_named(self, house):
        with pytest.raises(CannotRun, match=r"`-c exit\(3\)` failed \(code 3\)"):
            house._run(sys.executable, "-c", "exit(3)")

    def test_the_sign_ins_are_told_where_there_is_a_demo_world(self, house, capsys):
        house.environ["DATABASE_URL"] = cluster.test_dsn("run")
        house._say_where(1.23)
        assert "up after 1.2 s" in (told := capsys.readouterr().out)
        assert world.PASSWORD not in told
        engine = make_engine(house.environ["DATABASE_URL"])
        with engine.begin() as connection:
            person = {"email": world.OPERATOR, "name": "A", "password_hash": "!"}
            connection.execute(sa.insert(User).values(person | {"created_at": factories.NOW}))
        engine.dispose()
        house._say_where(1.23)
        assert world.PASSWORD in (told := capsys.readouterr().out)
        assert told.rstrip().splitlines()[-1].startswith("Ctrl-C stops it.")

    def test_a_site_that_does_not_come_up_is_given_up(self, house, monkeypatch):
        monkeypatch.setattr(run, "READY_SECONDS", 0.05)
        monkeypatch.setattr(run, "POLL_SECONDS", 0.01)
        with pytest.raises(CannotRun, match="did not come up"):
            house._wait_ready()

    @pytest.mark.parametrize(
        ("host", "reached"),
        [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("localhost", "localhost")],
    )
    def test_everywhere_is_reached_here(self, host, reached):
        assert run._reachable(host) == reached

    def test_the_static_files_are_built_beside_us(self, monkeypatch, tmp_path):
        built = tmp_path / "built"
        monkeypatch.setattr(run, "build", built.touch)
        monkeypatch.setattr(run, "build_dir", lambda: tmp_path / "dist")
        process = run._build_meanwhile()
        assert isinstance(process, multiprocessing.process.BaseProcess)
        process.join(30)
        assert process.exitcode == 0
        assert built.exists()
        assert (tmp_path / "dist").is_dir()


class TestMain:
    @pytest.fixture(autouse=True)
    def quiet(self, monkeypatch, tmp_path):
        monkeypatch.setattr(run.signal, "signal", lambda *_: None)
        monkeypatch.setenv("INSTANCE_PATH", str(tmp_path / "instance"))
        monkeypatch.delenv("DATABASE_URL", raising=False)

    @pytest.mark.parametrize("problem", [CannotRun("no room"), GaveUp("no room")])
    def test_says_what_is_wrong_in_a_line(self, monkeypatch, capsys, problem):
        def fails(_house: House) -> None:
            raise problem

        monkeypatch.setattr(House, "open", fails)
        assert run.main() == 1
        assert capsys.readouterr().err == "no room\n"

    def test_ends_well_when_it_is_told_to(self, monkeypatch):
        monkeypatch.setattr(House, "open", lambda _house: run._interrupt(15, None))
        assert run.main() == 0
