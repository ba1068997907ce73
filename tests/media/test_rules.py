"""Pictures: what is taken, what is refused, what is left of it."""

import io
import random
import zlib

import pytest
from PIL import Image

from marketplace.following.rules import pictures
from marketplace.media import rules
from marketplace.media.rules import LARGEST_FILE, MOST_UNPACKED, NotAPaper, check_paper
from tests.field import DATA, field_files, needs_field_data

REFUSED = {
    "broken.png",
    "decompression_bomb.gif",
    "dummy.container",
    "png_decompression_dos.png",
    "truncated_image.png",
    "truncated_jpeg.jpg",
    "zero_width.gif",
}


def picture(width=800, height=600, kind="JPEG", mode="RGB", **options) -> io.BytesIO:
    target = io.BytesIO()
    Image.new(mode, (width, height), "teal").save(target, kind, **options)
    target.seek(0)
    return target


def prepared_from(name: str) -> rules.Prepared:
    with (DATA / "4-input/images" / name).open("rb") as upload:
        return rules.prepare(upload)


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


class TestWidthsFor:
    @pytest.mark.parametrize(
        ("width", "expected"),
        [
            (100, [100]),
            (320, [320]),
            (321, [320, 321]),
            (800, [320, 640, 800]),
            (4000, [320, 640, 1280]),
        ],
    )
    def test_never_makes_a_picture_wider(self, width, expected):
        assert rules.widths_for(width) == expected


class TestPrepare:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
    def test_makes_webp_of_every_kind_of_picture(self, kind):
        prepared = rules.prepare(picture(kind=kind))
        assert {w: decoded(data).size for w, data in prepared.files.items()} == {
            320: (320, 240),
            640: (640, 480),
            800: (800, 600),
        }
        assert {decoded(data).format for data in prepared.files.values()} == {"WEBP"}

    def test_tells_the_size_of_the_widest(self):
        prepared = rules.prepare(picture(2000, 1000))
        assert (prepared.width, prepared.height) == (1280, 640)

    def test_turns_the_picture_upright_and_forgets_its_metadata(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        exif[0x010E] = "taken at home"
        prepared = rules.prepare(picture(400, 200, exif=exif))
        widest = prepared.files[max(prepared.files)]
        assert decoded(widest).size == (200, 400)
        assert not decoded(widest).getexif()
        assert b"taken at home" not in widest

    def test_keeps_transparency(self):
        target = io.BytesIO()
        Image.new("RGBA", (50, 50), (0, 128, 128, 99)).save(target, "PNG")
        target.seek(0)
        prepared = rules.prepare(target)
        assert decoded(prepared.files[50]).mode == "RGBA"

    def test_refuses_what_is_larger_than_ten_megabytes(self):
        padded = picture()
        padded.seek(0, io.SEEK_END)
        padded.write(bytes(rules.LARGEST_FILE))
        padded.seek(0)
        with pytest.raises(rules.NotAPhoto, match="10 MB"):
            rules.prepare(padded)

    def test_refuses_forty_million_pixels_and_one_row(self):
        with pytest.raises(rules.NotAPhoto, match="40 million"):
            rules.prepare(picture(8000, 5001, "PNG", "1"))

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"GIF89a",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"<!doctype html><script>alert(1)</script>",
            b"%PDF-1.7\n",
            b"%!PS-Adobe-3.0 EPSF-3.0\n",
            b"PK\x03\x04",
            b"BM" + bytes(60),
        ],
    )
    def test_refuses_what_is_no_photo(self, data):
        with pytest.raises(rules.NotAPhoto):
            rules.prepare(io.BytesIO(data))

    def test_leaves_nothing_of_what_hides_behind_a_picture(self):
        polyglot = picture()
        polyglot.seek(0, io.SEEK_END)
        polyglot.write(b"<script>alert('polyglot')</script>")
        polyglot.seek(0)
        assert all(b"script" not in data for data in rules.prepare(polyglot).files.values())

    def test_says_no_to_any_damage_but_never_breaks(self):
        whole = picture(60, 60).getvalue()
        dice = random.Random(7)
        for _ in range(200):
            damaged = bytearray(whole[: dice.randrange(1, len(whole))])
            damaged[dice.randrange(len(damaged))] ^= dice.randrange(1, 256)
            try:
                rules.prepare(io.BytesIO(damaged))
            except rules.NotAPhoto:
                continue


@pytest.mark.field
@needs_field_data
class TestPrepareOnFieldData:
    @pytest.mark.parametrize("path", field_files("4-input/images"), ids=lambda path: path.name)
    def test_takes_or_refuses_every_picture(self, path):
        with path.open("rb") as upload:
            if path.name in REFUSED:
                with pytest.raises(rules.NotAPhoto):
                    rules.prepare(upload)
                return
            prepared = rules.prepare(upload)
        for width, data in prepared.files.items():
            image = decoded(data)
            assert (image.format, image.width) == ("WEBP", width)
            assert not image.getexif()

    @pytest.mark.parametrize("path", field_files("4-input/upload"), ids=lambda path: path.name)
    def test_refuses_every_attack_or_takes_its_pixels_alone(self, path):
        with path.open("rb") as upload:
            if path.suffix != ".jpg":
                with pytest.raises(rules.NotAPhoto):
                    rules.prepare(upload)
                return
            prepared = rules.prepare(upload)
        assert all(b"script" not in data for data in prepared.files.values())

    def test_turns_a_phones_picture_upright(self):
        upright = prepared_from("hopper.jpg")
        turned = prepared_from("hopper_orientation_6.jpg")
        one, other = (decoded(p.files[128]).convert("L").resize((8, 8)) for p in (upright, turned))
        far = [abs(a - b) for a, b in zip(one.tobytes(), other.tobytes(), strict=True)]
        assert max(far) < 40


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ACTS = b"<</S/JavaScript/JS(app.alert)>>"


def with_stream(body: bytes, *, packed: bool = True) -> bytes:
    inside = zlib.compress(body) if packed else body
    return PDF.replace(b"trailer", b"2 0 obj<<>>stream\r\n" + inside + b"\nendstream\ntrailer")


class TestCheckPaper:
    def test_takes_a_paper_that_only_shows_something(self):
        for data in (PDF, with_stream(b"BT (hello) Tj ET"), with_stream(b"no zlib", packed=False)):
            assert check_paper(io.BytesIO(data)) == data

    @pytest.mark.parametrize(
        "data",
        [b"", b"hello", b"%PDF-1.4\n", PDF[1:], PDF.replace(b"%%EOF", b"")],
    )
    def test_refuses_what_is_no_paper(self, data):
        with pytest.raises(NotAPaper):
            check_paper(io.BytesIO(data))

    @pytest.mark.parametrize(
        "name", [b"/JavaScript", b"/J#61vaScript", b"/JS ", b"/Launch", b"/EmbeddedFiles", b"/XFA"]
    )
    @pytest.mark.parametrize("packed", [True, False])
    def test_refuses_what_acts_wherever_it_stands(self, name, packed):
        body = b"<</S" + name + b" (app.alert)>>"
        with pytest.raises(NotAPaper):
            check_paper(io.BytesIO(with_stream(body, packed=packed)))

    @pytest.mark.parametrize(
        ("words", "body"),
        [
            (b"/Type/ObjStm/Filter/ASCIIHexDecode", ACTS.hex().encode()),
            (b"/Type/Obj#53tm/Filter/A85", b"whatever"),
            (b"/N 1/First 10/Filter[/FlateDecode /Fl]", zlib.compress(zlib.compress(ACTS))),
            (b"/Type/ObjStm/Filter/FlateDecode/DecodeParms<</Predictor 12>>", zlib.compress(b"x")),
            (b"/Type/ObjStm/Filter 7 0 R", b"whatever"),
            (b"/Type/ObjStm/Filter/FlateDecode", b"this is not packed"),
        ],
    )
    def test_refuses_objects_that_are_packed_as_we_do_not_unpack(self, words, body):
        paper = PDF.replace(
            b"trailer", b"2 0 obj<<%b>>stream\n%b\nendstream trailer" % (words, body)
        )
        with pytest.raises(NotAPaper, match="look into"):
            check_paper(io.BytesIO(paper))

    @pytest.mark.parametrize(
        ("words", "body"),
        [
            (b"/Type/ObjStm/N 1/First 10/Filter/FlateDecode", zlib.compress(b"4 0 <</A 1>>")),
            (b"/Type/ObjStm/N 1/First 10", b"4 0 <</A 1>>"),
            (b"/Subtype/Image/Filter[/ASCII85Decode/DCTDecode]", b"whatever"),
            (b"/First 5 0 R/Last 6 0 R>>endobj 3 0 obj<</Filter/LZWDecode", b"whatever"),
            (b"/Type/XRef/Filter/FlateDecode/DecodeParms<</Predictor 12>>", zlib.compress(b"x")),
        ],
    )
    def test_takes_pictures_packed_in_any_way_and_objects_that_it_can_read(self, words, body):
        paper = PDF.replace(
            b"trailer", b"2 0 obj<<%b>>stream\n%b\nendstream trailer" % (words, body)
        )
        assert check_paper(io.BytesIO(paper)) == paper

    @pytest.mark.parametrize("end", [b"\r", b" \n", b"\t\r\n"])
    def test_finds_a_stream_however_its_line_ends(self, end):
        paper = PDF.replace(
            b"trailer", b"2 0 obj<<>>stream" + end + zlib.compress(ACTS) + b"trailer"
        )
        with pytest.raises(NotAPaper):
            check_paper(io.BytesIO(paper))

    def test_finds_what_acts_before_a_stream_breaks(self):
        whole = zlib.compress(b"x" * 5000 + b"/JavaScript" + bytes(range(256)) * 40)
        broken = PDF.replace(
            b"trailer", b"stream\n" + whole[:-30] + b"\xff" * 30 + b"endstream trailer"
        )
        with pytest.raises(NotAPaper):
            check_paper(io.BytesIO(broken))

    def test_refuses_what_is_locked_too_large_or_a_bomb(self):
        bomb = with_stream(bytes(MOST_UNPACKED + 1))
        for data in (
            PDF.replace(b"trailer<<", b"trailer<</Encrypt 3 0 R"),
            PDF + bytes(LARGEST_FILE),
            bomb,
        ):
            with pytest.raises(NotAPaper):
                check_paper(io.BytesIO(data))


class TestPicturesInLetters:
    @pytest.mark.parametrize(
        ("widths", "taken"),
        [([320, 640, 1280], 640), ([320, 500], 500), ([200], 200), ([320, 640, 900], 640)],
    )
    def test_are_no_wider_than_a_letter_needs(self, widths, taken):
        assert pictures.letter_width(widths) == taken

    @pytest.mark.parametrize(
        ("size", "shown"),
        [((1280, 960), (512, 384)), ((900, 1800), (256, 512)), ((200, 100), (200, 100)),
         ((5000, 1), (512, 1))],
    )  # fmt: skip
    def test_are_shown_whole_and_never_enlarged(self, size, shown):
        assert pictures.shown_size(*size, 512) == shown

    def test_are_on_white_where_one_could_see_through_them(self):
        target = io.BytesIO()
        Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(target, "WEBP")
        made = Image.open(io.BytesIO(rules.as_jpeg(target.getvalue())))
        assert made.mode == "RGB"
        assert min(made.getpixel((10, 10))) > 250
