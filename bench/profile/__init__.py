"""The profile's workload: the real fold behind the fence on the real broker, and behind nothing."""
