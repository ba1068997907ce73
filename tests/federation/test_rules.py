"""Signatures, documents and addresses, without a database; the vectors of others."""

import base64
import contextlib
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from marketplace.federation.rules import (
    checking,
    keys,
    message_signatures,
    reading,
    signatures,
    waiting,
)
from marketplace.federation.rules.addresses import (
    Addresses,
    host_of,
    names_of,
    read_block,
    read_handle,
)
from marketplace.federation.rules.reading import NotUnderstood
from marketplace.federation.rules.signatures import BadSignature, Request, Signature
from tests.federation.remote import Remote
from tests.field import DATA, field_files, needs_field_data

AT = Addresses("https://causeway.example")
NOW = datetime(2026, 3, 12, 18, 42, tzinfo=UTC)
PATH = "/federation/inbox"


@pytest.fixture(scope="module")
def ada() -> Remote:
    return Remote()


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def asked(by: Remote, body: bytes = b"{}", **how) -> Request:
    changed = {"at": NOW} | how
    return Request("POST", PATH, by.headers("POST", PATH, "causeway.example", body, **changed))


@pytest.mark.field
@needs_field_data
class TestCavage:
    """The vectors of draft-cavage-http-signatures, appendix C."""

    given = json.loads((DATA / "6-federation/http-signatures/draft-cavage.json").read_text()) if (
        DATA.is_dir()
    ) else {"cases": []}  # fmt: skip

    @pytest.mark.parametrize("case", given["cases"], ids=lambda case: case["id"])
    def test_is_read_made_and_checked_as_the_vectors_say(self, case):
        said = self.given["request"]
        header = (
            f'keyId="{case["keyId"]}",algorithm="{case["algorithm"]}",'
            f'headers="{" ".join(case["headers"])}",signature="{case["signature"]}"'
        )
        signature = signatures.parse(header)
        key = signatures.read_key(self.given["public_key_pem"])
        request = Request(said["method"], said["target"], said["headers"])
        if case["valid"]:
            assert signatures.signing_string(request, signature).decode() == case["signing_string"]
            signatures.verify(request, signature, key)
        wrong = Request(said["method"], "/bar?param=value&pet=dog", said["headers"])
        if "(request-target)" in case["headers"]:
            with pytest.raises(BadSignature):
                signatures.verify(wrong, signature, key)

    def test_has_a_digest_that_fits_its_body_only(self):
        said = self.given["request"]
        signatures.check_digest(said["headers"]["digest"], said["body"].encode())
        with pytest.raises(BadSignature):
            signatures.check_digest(said["headers"]["digest"], b"another")

    def test_is_old_and_its_key_small(self):
        said = self.given["request"]
        request = Request(said["method"], said["target"], said["headers"])
        signature = Signature("k", "rsa-sha256", ["date"], b"")
        with pytest.raises(BadSignature, match="old"):
            signatures.check_moment(request, signature, now=NOW)
        with pytest.raises(BadSignature, match="too small"):
            signatures.check_strength(signatures.read_key(self.given["public_key_pem"]))


@pytest.mark.field
@needs_field_data
class TestMessageSignatures:
    """The vectors of RFC 9421, appendix B.2, those of requests with public keys."""

    given = json.loads((DATA / "6-federation/http-signatures/rfc9421.json").read_text()) if (
        DATA.is_dir()
    ) else {"cases": []}  # fmt: skip

    def request(self) -> Request:
        parts = self.given["request"]["components"]
        headers = {name: value for name, value in parts.items() if name[0] not in '@"'}
        return Request("POST", "/foo?param=Value&Pet=dog", headers | {"host": "example.com"})

    @pytest.mark.parametrize("case", given["cases"], ids=lambda case: case["id"])
    def test_are_read_and_checked_as_the_vectors_say(self, case):
        said = f"sig={case['signature_input']}"
        signature = message_signatures.parse(said, f"sig=:{case['signature']}:")
        assert (list(signature.covered), signature.key_id) == (
            case["covered"], case["signature_input"].split('keyid="')[1].rstrip('"'),
        )  # fmt: skip
        base = message_signatures.signature_base(self.request(), signature, scheme="https")
        assert base.decode() == case["signature_base"]
        pem = self.given["public_keys_pem"].get(signature.key_id)
        if pem is None:
            return  # a secret that both sides know: nobody uses these here
        key = signatures.read_key(pem)
        if case["algorithm"] == "rsa-pss-sha512":
            signature = replace(signature, algorithm=case["algorithm"])
        message_signatures.verify(self.request(), signature, key, scheme="https")
        other = Request("POST", "/bar", self.request().headers | {"date": "x"})
        with pytest.raises(BadSignature):
            message_signatures.verify(other, signature, key, scheme="https")

    def test_have_a_digest_that_fits_its_body_only(self):
        said = self.given["request"]
        header = said["components"]["content-digest"]
        message_signatures.check_digest(header, said["body"].encode())
        with pytest.raises(BadSignature):
            message_signatures.check_digest(header, b"another")


class TestMessageSignature:
    """Our own reading of RFC 9421, with keys made here."""

    def pem(self, key) -> str:
        return key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()  # fmt: skip

    def signed(self, key, body=b"{}", *, covered=None, at=NOW, more="", **changed) -> Request:
        covered = covered or ["@method", "@target-uri", "content-digest"]
        digest = base64.b64encode(sha256(body).digest()).decode()
        params = "(" + " ".join(f'"{name}"' for name in covered) + ")"
        params += f';created={int(at.timestamp())};keyid="https://social.example.org/u#k"{more}'
        headers = {
            "host": "causeway.example",
            "content-digest": f"sha-256=:{digest}:",
            "signature-input": f"sig1={params}",
        }
        values = {
            "@method": "POST",
            "@target-uri": f"https://causeway.example{PATH}",
            "@authority": "causeway.example",
            "@path": PATH,
            **headers,
        }
        lines = [f'"{name}": {values[name]}' for name in covered]
        text = "\n".join([*lines, f'"@signature-params": {params}'])
        made = base64.b64encode(key.sign(text.encode())).decode()
        return Request("POST", PATH, {**headers, "signature": f"sig1=:{made}:", **changed})

    def look(self, request, key, body=b"{}") -> bytes:
        keys_of = {"https://social.example.org/u#k": self.pem(key)}
        return checking.check_signed(request, body, keys_of, base=AT.base, now=NOW)

    @pytest.mark.parametrize(
        "covered", [None, ["@method", "@authority", "@path", "content-digest"]]
    )
    def test_fits_what_was_sent(self, key, covered):
        assert self.look(self.signed(key, covered=covered), key)

    @pytest.mark.parametrize(
        ("how", "why"),
        [
            ({"at": NOW - timedelta(hours=13)}, "too old"),
            ({"at": NOW + timedelta(hours=2)}, "to come"),
            ({"more": ";expires=1"}, "expired"),
            ({"covered": ["@method", "content-digest"]}, "matters"),
            ({"covered": ["@method", "@target-uri"]}, "matters"),
            ({"covered": ["@method", "@method", "@target-uri", "content-digest"]}, "matters"),
            ({"more": ';alg="rsa-v1_5-sha256"', "body": b"other"}, "another body"),
            ({"host": "elsewhere.example"}, "another host"),
            ({"signature": "sig1=:AAAA:"}, "does not fit"),
            ({"signature": "sig2=:AAAA:"}, "cannot be read"),
            ({"signature-input": "sig1=()"}, "cannot be read"),
            ({"signature-input": "x" * 5_000}, "too long"),
            ({"content-digest": "md5=:AAAA:"}, "no digest"),
        ],
    )
    def test_does_not_fit_what_was_changed(self, key, how, why):
        request = self.signed(key, **how)
        with pytest.raises(BadSignature, match=why):
            self.look(request, key)

    def test_of_what_is_not_there_fits_nothing(self):
        made = message_signatures.parse('a=("@method" "x-missing");created=1;keyid="k"', "a=:AAAA:")
        with pytest.raises(BadSignature, match="missing"):
            message_signatures.signature_base(Request("POST", "/", {}), made, scheme="https")

    def test_by_an_algorithm_that_we_do_not_know_fits_nothing(self, ada):
        made = message_signatures.parse('a=();created=1;keyid="k";alg="x"', "a=:AAAA:")
        with pytest.raises(BadSignature, match="do not know"):
            message_signatures.verify(
                Request("POST", "/", {}), made, signatures.read_key(ada.pem), scheme="https"
            )

    @given(st.text(max_size=100), st.text(max_size=100))
    def test_is_read_or_refused_whatever_it_is(self, said, made):
        with contextlib.suppress(BadSignature):
            message_signatures.parse(f"a=({said}", f"a=:{made}")


@pytest.mark.field
@needs_field_data
class TestExamples:
    """The examples of ActivityStreams 2.0, those that hold and those that do not."""

    @pytest.mark.parametrize(
        "path", field_files("6-federation/as2-pass", "*.json"), ids=lambda path: path.stem
    )
    def test_that_hold_are_understood(self, path):
        body = path.read_bytes()
        try:
            json.loads(body)
        except ValueError:
            with pytest.raises(NotUnderstood):
                reading.load(body)
            return
        reading.check(reading.load(body))

    @pytest.mark.parametrize(
        "path", field_files("6-federation/as2-fail", "*.json"), ids=lambda path: path.stem
    )
    def test_that_do_not_hold_are_refused(self, path):
        with pytest.raises(NotUnderstood):
            reading.check(reading.load(path.read_bytes()))


class TestSignature:
    def test_of_ours_is_one_that_others_take(self):
        pair, pem = keys.make_pair()
        given = {"host": "social.example.org", "content-type": "application/activity+json"}
        request = Request("POST", "/inbox?a=b", given)
        added = signatures.sign(request, key_id="https://x/#k", key=pair, body=b"{}", now=NOW)
        whole = Request("POST", "/inbox?a=b", {**given, **added})
        signature = checking.check_request(whole, b"{}", host="social.example.org", now=NOW)
        signatures.verify(whole, signature, signatures.read_key(pem))
        assert checking.check_signed(
            whole, b"{}", {"https://x/#k": pem}, base="https://social.example.org", now=NOW
        )

    def test_of_a_question_has_no_digest(self):
        pair, pem = keys.make_pair()
        request = Request("GET", "/users/ada", {"host": "social.example.org"})
        added = signatures.sign(request, key_id="k", key=pair, body=None, now=NOW)
        assert "digest" not in added
        whole = Request("GET", "/users/ada", {**request.headers, **added})
        signature = signatures.parse(added["signature"])
        signatures.check_cover(signature, has_body=False)
        signatures.verify(whole, signature, signatures.read_key(pem))

    def test_fits_what_was_sent(self, ada):
        assert checking.check_signed(
            asked(ada), b"{}", {ada.key_id: ada.pem}, base=AT.base, now=NOW
        )

    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"late": timedelta(hours=13)}, "too old"),
            ({"late": timedelta(hours=-2)}, "to come"),
            ({"date": "yesterday"}, "moment"),
            ({"digest": "SHA-256=AAAA"}, "another body"),
            ({"digest": "MD5=AAAA"}, "no digest"),
            ({"host": "elsewhere.example"}, "another host"),
            ({"date": "Thu, 12 Mar 2026 18:40:00 GMT"}, "does not fit"),
            ({"signature": ""}, "cannot be read"),
            ({"signature": "x" * 5000}, "too long"),
            ({"signature": 'keyId="a",keyId="b",signature="AA=="'}, "cannot be read"),
            ({"signature": 'keyId="a",signature="no base 64"'}, "cannot be read"),
            ({"signature": 'keyId="a",signature="AAAA"'}, "not signed"),
            ({"signature": 'keyId="a",headers="(request-target) host digest",signature="AAAA"'},
             "no moment"),
            ({"key_id": "https://social.example.org/users/eve#main-key"}, "not theirs"),
        ],
    )  # fmt: skip
    def test_does_not_fit_what_was_changed(self, ada, changed, why):
        request = asked(ada, **changed)

        def look() -> None:
            checking.check_request(request, b"{}", host="causeway.example", now=NOW)
            checking.check_signed(request, b"{}", {ada.key_id: ada.pem}, base=AT.base, now=NOW)

        with pytest.raises(BadSignature, match=why):
            look()

    def test_of_another_path_does_not_fit(self, ada):
        request = Request("POST", f"{PATH}?x", asked(ada).headers)
        with pytest.raises(BadSignature, match="does not fit"):
            checking.check_signed(request, b"{}", {ada.key_id: ada.pem}, base=AT.base, now=NOW)

    def test_may_have_a_moment_of_its_own(self):
        request = Request("POST", PATH, {"host": "h"})
        made = Signature("k", "hs2019", ["(created)"], b"", created=int(NOW.timestamp()))
        signatures.check_moment(request, made, now=NOW)
        assert signatures.signing_string(request, made) == b"(created): 1773340920"
        over = Signature("k", "hs2019", ["(created)"], b"", created=int(NOW.timestamp()), expires=1)
        with pytest.raises(BadSignature, match="expired"):
            signatures.check_moment(request, over, now=NOW)
        with pytest.raises(BadSignature, match="moment"):
            signatures.check_moment(
                request, Signature("k", "hs2019", ["(created)"], b"", created=10**18), now=NOW
            )

    def test_that_covers_what_is_not_there_fits_nothing(self):
        with pytest.raises(BadSignature, match="missing"):
            signatures.signing_string(
                Request("POST", PATH, {}), Signature("k", "rsa-sha256", ["x"], b"")
            )

    def test_by_an_algorithm_that_we_do_not_know_fits_nothing(self, ada):
        request = asked(ada)
        known = signatures.parse(request.headers["signature"])
        odd = Signature(known.key_id, "dsa", known.covered, known.signature)
        with pytest.raises(BadSignature, match="do not know"):
            signatures.verify(request, odd, signatures.read_key(ada.pem))

    @given(st.text(max_size=200))
    def test_is_read_or_refused_whatever_it_is(self, text):
        with contextlib.suppress(BadSignature):
            signatures.parse(text)


class TestKey:
    def test_opens_with_its_secret_only(self):
        pair, _pem = keys.make_pair()
        sealed = keys.seal(pair, secret="s", about="a")
        opened = keys.unseal(sealed, secret="s", about="a")
        assert opened is not None
        assert opened.private_numbers() == pair.private_numbers()
        assert keys.unseal(sealed, secret="t", about="a") is None
        assert keys.unseal(sealed, secret="s", about="b") is None
        assert keys.unseal(b"short", secret="s", about="a") is None
        assert b"PRIVATE" not in sealed

    @pytest.mark.parametrize("pem", ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END"])
    def test_that_is_none_is_refused(self, pem):
        with pytest.raises(BadSignature):
            signatures.read_key(pem)


class TestLoad:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"\xff\xfe",
            b"[1]",
            b'{"a": NaN}',
            b'{"a": "\\u0000"}',
            b'{"a\\u0000": 1}',
            b'{"a": "\\ud800"}',
            b"[" * 100_000,
            b'{"a":' * 30 + b"1" + b"}" * 30,
            b'{"a": ' + b"9" * 5_000 + b"}",
        ],
    )
    def test_refuses_what_cannot_be_kept(self, body):
        with pytest.raises(NotUnderstood):
            reading.load(body)

    @given(st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "id", "actor", "object", "@context", "first", "name"]), inner
        ),
        max_leaves=12,
    ))  # fmt: skip
    def test_and_what_follows_never_fails_in_another_way(self, document):
        try:
            loaded = reading.load(json.dumps(document).encode())
            reading.read_activity(loaded)
            reading.read_person(loaded, uri="https://a.example/")
        except NotUnderstood:
            pass


class TestActivity:
    def test_is_taken_apart(self, ada):
        thing = ada.reply("https://causeway.example/federation/updates/x")
        found = reading.read_activity(ada.activity("Create", thing))
        assert (found.kind, found.actor, found.object_id) == ("Create", ada.uri, thing["id"])

    @pytest.mark.parametrize(
        "changed",
        [
            {"actor": None},
            {"actor": "mailto:a@b"},
            {"actor": ["https://social.example.org/users/ada"]},
            {"id": None},
            {"id": "https://elsewhere.example/1"},
            {"id": "https://[social/1"},
            {"id": 7},
            {"id": "https://social.example.org/" + "x" * 3_000},
        ],
    )
    def test_without_id_or_actor_is_none(self, ada, changed):
        document = {
            key: value
            for key, value in {**ada.activity("Follow", "https://x.example/"), **changed}.items()
            if value is not None
        }
        with pytest.raises(NotUnderstood):
            reading.read_activity(document)


class TestPerson:
    def test_is_taken_apart(self, ada):
        found = reading.read_person(ada.document(), uri=ada.uri)
        assert found.handle == "ada"
        assert found.shared_inbox == f"{ada.base}/inbox"
        assert found.keys == {ada.key_id: ada.pem}

    @pytest.mark.parametrize(
        "changed",
        [
            {"id": "https://social.example.org/users/eve"},
            {"inbox": None},
            {"inbox": "https://victim.example/inbox"},
            {"inbox": 5},
        ],
    )
    def test_of_another_name_or_place_is_refused(self, ada, changed):
        with pytest.raises(NotUnderstood):
            reading.read_person(ada.document(**changed), uri=ada.uri)

    def test_has_nothing_at_other_places(self, ada):
        found = reading.read_person(
            ada.document(
                endpoints={"sharedInbox": "https://victim.example/inbox"},
                url=[{"type": "Link", "href": "https://victim.example/"}],
                publicKey=[
                    {"id": "https://victim.example/#k", "owner": ada.uri, "publicKeyPem": "x"},
                    {"id": ada.key_id, "owner": "https://victim.example/", "publicKeyPem": "x"},
                    "x",
                ],
                name="Ada\u202e\n evil",
                preferredUsername=7,
            ),
            uri=ada.uri,
        )
        assert (found.shared_inbox, found.url, found.keys) == ("", ada.uri, {})
        assert (found.name, found.handle) == ("Ada evil", "?")


class TestPost:
    def test_is_taken_apart(self, ada):
        found = reading.read_post(ada.reply("https://causeway.example/x"), by=ada.uri)
        assert found.in_reply_to == "https://causeway.example/x"
        assert found.is_public
        assert found.published_at == datetime(2026, 3, 12, 10, tzinfo=UTC)

    @pytest.mark.parametrize(
        "changed",
        [
            {"type": "Person"},
            {"attributedTo": "https://social.example.org/users/eve"},
            {"id": "https://elsewhere.example/1"},
            {"content": ""},
            {"content": ["x"]},
            {"content": "x" * 50_000},
        ],
    )
    def test_of_others_or_without_text_is_none(self, ada, changed):
        with pytest.raises(NotUnderstood):
            reading.read_post(ada.reply("https://x.example/", **changed), by=ada.uri)

    @pytest.mark.parametrize(
        ("to", "is_public"),
        [
            (["https://www.w3.org/ns/activitystreams#Public"], True),
            ("as:Public", True),
            (["https://causeway.example/federation/projects/x"], False),
            ([], False),
            (5, False),
        ],
    )
    def test_is_public_only_if_it_says_so(self, ada, to, is_public):
        post = reading.read_post(ada.reply("https://x.example/", to=to), by=ada.uri)
        assert post.is_public is is_public

    @pytest.mark.parametrize("published", ["never", 5, "0001-01-01T00:00:00+23:59", "", None])
    def test_without_a_moment_has_none(self, ada, published):
        post = reading.read_post(ada.reply("https://x.example/", published=published), by=ada.uri)
        assert post.published_at is None


class TestAddresses:
    def test_lead_back(self):
        uri = AT.project(project_id := uuid.uuid4())
        assert AT.project_id_of(uri) == project_id
        assert AT.project_id_of(uri.upper()) is None
        assert AT.project_id_of(f"{uri}/inbox") is None
        assert AT.project_id_of(uri.replace("causeway", "elsewhere")) is None
        assert AT.update_id_of(f"{AT.update(project_id)}#x") == project_id
        assert AT.actor(None) == AT.site

    def test_know_their_own_host(self):
        assert Addresses("http://127.0.0.1:8117").handle("x") == "@x@127.0.0.1:8117"
        assert AT.is_ours("https://CAUSEWAY.example/x")
        assert not AT.is_ours("https://causeway.example.evil.test/x")

    @pytest.mark.parametrize("uri", ["", "x", "ftp://a.example/", "https://[x", "https://a:b/"])
    def test_of_none_have_no_host(self, uri):
        assert host_of(uri) == ""

    def test_lie_below_others(self):
        assert names_of("a.b.example:444") == [
            "a.b.example:444", "a.b.example", "b.example", "example",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            (" Social.Example ", "social.example"),
            ("@social.example", "social.example"),
            ("https://social.example/users/eve", "https://social.example/users/eve"),
            ("nobody", None),
            ("https://", None),
            ("@eve@social.example", None),
            ("a b.example", None),
        ],
    )
    def test_can_be_written_down_for_a_block(self, text, meant):
        assert read_block(text) == meant

    def test_of_people_can_be_read(self):
        assert read_handle("@eve@Social.example") == ("eve", "social.example")
        assert read_handle("eve") is None


class TestWaiting:
    def test_grows_and_ends(self):
        waits = [waiting.next_try(attempt, now=NOW) for attempt in range(1, 9)]
        assert waits == sorted(waits)
        assert waiting.next_try(9, now=NOW) is None

    def test_is_for_what_may_change(self):
        assert all(map(waiting.may_succeed_later, (401, 408, 429, 500, 503)))
        assert not any(map(waiting.may_succeed_later, (301, 400, 403, 404, 410)))


def test_the_digest_of_a_body_is_the_one_of_rfc_3230():
    header = signatures.digest_of(b"{}")
    assert header.startswith("SHA-256=")
    signatures.check_digest(header, b"{}")
    signatures.check_digest(f"unixsum=30637, {header}", b"{}")
    assert sha256(b"{}").digest() != b""
