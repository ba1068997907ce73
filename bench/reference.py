"""The least that a page costs here: Flask, a template of 24 items, one indexed query."""

import os

import sqlalchemy as sa
from flask import Flask, Response, render_template
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader

app = Flask(__name__)
app.jinja_env.loader = DictLoader(
    {
        "page.html": "<!doctype html><title>Reference</title><ul>{% for row in rows %}"
        '<li><a href="/{{ row.slug }}">{{ row.title }}</a> {{ row.price_from_minor }}</li>'
        "{% endfor %}</ul>"
    }
)
_engine = sa.create_engine(
    sa.make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg"),
    connect_args={"prepare_threshold": 2},
)
_PAGE = sa.text(
    "select slug, title, price_from_minor from product where state = 'live' "
    "order by price_from_minor, id limit 24"
)


@app.get("/")
def page() -> ResponseReturnValue:
    """Show 24 products."""
    with _engine.connect() as connection:
        rows = connection.execute(_PAGE).all()
    return Response(render_template("page.html", rows=rows))
