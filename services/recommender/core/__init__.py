"""What the recommender decides, and why: pure functions over values."""
