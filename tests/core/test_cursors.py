from marketplace.core.cursors import Cursor
from marketplace.core.db import make_engine


class TestCursor:
    def test_names_columns_and_their_types(self, dsn):
        engine = make_engine(dsn)
        with engine.connect() as connection:
            cursor = connection.connection.cursor()
            assert isinstance(cursor, Cursor)
            cursor.execute('select 1::int as one, null::text as "élan"')
            told = cursor.description
            cursor.execute("set application_name = 'causeway'")
            assert cursor.description is None
        engine.dispose()
        assert [column[:2] for column in told] == [("one", 23), ("élan", 25)]
        assert {len(column) for column in told} == {7}
