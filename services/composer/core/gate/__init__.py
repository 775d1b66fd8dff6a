"""The gate: deterministic, last before the record. Every rule is a named pure function; all that match say so."""
