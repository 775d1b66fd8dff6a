"""The rules of the profile: pure, no clock, no I/O; states go in and come out as plain values."""
