"""Telling what happened, from a phone: once written, read everywhere; and the same by e-mail."""

import json
import re
import smtplib
import time
from email.message import EmailMessage
from http.client import HTTPConnection
from io import BytesIO
from urllib.parse import urlencode, urlsplit

import pytest
from PIL import Image

from marketplace.demo import world
from tests.browser.addresses import OWN, PROJECT
from tests.browser.site import MAIL_DOMAIN
from tests.federation.remote import KIND, Server

MOST_STEPS = 12
PATIENCE_SECONDS = 60
TITLE = "Three taps run since Tuesday"


def picture(colour):
    """Return a photo as a phone sends it: large, with a name of its own."""
    file = BytesIO()
    Image.new("RGB", (3000, 2000), colour).save(file, "JPEG", quality=90)
    return {"name": f"IMG_{colour[1:]}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def until(holds, what):
    """Wait until something holds, and return it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := holds()):
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.1)
    return found


def mail_door(site):
    """Return a connection, or None as long as nobody listens: the site comes up without it."""
    try:
        return smtplib.SMTP("127.0.0.1", site.mail_port, timeout=30)
    except ConnectionRefusedError:
        return None


class Elsewhere:
    """Somebody on another server that really runs."""

    def __init__(self, site):
        self.host, self.server = urlsplit(site.url).netloc, Server()

    def ask(self, method, path, headers, body=None):
        connection = HTTPConnection(self.host, timeout=20)
        connection.request(method, path, body=body, headers=headers)
        try:
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def follow(self, slug):
        """Find a project by its handle and follow it."""
        wanted = urlencode({"resource": f"acct:{slug}@{self.host}"})
        _status, body = self.ask("GET", f"/.well-known/webfinger?{wanted}", {})
        actor = next(one["href"] for one in json.loads(body)["links"] if one["rel"] == "self")
        inbox = json.loads(self.ask("GET", urlsplit(actor).path, {"Accept": KIND})[1])["inbox"]
        path, person = urlsplit(inbox).path, self.server.person
        sent = json.dumps(person.activity("Follow", actor)).encode()
        headers = person.headers("POST", path, self.host, sent)
        assert self.ask("POST", path, headers, sent)[0] == 202
        until(lambda: self.came("Accept"), "the answer to the follow")

    def came(self, kind):
        """Return what was delivered of a kind."""
        return [said for _headers, said, _body, _path in self.server.came if said["type"] == kind]


@pytest.fixture
def elsewhere(site):
    other = Elsewhere(site)
    yield other
    other.server.close()


class Hands:
    """What somebody does on a page, counted."""

    def __init__(self, page):
        self.page, self.steps = page, 0

    def fill(self, label, text):
        self.steps += 1
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label, file):
        self.steps += 1
        self.page.get_by_label(label, exact=True).set_input_files(file)

    def press(self, name):
        self.steps += 1
        self.page.get_by_role("button", name=name, exact=True).click()


class TestUpdate:
    def test_with_three_photos_takes_few_steps_and_is_told_everywhere(
        self, site, signed_in, visit, elsewhere
    ):
        elsewhere.follow(PROJECT)
        page = signed_in(world.OWNER, "phone")
        page.goto(OWN)
        hands = Hands(page)
        hands.fill("Title", TITLE)
        hands.fill("What happened", "The *third* tap is open. Everybody came.")
        for place, (colour, words) in enumerate(
            [("#335577", "A tap"), ("#553355", "Children at the tap"), ("#775533", "The pipe")], 1
        ):
            hands.choose(f"Photo {place}", picture(colour))
            hands.fill(f"What photo {place} shows, for people who cannot see it", words)
        hands.press("Publish")
        page.wait_for_url(re.compile(rf"/projects/{PROJECT}/updates/[0-9a-f-]{{36}}(#.*)?$"))
        assert hands.steps <= MOST_STEPS
        assert page.locator(".photos img").count() == 3

        def letter():
            found = [one for one in site.letters() if one["To"] == world.SHOPPER]
            return [one for one in found if TITLE in one.as_string()]

        until(letter, "the follower's letter, over SMTP")
        feed = visit().request.get(f"/projects/{PROJECT}/updates.atom").text()
        assert TITLE in feed
        assert urlsplit(page.url).path in feed
        (note,) = until(lambda: elsewhere.came("Create"), "the delivery to the other server")
        assert TITLE in note["object"]["content"]
        assert len(note["object"]["attachment"]) == 3

    def test_comes_by_letter_and_is_published_by_one_link(self, site, signed_in, visit):
        page = signed_in(world.OWNER)
        page.goto(f"{OWN}/by-mail")
        address = page.locator("main a[href^='mailto:']").inner_text()
        assert address.endswith(f"@{MAIL_DOMAIN}")
        message = EmailMessage()
        message["From"], message["To"] = f"Achieng <{world.OWNER}>", address
        message["Subject"], message["Message-ID"] = "Rain at last", "<rain@phone.example>"
        message.set_content("It rained *all night*.\n\n-- \nAchieng\n")
        photo = picture("#446688")
        message.add_attachment(
            photo["buffer"], maintype="image", subtype="jpeg", filename=photo["name"]
        )
        with until(lambda: mail_door(site), "the door for letters") as post:
            post.send_message(message)
            post.send_message(message)  # the same once more
            post.ehlo()
            post.mail("eve@example.org")
            assert post.rcpt(f"update+nonsense@{MAIL_DOMAIN}")[0] == 550
        link = site.link_in_letter(world.OWNER, "/publish/")
        reader = visit("phone")  # nobody has signed in there
        reader.goto(link)
        assert reader.locator("main em").inner_text() == "all night"
        reader.get_by_label("Photo 1").fill("Clouds over Riwa")
        reader.get_by_role("button", name="Publish now").click()
        reader.wait_for_url("**/updates/**")
        assert reader.get_by_role("heading", name="Rain at last").is_visible()
        assert reader.locator(".prose").first.inner_text() == "It rained all night."
