"""`kindling doctor`: what keeps this installation from working, or soon will, and what to do."""
