"""Public impact pages and figures; reads only."""
