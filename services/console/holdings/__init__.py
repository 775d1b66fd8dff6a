"""What is held of somebody: found in the topics, written as a file, and ended. It stands beside the pages."""
