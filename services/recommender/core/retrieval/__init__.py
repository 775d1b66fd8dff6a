"""What is asked of the index, and by which words and vectors."""
