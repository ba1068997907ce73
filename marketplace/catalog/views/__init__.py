"""Pages of the shop for everybody, and of the company's desk."""
