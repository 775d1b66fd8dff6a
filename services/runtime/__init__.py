"""The plumbing every service stands on: Kafka loop, outcomes, settings, logs, metrics, health, retry, LLM client."""
