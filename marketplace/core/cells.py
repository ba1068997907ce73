"""Cells of tables that spreadsheets open."""

FORMULA_STARTS = tuple("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What makes a spreadsheet take a cell for a formula, in either width."""


def csv_cell(text: str) -> str:
    """Return words for a cell of a spreadsheet, so that they stay words."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text
