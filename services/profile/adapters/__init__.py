"""What touches Kafka, Faust and the disk: one library a file."""
