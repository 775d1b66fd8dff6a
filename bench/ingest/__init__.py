"""What ingest costs: raw records into batches, and calls over HTTP, each beside the plainest that could do it."""
