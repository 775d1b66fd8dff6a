"""Signatures by public keys, checked by `cryptography`."""

import binascii
from base64 import b64decode
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate

MOST_KEYS = 64  # that are kept read
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 theirs to choose: SNS's version 1, Postal before 3
    "sha256": hashes.SHA256(),
}


class KeyChecks:
    """A `core.proof.PublicKeys`."""

    def has_signed_by_curve(self, key: bytes, signature: bytes, said: bytes) -> bool:
        """True if the owner of this key of a curve signed it: ECDSA over SHA-256."""
        public = _public_key(key)
        if not isinstance(public, EllipticCurvePublicKey):
            return False
        try:
            public.verify(signature, said, ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    def has_signed_by_rsa(self, key: bytes, signature: bytes, said: bytes, hash_name: str) -> bool:
        """True if the owner of this RSA key signed it: PKCS #1 version 1.5 over `sha1` or `sha256`."""
        return _is_by_rsa(_public_key(key), signature, said, hash_name)

    def has_signed_by_certificate(
        self, certificate: bytes, signature: bytes, said: bytes, hash_name: str, now_s: float
    ) -> bool:
        """True if the owner of this certificate in PEM, valid now, signed it by RSA as above."""
        try:
            found = load_pem_x509_certificate(certificate)
            public = found.public_key()
        except (ValueError, UnsupportedAlgorithm):
            return False
        now = datetime.fromtimestamp(now_s, UTC)
        is_valid = found.not_valid_before_utc <= now <= found.not_valid_after_utc
        return is_valid and _is_by_rsa(public, signature, said, hash_name)


def is_public_key(key: bytes) -> bool:
    """True for the base64 of a public key of a curve, or of RSA."""
    return isinstance(_public_key(key), EllipticCurvePublicKey | RSAPublicKey)


@lru_cache(maxsize=MOST_KEYS)
def _public_key(key: bytes) -> object:
    try:
        return serialization.load_der_public_key(b64decode(key, validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return None


def _is_by_rsa(public: object, signature: bytes, said: bytes, hash_name: str) -> bool:
    if not isinstance(public, RSAPublicKey):
        return False
    try:
        public.verify(signature, said, PKCS1v15(), _HASHES[hash_name])
    except InvalidSignature:
        return False
    return True
