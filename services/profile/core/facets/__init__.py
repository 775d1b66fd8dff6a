"""The facets of a person: each knows everything of its part and nothing of the others; `person.py` is their loop."""
