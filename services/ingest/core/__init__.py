"""The decisions of ingest: pure functions over bytes and values."""
