"""The front page of a business, read at arm's length."""
