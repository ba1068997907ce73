"""`flask export`: a whole file or none."""

import json


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=list(arguments))


class TestExport:
    def test_writes_a_file(self, app, given, tmp_path):
        path = tmp_path / "grants.json"
        done = run(app, "export", "360giving", str(path))
        assert done.exit_code == 0, done.output
        entries = len(json.loads(path.read_text(encoding="utf-8"))["grants"])
        assert done.output == f"{entries} entries in {path}\n"
        assert list(tmp_path.iterdir()) == [path]

    def test_leaves_the_old_file_alone_when_there_is_nothing(self, app, db, tmp_path):
        path = tmp_path / "iati.xml"
        path.write_text("old")
        done = run(app, "export", "iati", str(path))
        assert done.exit_code == 1
        assert "nothing to export" in done.output
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]

    def test_says_what_is_wrong_with_the_place(self, app, given, tmp_path):
        done = run(app, "export", "csv", str(tmp_path / "none" / "grants.csv"))
        assert done.exit_code == 1
        assert "cannot be written" in done.output

    def test_knows_no_other_format(self, app, db, tmp_path):
        assert run(app, "export", "xls", str(tmp_path / "x")).exit_code == 2


class TestPublish:
    def test_tells_what_was_made(self, app, given, nothing_kept):
        done = run(app, "publish-open-data")
        assert done.exit_code == 0
        assert "360giving.json: " in done.output
