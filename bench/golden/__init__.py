"""Whether the recommender finds what would help: leads and courses of our own making."""
