"""The connector's only I/O: SMTP, the ledger's file, the view of suppressions, the clock; each with its fake."""
