"""Whether leads of a business's first day get what helps them, by grades that others gave before it was ranked."""
