"""Letters that were sent."""

import pytest


@pytest.fixture
def letters(app):
    """Return the letters that this test had sent."""
    app.extensions["post"].letters.clear()
    return app.extensions["post"].letters
