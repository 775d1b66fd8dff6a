"""Which mail server is believed to be itself: certificates to trust, and what is wrong with one that is not."""

import ssl
from pathlib import Path

from services.runtime.outcome import Misconfigured

CUT = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)  # the line ended: that may be the world's fault


def trust(ca: Path | None) -> ssl.SSLContext:
    """Trust in this PEM file alone, or in the system's store; names are checked, TLS is 1.2 or newer.

    Raises:
        Misconfigured: the file cannot be read, or holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:  # an SSLError is one
        raise Misconfigured(
            f"expected a PEM file of certificates at {ca}; {error.strerror or error}: set KINDLING_CONNECTOR_SMTP_CA"
        ) from error


def distrusted(error: BaseException) -> str | None:
    """What the operator has to set because of this error or one it was raised from; None where TLS was no matter.

    A certificate that does not verify does not get better by waiting, nor does a port that speaks no TLS.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return (
                f"has a certificate that does not verify ({seen.verify_message}): set KINDLING_CONNECTOR_SMTP_CA to "
                "the PEM file of who signed it and KINDLING_CONNECTOR_SMTP_HOST to a name in it, or have it renewed"
            )
        if isinstance(seen, ssl.SSLError) and not isinstance(seen, CUT):
            return f"and we agree on no TLS ({seen.reason}): see KINDLING_CONNECTOR_SMTP_TLS and _PORT"
        seen = seen.__cause__ or seen.__context__
    return None
