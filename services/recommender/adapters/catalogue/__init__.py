"""The catalogue and the courses' standing: read from Kafka whole, and the file that is imported."""
