"""The recommender's only ways to the world: the index, embeddings, the catalogue, prompt files."""
