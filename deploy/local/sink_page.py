"""The page of the mail sink: the mails, newest first, and one of them as its reader sees it. On this machine alone."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiohttp import web

HOST = "127.0.0.1"
HEADERS = {
    # A mail shows what it holds and reaches nothing: no script, no foreign address, pictures of its own alone.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
a { color: inherit; } li { margin: .6rem 0; } small { opacity: .75; }
iframe { width: 100%; height: 42rem; border: 1px solid; background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid; padding-left: 1rem; }
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was kept; its number is that of its coming, from 1."""

    number: int
    message: EmailMessage

    @property
    def subject(self) -> str:
        """In plain text."""
        return str(self.message.get("Subject", "")) or "(without a subject)"

    @property
    def to(self) -> str:
        """Whom it is for."""
        return str(self.message.get("To", ""))

    def part(self, kind: str) -> str:
        """The text of the part `plain` or `html`; empty where there is none."""
        found = self.message.get_body((kind,))
        return "" if found is None else str(found.get_content())


def mails_in(folder: Path) -> list[Mail]:
    """Every mail of the folder, newest first."""
    return sorted(_read(folder), key=lambda mail: -mail.number)


def listed(mails: list[Mail]) -> str:
    """The page of all of them."""
    rows = "".join(
        f'<li><a href="/{each.number}">{_text(each.subject)}</a><br><small>to {_text(each.to)}</small></li>'
        for each in mails
    )
    return _page("Mails", f"<ul>{rows}</ul>" if mails else "<p>No mail has come yet.</p>")


def shown(mail: Mail) -> str:
    """The page of one: its HTML in a frame that runs nothing, its text, its headers."""
    frame = f'<iframe sandbox title="The mail" srcdoc="{_text(mail.part("html"))}"></iframe>'
    headers = "\n".join(f"{name}: {value}" for name, value in mail.message.items())
    return _page(
        mail.subject,
        f'<p><a href="/">All mails</a> · <a href="/{mail.number}/text">its text alone</a></p><p>to {_text(mail.to)}</p>'
        f"{frame}<h2>Text</h2><pre>{_text(mail.part('plain'))}</pre><h2>Headers</h2><pre>{_text(headers)}</pre>",
    )


def plain(mail: Mail) -> str:
    """Whom it is for, its subject and its text."""
    return f"To: {mail.to}\nSubject: {mail.subject}\n\n{mail.part('plain')}"


def app_of(folder: Path) -> web.Application:
    """The site of the folder: `/`, `/<number>`, `/<number>/text` and, of the newest, `/latest`."""

    def one(request: web.Request) -> Mail:
        named = request.match_info.get("number")
        mails = mails_in(folder)
        found = mails[:1] if named is None else [each for each in mails if each.number == int(named)]
        if not found:
            raise web.HTTPNotFound(text="There is no such mail (yet).\n")
        return found[0]

    async def listing(_: web.Request) -> web.Response:
        return web.Response(text=listed(mails_in(folder)), content_type="text/html")

    async def single(request: web.Request) -> web.Response:
        return web.Response(text=shown(one(request)), content_type="text/html")

    async def text(request: web.Request) -> web.Response:
        return web.Response(text=plain(one(request)), content_type="text/plain")

    app = web.Application()
    app.on_response_prepare.append(_guard)
    app.router.add_get("/", listing)
    app.router.add_get(r"/{number:\d{1,9}}", single)
    app.router.add_get(r"/{number:\d{1,9}}/text", text)
    app.router.add_get("/latest", text)
    return app


async def start_page(port: int, folder: Path) -> web.AppRunner:
    """The site on this machine, until its `cleanup`; OSError where the port is taken."""
    runner = web.AppRunner(app_of(folder), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner


async def _guard(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


def _read(folder: Path) -> Iterator[Mail]:
    for path in folder.glob("[0-9]*-*.eml"):
        yield Mail(int(path.name.partition("-")[0]), message_from_bytes(path.read_bytes(), policy=policy.default))


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{_text(title)}</title><style>{STYLE}</style><body><h1>{_text(title)}</h1>{body}</body></html>"
    )


def _text(text: str) -> str:
    return html.escape(text, quote=True)
