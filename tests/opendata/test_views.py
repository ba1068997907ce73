"""The page of open data and its files."""

import json

import pytest

from marketplace.media import storage
from marketplace.opendata import queries
from marketplace.opendata.jobs import publish
from marketplace.opendata.rules.records import LICENCE, Format
from tests.statements import statements


@pytest.fixture
def published(given, nothing_kept):
    """Make an edition."""
    publish()
    return queries.find_edition()


class TestOpenData:
    def test_lists_the_files_with_size_and_licence(self, client, published, engine):
        with statements(engine) as seen:
            page = client.get("/open-data")
        assert len(seen) <= 8
        assert page.status_code == 200
        for made in published.files:
            assert f'href="/open-data/{made.kind.file_name}"' in page.text
            assert made.sha256 in page.text
        assert LICENCE in page.text

    def test_says_so_where_there_is_none_yet(self, client, nothing_kept):
        assert "No file yet" in client.get("/open-data").text

    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_speaks_the_languages(self, client, published, language):
        assert "The files" not in client.get(f"/{language}/open-data").text


class TestFile:
    @pytest.mark.parametrize("kind", list(Format))
    def test_serves_the_newest(self, client, published, kind):
        made = published.find(kind)
        answer = client.get(f"/open-data/{kind.file_name}")
        assert answer.status_code == 200
        assert answer.mimetype == kind.media_type
        assert len(answer.data) == made.size == int(answer.headers["Content-Length"])
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert LICENCE in answer.headers["Link"]
        tag = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(f"/open-data/{kind.file_name}", headers=tag).status_code == 304

    @pytest.mark.parametrize("name", ["manifest.json", "x", "..%2Fmanifest.json", "360giving"])
    def test_knows_no_other_file(self, client, published, name):
        assert client.get(f"/open-data/{name}").status_code == 404

    def test_is_not_there_before_the_first(self, client, nothing_kept):
        assert client.get("/open-data/360giving.json").status_code == 404

    def test_is_not_there_when_it_was_lost(self, client, published):
        storage.delete([published.find(Format.CSV).stored_as])
        assert client.get("/open-data/grants.csv").status_code == 404


class TestDcat:
    def test_names_every_file_its_size_and_licence(self, client, published):
        answer = client.get("/open-data/dcat.jsonld")
        assert answer.mimetype == "application/ld+json"
        (dataset,) = json.loads(answer.text)["dcat:dataset"]
        assert dataset["dct:license"] == {"@id": LICENCE}
        sizes = {
            one["@id"].rsplit("/", 1)[1]: int(one["dcat:byteSize"]["@value"])
            for one in dataset["dcat:distribution"]
        }
        assert sizes == {made.kind.file_name: made.size for made in published.files}

    def test_names_none_before_the_first(self, client, nothing_kept):
        (dataset,) = json.loads(client.get("/open-data/dcat.jsonld").text)["dcat:dataset"]
        assert dataset["dcat:distribution"] == []
        assert "dct:modified" not in dataset
