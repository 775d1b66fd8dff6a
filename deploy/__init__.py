"""How Kindling is run: locally and, later, in production."""
