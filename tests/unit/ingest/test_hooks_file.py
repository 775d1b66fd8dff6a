"""The file of webhooks: what it says of each ESP, how it is read anew, and what is said of one that is broken."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from services.ingest.adapters.hooks_file import FileHooks, read_hooks
from services.ingest.clients import NO_ANYMAIL, hooks_of
from services.ingest.core.hook import Esp, Hook
from services.ingest.core.rates import Rate
from services.ingest.settings import IngestSettings
from services.ingest.webhooks import ONLY_OURS
from services.runtime.outcome import Misconfigured
from services.runtime.tasks import Tasks
from tests.esp_calls import curve_key, public

EXAMPLE = Path(__file__).parents[3] / "examples" / "webhooks.yaml"
USUAL = Rate(7, 700)
SECRET = "a secret of a test"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:mails"


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], dict[Esp, Hook]]:
    """The webhooks of a file that says this."""

    def of(text: str) -> dict[Esp, Hook]:
        (tmp_path / "webhooks.yaml").write_text(text, encoding="utf-8")
        return read_hooks(tmp_path / "webhooks.yaml", USUAL)

    return of


def test_a_file_says_how_each_esp_proves_itself(read: Callable[[str], dict[Esp, Hook]], tmp_path: Path) -> None:
    """What it leaves out of rates is as the settings say it; secrets may stand in a file, one a line."""
    (tmp_path / "mandrill").write_text("the older one\nthe-newer-one\n".replace(" ", "-"), encoding="utf-8")
    key = public(curve_key()).decode()
    book = read(
        f"""
webhooks:
  - {{esp: sendgrid, secrets: ["{key}"], basic: ["kindling:a password"]}}
  - {{esp: postmark, basic: ["kindling:a password", "kindling:another one"], calls_per_s: 5, burst: 600}}
  - {{esp: amazon_ses, topics: [{TOPIC}]}}
  - {{esp: mandrill, secrets_file: {tmp_path / "mandrill"}, url: "https://collector.example.com/webhooks/mandrill"}}
"""
    )
    assert book == {
        Esp.SENDGRID: Hook(Esp.SENDGRID, USUAL, (key.encode(),), (b"kindling:a password",)),
        Esp.POSTMARK: Hook(Esp.POSTMARK, Rate(5, 600), (), (b"kindling:a password", b"kindling:another one")),
        Esp.AMAZON_SES: Hook(Esp.AMAZON_SES, USUAL, topics=frozenset({TOPIC})),
        Esp.MANDRILL: Hook(
            Esp.MANDRILL,
            USUAL,
            (b"the-older-one", b"the-newer-one"),
            url="https://collector.example.com/webhooks/mandrill",
        ),
    }


def test_the_example_is_read() -> None:
    """The one in the repository, with every kind of proof in it."""
    book = read_hooks(EXAMPLE, USUAL)
    assert {Esp.SENDGRID, Esp.POSTMARK, Esp.AMAZON_SES, Esp.MANDRILL} <= set(book)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{esp: sendinblue, basic: ['a:long enough']}", "webhooks.0.esp: expected 'amazon_ses'"),
        ("{esp: kindling, basic: ['a:long enough']}", "our own webhook is always there"),
        ("{esp: brevo}", "expected secrets, or basic"),
        ("{esp: brevo, secrets: [a secret of a test]}", "expected no secrets"),
        ("{esp: brevo, basic: [without a colon]}", "expected user:password"),
        ("{esp: brevo, basic: ['a:short']}", "webhooks.0.basic.0: expected at least 10 characters"),
        ("{esp: brevo, basic: ['a:long enough'], topics: [" + TOPIC + "]}", "expected topics"),
        ("{esp: amazon_ses, basic: ['a:long enough']}", "expected topics"),
        ("{esp: amazon_ses, topics: [mails]}", "webhooks.0.topics.0: expected the ARN"),
        ("{esp: amazon_ses, topics: [" + TOPIC + "], secrets: [a secret of a test]}", "expected no secrets"),
        ("{esp: mailgun, secrets: [short]}", "webhooks.0.secrets.0: expected at least 8 characters"),
        ("{esp: mailgun, secrets: [a secret of a test], url: 'https://a.example/'}", "expected url of mandrill"),
        ("{esp: mandrill, secrets: [a secret of a test]}", "expected url of mandrill"),
        ("{esp: mandrill, secrets: [a secret of a test], url: 'http://a'}", "webhooks.0.url: expected a link"),
        ("{esp: mailgun, secrets: [a secret of a test], burst: 1}", "webhooks.0.burst: expected at least 500"),
        ("{esp: mailgun, secrets: [a secret of a test], rate: 1}", "webhooks.0.rate: expected no field of this name"),
        ("{esp: mailgun, secrets_file: /nowhere/at/all}", "/nowhere/at/all: expected a readable file"),
        ("{esp: mailgun, secrets_file: /dev/null}", "/dev/null: expected at most 4 lines, a secret of at least 8"),
        ("{esp: sendgrid, secrets: [a secret of a test]}", "sendgrid: expected secrets to be public keys"),
        ("{esp: resend, secrets: [whsec_no_base64!]}", "resend: expected secrets of base64"),
        ("{esp: resend, secrets: [whsec_AAAA]}", "resend: expected secrets of base64"),
        ("{esp: postal, secrets: [a secret of a test]}", "postal: expected secrets to be public keys"),
        ("{esp: brevo, basic: ['a:long enough']}, {esp: brevo, basic: ['a:long enough']}", "expected each ESP once"),
    ],
)
def test_a_broken_file_says_what_is_wrong(read: Callable[[str], dict[Esp, Hook]], entry: str, said: str) -> None:
    """With the field, what was expected, and never a secret."""
    with pytest.raises(Misconfigured) as raised:
        read(f"webhooks: [{entry}]")
    assert said in str(raised.value)
    assert SECRET not in str(raised.value)
    assert "long enough" not in str(raised.value)


def test_a_file_is_read_when_it_has_changed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A broken one keeps the webhooks of before, and is counted; no secret is in the log."""
    caplog.set_level(logging.INFO)
    path = tmp_path / "webhooks.yaml"
    path.write_text(f"webhooks: [{{esp: mailgun, secrets: [{SECRET}]}}]", encoding="utf-8")
    file = FileHooks(path, USUAL)
    first = file.book()
    path.write_text(f"webhooks: [{{esp: mailtrap, secrets: [{SECRET}, another secret]}}]", encoding="utf-8")
    file.look()
    assert set(file.book()) == {Esp.MAILTRAP}
    labels = {"outcome": "broken"}
    before = REGISTRY.get_sample_value("kindling_ingest_webhooks_read_total", labels) or 0.0
    path.write_text("webhooks: {", encoding="utf-8")
    file.look()
    assert set(file.book()) == {Esp.MAILTRAP} != set(first)
    assert REGISTRY.get_sample_value("kindling_ingest_webhooks_read_total", labels) == before + 1
    assert SECRET not in caplog.text


async def test_settings_name_the_file(tmp_path: Path) -> None:
    """Without one, only our own webhook is there; with one, the file is looked at from then on."""
    tasks = Tasks()
    assert hooks_of(IngestSettings(secret="a secret of a test"), tasks) is ONLY_OURS
    path = tmp_path / "webhooks.yaml"
    path.write_text(f"webhooks: [{{esp: mailgun, secrets: [{SECRET}]}}]", encoding="utf-8")
    hooks = hooks_of(IngestSettings(secret="a secret of a test", ingest_webhooks=path), tasks)
    assert set(hooks.book()) == {Esp.MAILGUN}
    assert "webhooks" in tasks.owned.values()
    await tasks.stop(*tasks.owned)


async def test_a_service_without_anymail_starts_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One line; its webhooks answer 503 from then on. A module of ours that is missing is a bug all the same."""
    path = tmp_path / "webhooks.yaml"
    path.write_text(f"webhooks: [{{esp: mailgun, secrets: [{SECRET}]}}]", encoding="utf-8")
    settings, tasks = IngestSettings(secret="a secret of a test", ingest_webhooks=path), Tasks()
    adapter = "services.ingest.adapters.anymail_events"
    monkeypatch.delitem(sys.modules, adapter, raising=False)
    monkeypatch.setitem(sys.modules, "anymail.exceptions", None)
    hooks = hooks_of(settings, tasks)
    assert hooks.world is not None
    assert hooks.world.reader is None
    [line] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert line.__dict__["reason"] == NO_ANYMAIL
    monkeypatch.setitem(sys.modules, adapter, None)
    with pytest.raises(ModuleNotFoundError):
        hooks_of(settings, tasks)
    await tasks.stop(*tasks.owned)
