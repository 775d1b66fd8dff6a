"""The index in Qdrant, embedded or by URL, and what keeps it equal to the catalogue."""
