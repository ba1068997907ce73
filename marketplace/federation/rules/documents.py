"""What we tell other servers, in ActivityStreams 2.0 as Mastodon reads it."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from marketplace.federation.rules.addresses import Addresses

if TYPE_CHECKING:  # tables are no rules: only what they are made of is read here
    from marketplace.media.models import Photo
    from marketplace.projects.models import Project, ProjectUpdate

Document = dict[str, object]

AS2 = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{AS2}#Public"
MEDIA_TYPE = "application/activity+json"
LD_MEDIA_TYPE = f'application/ld+json; profile="{AS2}"'
JRD_MEDIA_TYPE = "application/jrd+json"
NODEINFO_VERSION = "2.1"
NODEINFO_PROFILE = f"http://nodeinfo.diaspora.software/ns/schema/{NODEINFO_VERSION}"
ACTOR_CONTEXT: list[object] = [
    AS2,
    "https://w3id.org/security/v1",
    {
        "toot": "http://joinmastodon.org/ns#",
        "schema": "http://schema.org#",
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    },
]


@dataclass(frozen=True)
class Told:
    """An update as it is told: its document, and what tells it from what it said before."""

    note: Document
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        text = json.dumps(self.note, sort_keys=True).encode()
        object.__setattr__(self, "digest", hashlib.sha256(text).hexdigest())


def project_actor(
    at: Addresses, project: "Project", *, public_pem: str, facts: Mapping[str, str]
) -> Document:
    """Return a project as somebody who can be followed; `facts` are shown beside its summary."""
    uri = at.project(project.id)
    page = at.page(project.slug)
    fields: list[Document] = [
        {"type": "PropertyValue", "name": name, "value": escape(value)}
        for name, value in facts.items()
        if value
    ]
    document: Document = {
        "@context": ACTOR_CONTEXT,
        "id": uri,
        "type": "Organization",
        "preferredUsername": project.slug,
        "name": project.title,
        "summary": f"<p>{escape(project.summary)}</p>" if project.summary else "",
        "url": page,
        "inbox": f"{uri}/inbox",
        "outbox": f"{uri}/outbox",
        "followers": f"{uri}/followers",
        "following": f"{uri}/following",
        "endpoints": {"sharedInbox": at.shared_inbox},
        "published": moment(project.created_at),
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "indexable": True,
        "attachment": fields,
        "publicKey": _key(uri, public_pem),
    }
    if project.photo is not None:
        document["image"] = document["icon"] = _picture(at, project.photo, "Image")
    return document


def site_actor(at: Addresses, *, public_pem: str) -> Document:
    """Return who asks other servers for what they show only to those who say who they are."""
    return {
        "@context": ACTOR_CONTEXT,
        "id": at.site,
        "type": "Application",
        "preferredUsername": at.host,
        "name": "Causeway",
        "url": f"{at.base}/",
        "inbox": at.shared_inbox,
        "outbox": f"{at.site}/outbox",
        "manuallyApprovesFollowers": True,
        "publicKey": _key(at.site, public_pem),
    }


def _key(uri: str, public_pem: str) -> Document:
    return {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": public_pem}


def _picture(at: Addresses, photo: "Photo", kind: str) -> Document:
    width = photo.widths[-1]
    return {
        "type": kind,
        "mediaType": "image/webp",
        "url": f"{at.base}/media/{photo.key}-{width}.webp",
        "name": photo.alt,
        "width": width,
        "height": max(1, round(photo.height * width / photo.width)),
    }


def note(at: Addresses, project: "Project", update: "ProjectUpdate") -> Told:
    """Return an update as a post of its project: title, text, photos, and where it stands."""
    actor = at.project(project.id)
    page = at.update_page(project.slug, update.id)
    link = f'<p><a href="{escape(page)}">{escape(page)}</a></p>'
    content = f"<p><strong>{escape(update.title)}</strong></p>{update.body_html}{link}"
    return Told(
        {
            "id": at.update(update.id),
            "type": "Note",
            "attributedTo": actor,
            "content": content,
            # The original only: servers that read one language take whichever comes first.
            "contentMap": {update.language: content},
            "url": page,
            "published": moment(update.published_at),
            **({"updated": moment(update.corrected_at)} if update.corrected_at else {}),
            "to": [PUBLIC],
            "cc": [f"{actor}/followers"],
            "sensitive": False,
            "attachment": [_picture(at, photo, "Image") for photo in update.photos],
        }
    )


def standing(document: Document) -> Document:
    """Return a document that stands alone, with what its words mean."""
    return {"@context": AS2, **document}


def create(told: Told) -> Document:
    """Return the news that there is an update."""
    return _activity("Create", f"{told.note['id']}#create", told, told.note["published"])


def change(told: Told, *, now: datetime) -> Document:
    """Return the news that an update was corrected."""
    corrected = {**told.note, "updated": moment(now)}
    uri = f"{told.note['id']}#update-{told.digest[:16]}"
    return {**_activity("Update", uri, told, moment(now)), "object": corrected}


def _activity(kind: str, uri: str, told: Told, published: object) -> Document:
    return {
        "id": uri,
        "type": kind,
        "actor": told.note["attributedTo"],
        "published": published,
        "to": told.note["to"],
        "cc": told.note["cc"],
        "object": told.note,
    }


def delete(at: Addresses, project_id: uuid.UUID, update_id: uuid.UUID) -> Document:
    """Return the news that an update is gone."""
    actor, uri = at.project(project_id), at.update(update_id)
    return {
        "id": f"{uri}#delete",
        "type": "Delete",
        "actor": actor,
        "to": [PUBLIC],
        "cc": [f"{actor}/followers"],
        "object": {"id": uri, "type": "Tombstone"},
    }


def accept(
    at: Addresses, project_id: uuid.UUID, *, follow_uri: str, actor: str, key: str
) -> Document:
    """Return our answer to somebody who wants to follow; `key` tells it from other answers."""
    ours = at.project(project_id)
    return {
        "id": f"{ours}#accept-{key}",
        "type": "Accept",
        "actor": ours,
        "to": [actor],
        "object": {"id": follow_uri, "type": "Follow", "actor": actor, "object": ours},
    }


def reject(at: Addresses, project_id: uuid.UUID, *, actor: str, key: str) -> Document:
    """Return the news that somebody follows no more, because we want it so."""
    ours = at.project(project_id)
    return {
        "id": f"{ours}#reject-{key}",
        "type": "Reject",
        "actor": ours,
        "to": [actor],
        "object": {"type": "Follow", "actor": actor, "object": ours},
    }


def collection(uri: str, total: int, first: str = "") -> Document:
    """Return a list of which only the length is told, and where its first page is."""
    document: Document = {
        "@context": AS2,
        "id": uri,
        "type": "OrderedCollection",
        "totalItems": total,
    }
    return {**document, "first": first} if first else document


def page(uri: str, part_of: str, items: Sequence[Document], next_uri: str) -> Document:
    """Return a page of a list."""
    document: Document = {
        "@context": AS2,
        "id": uri,
        "type": "OrderedCollectionPage",
        "partOf": part_of,
        "orderedItems": list(items),
    }
    return {**document, "next": next_uri} if next_uri else document


def webfinger(at: Addresses, project: "Project") -> Document:
    """Return where a handle leads (RFC 7033)."""
    uri, shown = at.project(project.id), at.page(project.slug)
    return {
        "subject": f"acct:{at.handle(project.slug)[1:]}",
        "aliases": [shown, uri],
        "links": [
            {"rel": "self", "type": MEDIA_TYPE, "href": uri},
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": shown},
            {
                "rel": "http://schemas.google.com/g/2010#updates-from",
                "type": "application/atom+xml",
                "href": f"{shown}/updates.atom",
            },
        ],
    }


def nodeinfo_links(at: Addresses) -> Document:
    """Return where it is said what runs here."""
    return {"links": [{"rel": NODEINFO_PROFILE, "href": f"{at.base}/nodeinfo/2.1"}]}


def nodeinfo(*, projects: int, updates: int) -> Document:
    """Return what runs here, and how large it is."""
    return {
        "version": NODEINFO_VERSION,
        "software": {"name": "causeway", "version": "1.0.0"},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": ["atom1.0"]},
        "openRegistrations": False,
        "usage": {"users": {"total": projects}, "localPosts": updates},
        "metadata": {"nodeName": "Causeway"},
    }


def moment(at: datetime) -> str:
    """Return a moment as others read it, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
