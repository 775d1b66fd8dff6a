"""A broker that lets each principal do what its rights say and nothing else: those that Strimzi would be given."""

from typing import Any

from aiokafka.protocol.admin import CreateAclsRequest, CreateAclsRequestStruct

from deploy.kubernetes.access import principals
from deploy.local import kafka as local
from deploy.local.ports import free_port
from services.runtime.kafka_access import kafka_of
from services.runtime.kafka_clients import Kafka
from services.runtime.settings import KafkaSettings

PASSWORD = "a password of the test of rights"
MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"
KINDS = {"topic": 2, "group": 3, "cluster": 4, "transactionalId": 5}  # in the protocol
OPERATIONS = {
    "Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10, "AlterConfigs": 11, "IdempotentWrite": 12,
}  # fmt: skip
LITERAL, PREFIXED, ALLOW = 3, 4, 3
CLUSTER = "kafka-cluster"


class Creation(CreateAclsRequest):  # type: ignore[misc] # the library has no types
    """Rights of many at once; the library's own takes one."""

    def __init__(self, rows: list[tuple[int, str, int, str, str, int, int]]) -> None:
        self._rows = rows

    def build(self, request_struct_class: type[CreateAclsRequestStruct]) -> CreateAclsRequestStruct:
        """The request as the protocol has it."""
        return request_struct_class(self._rows)


def guarded(folder: Any, log_in: int) -> local.Broker:
    """The broker, not yet started: open to its administrator inside, by name and password on the other port."""
    inside, controller = free_port(), free_port()
    within, without = f"PLAINTEXT://127.0.0.1:{inside}", f"SASL_PLAINTEXT://127.0.0.1:{log_in}"
    users = " ".join(f'user_{each}="{PASSWORD}"' for each in principals())
    lines = (
        f"listeners={within},CONTROLLER://127.0.0.1:{controller},{without}",
        f"advertised.listeners={within},{without}",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
        "listener.name.sasl_plaintext.sasl.enabled.mechanisms=PLAIN",
        f"listener.name.sasl_plaintext.plain.sasl.jaas.config={MODULE} required {users};",
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users=User:ANONYMOUS",
        "allow.everyone.if.no.acl.found=false",
    )
    return local.Broker(folder, inside, controller, ("-XX:TieredStopAtLevel=1",), lines)


def settings_of(principal: str, log_in: int) -> dict[str, str]:
    """The environment by which a principal comes."""
    return {
        "KINDLING_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{log_in}",
        "KINDLING_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KINDLING_KAFKA_SASL_MECHANISM": "PLAIN",
        "KINDLING_KAFKA_USERNAME": principal,
        "KINDLING_KAFKA_PASSWORD": PASSWORD,
    }


def kafka_as(principal: str, log_in: int) -> Kafka:
    """The broker as a principal comes to it."""
    words = settings_of(principal, log_in)
    return kafka_of(KafkaSettings.model_validate({k.removeprefix("KINDLING_").lower(): v for k, v in words.items()}))


async def give_rights(inside: str) -> None:
    """Every principal's, as the generator has them."""
    admin = Kafka(inside).admin()
    await admin.start()
    try:
        answer = await admin._send_request(Creation(_rows()))
    finally:
        await admin.close()
    assert {code for code, _ in answer.creation_responses} == {0}


def _rows() -> list[tuple[int, str, int, str, str, int, int]]:
    rows = []
    for principal, rights in principals().items():
        for right in rights:
            is_every = right.is_prefix and not right.name
            name = CLUSTER if right.kind == "cluster" else "*" if is_every else right.name
            pattern = PREFIXED if right.is_prefix and not is_every else LITERAL
            rows += [
                (KINDS[right.kind], name, pattern, f"User:{principal}", "*", OPERATIONS[each], ALLOW)
                for each in right.operations
            ]
    return rows
