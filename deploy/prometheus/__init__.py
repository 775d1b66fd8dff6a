"""Rules, objectives and alerts for Prometheus, with examples that load them; `docs/runbooks` has a page for each."""
