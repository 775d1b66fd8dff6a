"""Pure parts of the console: what is asked for, what is kept of each record, and what a page shows."""
