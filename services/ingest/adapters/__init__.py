"""The I/O of ingest: aiohttp, aiokafka, and the fakes that stand in for them."""
