"""The plumbing every service stands on: the Kafka loop, outcomes, settings, logs, metrics, health, retry, LLM client."""
