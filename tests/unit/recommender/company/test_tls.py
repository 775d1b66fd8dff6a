"""Sites over TLS: a certificate that does not hold ends the visit."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.recommender.core.company.values import NoPage, Site, Why

WITHIN_S = 8.0


def _refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak without being asked, as no server of TLS does."""
    writer.write(b"HTTP/1.1 400 Bad\r\n\r\n")
    writer.close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "c.pem", folder / "k.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=acme.com"
    subprocess.run(
        [str(shutil.which("openssl")), *words.split(), "-addext", "subjectAltName=DNS:acme.com",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


async def test_server_without_tls_is_not_read_over_https(scene: Any, names: Any) -> None:
    """There is no way down to plain text."""
    plain = await asyncio.start_server(_refuse, "127.0.0.1", 0)
    scene.servers.append(plain)
    server = await scene.server({})
    server.port = plain.sockets[0].getsockname()[1]
    reader = scene.reader(names({}, [server.address]), server)
    found = await reader.read(Site("acme.com", "https", "website"), within_s=WITHIN_S)
    assert found.why is Why.TLS


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
async def test_certificate_has_to_be_good(scene: Any, names: Any, page: Callable[..., bytes], tmp_path: Path) -> None:
    """One that nobody vouches for, or of another name, ends the visit; a good one does not."""
    certificate, key = _certificate(tmp_path)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate, key)
    server = await scene.server({"/": page()}, ours)
    trusting = ssl.create_default_context(cafile=str(certificate))
    for tls, host, why in ((None, "acme.com", Why.TLS), (trusting, "shop.com", Why.TLS), (trusting, "acme.com", None)):
        reader = scene.reader(names({}, [server.address]), server, tls=tls)
        found = await reader.read(Site(host, "https", "website"), within_s=WITHIN_S)
        assert (found.why if isinstance(found, NoPage) else None) is why
