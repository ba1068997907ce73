"""The site comes up as a stranger would start it."""


class TestHome:
    def test_opens_in_a_browser(self, page, accessible):
        answer = page.goto("/")
        assert answer.ok
        assert page.title()
        accessible(page)

    def test_opens_on_a_phone_without_sideways_scrolling(self, visit):
        page = visit("phone", java_script_enabled=False)
        page.goto("/")
        body = page.locator("body").bounding_box()
        assert body["width"] <= 390


class TestStart:
    def test_tells_the_address_and_how_to_sign_in(self, site):
        said = site.said()
        assert site.url in said
        assert "@" in said
