"""`python -m deploy.local.smtp_sink --port 2525 --folder .local/mail`: takes every mail, sends none on.

Each becomes one .eml file, which a mail program opens, and one printed line; with `--page-port` a page shows them.
"""

import argparse
import asyncio
import re
import signal
import sys
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from deploy.local.sink_page import start_page

HOST = "127.0.0.1"
EX_CONFIG = 78
UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


class Sink:
    """Writes what arrives; aiosmtpd calls it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._count = len(list(folder.glob("*.eml")))

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's name
        """Keep one mail; it is a file before the sender hears 250."""
        read = message_from_bytes(envelope.content, policy=policy.default)
        self._count += 1
        name = UNSAFE.sub("_", str(read.get("Message-ID", "")).strip("<>").partition("@")[0])[:80] or "mail"
        path = self._folder / f"{self._count:04d}-{name}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(envelope.content)
        part.replace(path)  # who reads the folder sees whole mails
        print(f"mail to {', '.join(envelope.rcpt_tos)}: {read.get('Subject', '')} ({path})", flush=True)
        return "250 kept"


async def serve(port: int, folder: Path, *, stop: asyncio.Event) -> None:
    """Take mails on this machine until `stop` is set; OSError where the port is taken or the folder read-only."""
    sink = Sink(folder)
    loop = asyncio.get_running_loop()
    async with await loop.create_server(
        lambda: SMTP(sink, hostname="kindling-sink", loop=loop, enable_SMTPUTF8=True), HOST, port
    ) as listener:
        print(f"smtp sink on {HOST}:{listener.sockets[0].getsockname()[1]}, mails in {folder}", flush=True)
        await stop.wait()


async def _main(port: int, folder: Path, page_port: int | None) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    page = None
    try:
        if page_port is not None:
            page = await start_page(page_port, folder)
        await serve(port, folder, stop=stop)
    except OSError as error:
        ports = f"port {port}" if page_port is None else f"ports {port} and {page_port}"
        print(f"smtp sink: cannot use {ports} and {folder}: {error}; choose others", file=sys.stderr)
        return EX_CONFIG
    finally:
        if page is not None:
            await page.cleanup()
    return 0


def main() -> int:
    """Read the arguments and run until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(description="A mail server that keeps every mail as a file and sends none on.")
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--folder", type=Path, default=Path(".local/mail"))
    parser.add_argument("--page-port", type=int, default=None, help="where a page shows the mails; else there is none")
    arguments = parser.parse_args()
    return asyncio.run(_main(arguments.port, arguments.folder, arguments.page_port))


if __name__ == "__main__":
    sys.exit(main())
