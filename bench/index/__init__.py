"""The index workload: what an import costs, and what three lanes cost on each engine."""
