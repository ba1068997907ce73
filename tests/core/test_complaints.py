"""What a schema says by itself reaches people in their language."""

import pytest
from flask_babel import force_locale
from marshmallow import Schema, ValidationError, fields, validate

from marketplace.core.web.complaints import for_people


class Form(Schema):
    """One of each kind of field that our forms have."""

    name = fields.String(required=True, validate=validate.Length(1, 300))
    note = fields.String(validate=validate.Length(max=20))
    why = fields.String(validate=validate.Length(min=5))
    letter = fields.String(validate=validate.Length(min=1))
    sort = fields.String(validate=validate.OneOf(["a", "b"]))
    code = fields.String(validate=validate.Regexp("x"))
    pieces = fields.Integer(validate=validate.Range(0, 99))
    least = fields.Integer(validate=validate.Range(min=2))
    most = fields.Integer(validate=validate.Range(max=3))
    day = fields.Date()
    id = fields.UUID()
    yes = fields.Boolean()
    link = fields.Url()
    email = fields.Email()
    many = fields.List(fields.String(validate=validate.Length(max=2)))


def complaint(**sent):
    with pytest.raises(ValidationError) as refused:
        Form().load({"name": "Elena"} | sent)
    told = refused.value.normalized_messages()
    first = next(iter(told.values()))
    while isinstance(first, dict):
        first = next(iter(first.values()))
    return first[0]


WRONG = (
    ({"name": ""}, "300"),
    ({"name": None}, ""),
    ({"note": "x" * 21}, "20"),
    ({"why": "no"}, "5"),
    ({"letter": ""}, ""),
    ({"sort": "c"}, ""),
    ({"code": "y"}, ""),
    ({"pieces": "100"}, "99"),
    ({"pieces": "many"}, ""),
    ({"least": "1"}, "2"),
    ({"most": "4"}, "3"),
    ({"day": "yesterday"}, "2026-03-12"),
    ({"id": "7"}, ""),
    ({"yes": "perhaps"}, ""),
    ({"link": "here"}, ""),
    ({"email": "elena"}, ""),
    ({"many": ["long"]}, "2"),
    ({"what": "?"}, ""),
)


class TestForPeople:
    @pytest.mark.parametrize(("sent", "figure"), WRONG, ids=lambda part: str(part)[:20])
    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_says_it_in_the_readers_language(self, app, sent, figure, language):
        told = complaint(**sent)
        with app.app_context():
            english = for_people(told)
        with app.test_request_context(f"/{language}/"), force_locale(language):
            said = for_people(told)
        assert said not in (told, english)
        assert figure in said

    def test_says_it_when_nothing_was_sent(self, app):
        with pytest.raises(ValidationError) as refused:
            Form().load({})
        with app.app_context():
            said = for_people(refused.value.normalized_messages()["name"][0])
        assert said == "Please fill this in."

    def test_leaves_our_own_sentences_alone(self, app):
        with app.app_context():
            assert for_people("Choose one of the causes.") == "Choose one of the causes."
