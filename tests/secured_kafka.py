"""A broker that lets nobody in unknown: TLS with log-in on one port, TLS with certificates on another, one open inside.

The authority that its clients trust is of the test; beside it stands another one, which nobody trusts.
"""

import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization

from deploy.local import kafka as local
from deploy.local.ports import free_port

USER, PASSWORD, PLAIN_PASSWORD, KEY_PASSWORD = "kindling", "a scram secret", "a plain secret", "a key secret"
MODULE = "org.apache.kafka.common.security"
WAYS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER by file", "OAUTHBEARER by command", "certificate")


@dataclass(frozen=True, slots=True)
class Secured:
    """Where the broker is, and the folder with what opens it."""

    node: local.Broker
    log_in: int
    certificates: int

    @property
    def folder(self) -> Path:
        """`ca.pem`, `other-ca.pem`, `client.pem` and `.key`, `stranger.pem` and `.key`, `token`, `old-token`."""
        return self.node.folder.parent

    def settings(self, way: str, **others: str | None) -> dict[str, str]:
        """The environment that gets in by this way; others take the place of its words, None takes one out."""
        port = self.certificates if way == "certificate" else self.log_in
        mechanism, _, of = way.partition(" by ")
        token = str(self.folder / "token")
        words: dict[str, dict[str, str | None]] = {
            "certificate": {
                "SECURITY_PROTOCOL": "SSL", "SASL_MECHANISM": None, "CERTIFICATE": str(self.folder / "client.pem"),
                "KEY": str(self.folder / "client.key"), "KEY_PASSWORD": KEY_PASSWORD,
            },
            "PLAIN": {"USERNAME": USER, "PASSWORD": PLAIN_PASSWORD},
            "OAUTHBEARER": {"TOKEN_FILE": token} if of == "file" else {"TOKEN_COMMAND": f"cat {token}"},
        }  # fmt: skip
        made: dict[str, str | None] = {
            "BOOTSTRAP_SERVERS": f"127.0.0.1:{port}", "SECURITY_PROTOCOL": "SASL_SSL", "SASL_MECHANISM": mechanism,
            "CA": str(self.folder / "ca.pem"), **words.get(mechanism, {"USERNAME": USER, "PASSWORD": PASSWORD}),
            **others,
        }  # fmt: skip
        return {f"KINDLING_KAFKA_{name}": word for name, word in made.items() if word is not None}


def secured(folder: Path) -> Secured:
    """The broker, not yet started; its stores, certificates and tokens are written into the folder."""
    _write_stores(folder)
    (folder / "token").write_text(unsecured_token(3_600) + "\n")
    (folder / "old-token").write_text(unsecured_token(-3_600) + "\n")
    inside, controller, log_in, certificates = (free_port() for _ in range(4))
    users = tuple(f"SCRAM-SHA-{bits}=[name={USER},password={PASSWORD}]" for bits in (256, 512))
    within = f"PLAINTEXT://127.0.0.1:{inside}"
    without = f"SASL_SSL://127.0.0.1:{log_in},SSL://127.0.0.1:{certificates}"
    lines = (
        f"listeners={within},CONTROLLER://127.0.0.1:{controller},{without}",
        f"advertised.listeners={within},{without}",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL",
        "ssl.keystore.type=PEM",
        f"ssl.keystore.location={folder}/server.pem",
        "ssl.truststore.type=PEM",
        f"ssl.truststore.location={folder}/ca.pem",
        "listener.name.ssl.ssl.client.auth=required",
        "listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
        _knows("plain", f'plain.PlainLoginModule required user_{USER}="{PLAIN_PASSWORD}"'),
        _knows("scram-sha-256", "scram.ScramLoginModule required"),
        _knows("scram-sha-512", "scram.ScramLoginModule required"),
        _knows("oauthbearer", 'oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker"'),
    )
    short_lived = ("-XX:TieredStopAtLevel=1",)
    return Secured(
        local.Broker(folder / "kafka", inside, controller, short_lived, lines, users), log_in, certificates
    )  # fmt: skip


def unsecured_token(valid_s: int) -> str:
    """A token without signature (RFC 7519, 6), as the broker's own validator for development takes it."""
    now = int(time.time())
    parts = ({"alg": "none"}, {"sub": USER, "iat": now - 7_200, "exp": now + valid_s})
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in parts) + "."


def write_identity(folder: Path, name: str, certificate: trustme.LeafCert, password: str | None = None) -> None:
    """Certificate and key as `<name>.pem` and `<name>.key`, the key encrypted where there is a password."""
    (folder / f"{name}.pem").write_bytes(b"".join(each.bytes() for each in certificate.cert_chain_pems))
    (folder / f"{name}.key").write_bytes(_key(certificate, password))


def _write_stores(folder: Path) -> None:
    ours, others = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(str(folder / "ca.pem"))
    others.cert_pem.write_to_path(str(folder / "other-ca.pem"))
    write_identity(folder, "client", ours.issue_cert("kindling@example.org"), KEY_PASSWORD)
    write_identity(folder, "stranger", others.issue_cert("kindling@example.org"))
    server = ours.issue_cert("127.0.0.1")
    chain = b"".join(each.bytes() for each in server.cert_chain_pems)
    (folder / "server.pem").write_bytes(_key(server, None) + chain)


def _key(certificate: trustme.LeafCert, password: str | None) -> bytes:
    """In PKCS #8, the only form that a broker takes."""
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
    closing = serialization.NoEncryption() if password is None else serialization.BestAvailableEncryption(
        password.encode()
    )  # fmt: skip
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, closing)


def _knows(mechanism: str, module: str) -> str:
    return f"listener.name.sasl_ssl.{mechanism}.sasl.jaas.config={MODULE}.{module};"
