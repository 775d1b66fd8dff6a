"""Decisions for any catalogue and any leads, from files, as one line of JSON each: to be judged from outside."""
