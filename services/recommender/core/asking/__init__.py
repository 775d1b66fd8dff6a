"""What a model is asked, and what of its answer holds; the rungs that need none."""
