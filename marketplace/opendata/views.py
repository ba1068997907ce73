"""The page of open data, its files, and the entry for catalogues of data."""

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as BaseResponse

from marketplace.core.addresses import public_url
from marketplace.core.errors import NotFound
from marketplace.core.web import access, render
from marketplace.media import storage
from marketplace.opendata import queries
from marketplace.opendata.jobs import publisher
from marketplace.opendata.queries import Edition, Made
from marketplace.opendata.rules.records import LICENCE, Format

blueprint = Blueprint("opendata", __name__)

MADE_EVERY = "http://publications.europa.eu/resource/authority/frequency/DAILY"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types"
STANDARDS = {
    Format.GIVING_360: "https://standard.threesixtygiving.org/en/latest/",
    Format.IATI: "https://iatistandard.org/en/iati-standard/203/",
    Format.CSV: "https://www.rfc-editor.org/rfc/rfc4180",
}


@blueprint.get("/open-data")
@access("public")
def open_data() -> tuple[str, int]:
    """Show which files there are, how old they are, and what may be done with them."""
    edition = queries.find_edition()
    return render(
        "opendata/open_data.html",
        edition=edition,
        files=edition.files if edition else (),
        publisher=publisher(),
        licence=LICENCE,
        structured=_structured(edition),
        public_url=public_url(),
    )


@blueprint.get("/open-data/<name>")
@access("public")
def file(name: str) -> BaseResponse:
    """Serve a file of the newest edition; its address stays, what it holds changes every night."""
    kind = next((kind for kind in Format if kind.file_name == name), None)
    edition = queries.find_edition()
    made = edition.find(kind) if edition and kind else None
    parts = storage.stream(made.stored_as) if made else None
    if kind is None or edition is None or made is None or parts is None:
        raise NotFound
    charset = "; charset=utf-8" if kind is Format.CSV else ""
    answer = Response(parts, content_type=f"{kind.media_type}{charset}")
    answer.headers["Content-Length"] = str(made.size)
    answer.headers["Content-Disposition"] = f"attachment; filename=causeway-{name}"
    answer.headers["Link"] = f'<{LICENCE}>; rel="license"'
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.last_modified = edition.made_at
    answer.set_etag(made.sha256)
    return answer.make_conditional(request)


@blueprint.get("/open-data/dcat.jsonld")
@access("public")
def dcat() -> Response:
    """Describe the files for catalogues, in the words of DCAT 3."""
    answer = jsonify(_catalogue(queries.find_edition()))
    answer.content_type = "application/ld+json"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _catalogue(edition: Edition | None) -> Mapping[str, object]:
    told = publisher()
    here = f"{told.website}/open-data"
    dataset: dict[str, object] = {
        "@id": f"{here}#grants",
        "@type": "dcat:Dataset",
        "dct:identifier": f"{here}#grants",
        "dct:title": {"@value": "Gifts to community projects through sales", "@language": "en"},
        "dct:description": {
            "@value": "What companies and shoppers gave to each project, month by month, and "
            "what was paid out. No personal data.",
            "@language": "en",
        },
        "dct:publisher": {"@id": f"{told.website}#publisher"},
        "dct:license": {"@id": LICENCE},
        "dct:accrualPeriodicity": {"@id": MADE_EVERY},
        "dcat:landingPage": {"@id": here},
        "dct:language": {"@id": "http://publications.europa.eu/resource/authority/language/ENG"},
        "dcat:keyword": ["grants", "giving", "community projects", "SDG"],
        "dcat:distribution": [
            _distribution(made, edition, here) for made in (edition.files if edition else ())
        ],
    }
    if edition:
        dataset["dct:modified"] = _date_time(edition)
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "spdx": "http://spdx.org/rdf/terms#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": f"{here}#catalog",
        "@type": "dcat:Catalog",
        "dct:title": {"@value": f"Open data of {told.name}", "@language": "en"},
        "dct:publisher": {
            "@id": f"{told.website}#publisher",
            "@type": "foaf:Organization",
            "foaf:name": told.name,
            "foaf:homepage": {"@id": told.website},
        },
        "dct:license": {"@id": LICENCE},
        "dcat:dataset": [dataset],
    }


def _distribution(made: Made, edition: Edition | None, here: str) -> Mapping[str, object]:
    address = f"{here}/{made.kind.file_name}"
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": {"@value": made.kind.file_name, "@language": "en"},
        "dcat:downloadURL": {"@id": address},
        "dcat:accessURL": {"@id": here},
        "dcat:mediaType": {"@id": f"{MEDIA_TYPES}/{made.kind.media_type}"},
        "dct:conformsTo": {"@id": STANDARDS[made.kind]},
        "dct:license": {"@id": LICENCE},
        "dct:modified": _date_time(edition) if edition else None,
        "dcat:byteSize": {"@value": str(made.size), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@value": made.sha256, "@type": "xsd:hexBinary"},
        },
    }


def _date_time(edition: Edition) -> Mapping[str, str]:
    return {"@value": edition.made_at.isoformat(timespec="seconds"), "@type": "xsd:dateTime"}


def _structured(edition: Edition | None) -> Mapping[str, object]:
    """Return what search engines of data read: schema.org's Dataset."""
    told = publisher()
    here = f"{told.website}/open-data"
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": f"Gifts to community projects through sales on {told.name}",
        "description": "What companies and shoppers gave to each project, month by month.",
        "url": here,
        "license": LICENCE,
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": told.name, "url": told.website},
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": made.kind.media_type,
                "contentUrl": f"{here}/{made.kind.file_name}",
            }
            for made in (edition.files if edition else ())
        ],
    }
