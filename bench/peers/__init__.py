"""What others would write in place of a service of ours, as source: run beside it on the same kind of broker."""
