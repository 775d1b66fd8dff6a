"""From the settings to the one value that every Kafka client is built from."""

from services.runtime.kafka_clients import Kafka
from services.runtime.settings import KafkaSettings


def kafka_of(settings: KafkaSettings) -> Kafka:
    """Where Kafka is and how one gets in."""
    return Kafka(settings.kafka_bootstrap_servers)
