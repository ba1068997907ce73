"""The form as a browser sends it: every field, with the places for files that stay empty."""

from io import BytesIO

from PIL import Image

from marketplace.core import clock
from marketplace.projects import queries as projects


def taken(colour):
    file = BytesIO()
    Image.new("RGB", (3000, 2000), colour).save(file, "JPEG", quality=90)
    file.seek(0)
    return file


class TestForm:
    def test_with_three_photos_comes_out(self, client, sign_in, project, owner):
        sign_in(client, owner)
        empty = [(BytesIO(), "") for _place in range(3)]
        shown = [(taken(one), f"{one[1:]}.jpg") for one in ("#335577", "#553355", "#775533")]
        answer = client.post(
            "/project-desk/springs",
            data={
                "title": "Three taps run",
                "body": "The *third* tap is open.",
                "photos": [*shown, *empty],
                "alts": ["A tap", "Children", "The pipe", "", "", ""],
                "captions": [""] * 6,
                **dict.fromkeys(("amount", "payee", "purpose", "budget_line"), ""),
                "spent_on": clock.now().date().isoformat(),
                "receipt": (BytesIO(), ""),
                "language": "en",
                "how": "publish",
            },
        )
        assert answer.status_code == 303
        (update,) = projects.list_updates(project.id).rows
        assert [photo.alt for photo in update.photos] == ["A tap", "Children", "The pipe"]
