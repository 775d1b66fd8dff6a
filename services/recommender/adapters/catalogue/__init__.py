"""The catalogue and the course statistics: read from Kafka whole, and the file that is imported."""
