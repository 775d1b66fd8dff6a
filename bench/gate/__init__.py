"""How well the composer's gate tells what a mail may say from what it may not: lines that others wrote and judged."""
