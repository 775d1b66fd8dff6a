"""Texts as vectors and as words."""
