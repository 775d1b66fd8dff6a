"""`kindling check`: a whole program folder and its catalogue, every mistake in one go."""
