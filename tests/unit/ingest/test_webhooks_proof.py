"""Who a webhook hears: each ESP by its own proof, at its own rate, and nobody who is not configured."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from services.ingest.core.hook import Esp
from services.ingest.core.rates import Rate
from tests.esp_calls import NOW_MS, TOPIC, call_of, hook_of, marked, rsa_key
from tests.esp_collector import BY_ESP, FOREIGN, PATIENT, hooked_by, sent, told


@pytest.mark.parametrize("esp", FOREIGN)
async def test_a_call_without_proof_is_refused(hooked: Any, esp: Esp) -> None:
    """401 whatever its body; a body that was changed, too, where the ESP signs it. Nothing is kept."""
    call = call_of(esp, marked(esp, BY_ESP[esp]))
    kind = {"Content-Type": call.headers["Content-Type"]}
    changed = call.body.replace(b"academy", b"another")
    signs_body = esp not in {Esp.BREVO, Esp.MAILJET, Esp.POSTMARK, Esp.SPARKPOST, Esp.MAILGUN}
    tries = [(b"{}", kind), (b"\xff", kind), (b"", kind), *([(changed, call.headers)] if signs_body else [])]
    if esp not in {Esp.MAILGUN, Esp.UNISENDER_GO, Esp.AMAZON_SES}:  # their proof is in the body
        tries.append((call.body, kind))
    for body, headers in tries:
        status, answer = await sent(hooked, esp.value, body, headers)
        if esp is Esp.MANDRILL and body == b"":
            assert (status, answer["accepted"]) == (200, 0)  # what it asks before it is used
            continue
        assert (status, answer["code"]) == (401, "bad_signature"), (body, answer)
    assert hooked.log.kept == []


@pytest.mark.parametrize("esp", FOREIGN)
async def test_a_secret_that_is_no_longer_there_proves_nothing(serve: Any, esp: Esp) -> None:
    """With one of two taken out, its calls are refused, and a hook whose secrets are all others refuses all."""
    hook = hook_of(esp)
    other = replace(
        hook,
        secrets=hook.secrets[:-1] if len(hook.secrets) > 1 else (b"nothing",) if hook.secrets else (),
        basic=hook.basic[:-1],
        topics=frozenset({f"{TOPIC}2"}) if hook.topics else hook.topics,
    )
    collector = await serve(bounds=PATIENT, hooks=hooked_by({esp: other}), now_ms=lambda: NOW_MS)
    assert (await told(collector, esp, marked(esp, BY_ESP[esp])))[0] == 401
    assert collector.log.kept == []


async def test_who_has_a_password_and_a_secret_needs_both(serve: Any) -> None:
    """The password is judged before the body is read, and asked for: SNS sends it only then."""
    hook = replace(hook_of(Esp.AMAZON_SES), basic=(b"kindling:a password",))
    collector = await serve(bounds=PATIENT, hooks=hooked_by({Esp.AMAZON_SES: hook}), now_ms=lambda: NOW_MS)
    call = call_of(Esp.AMAZON_SES, marked(Esp.AMAZON_SES, BY_ESP["amazon_ses"]))
    path, basic = "/webhooks/amazon_ses", {"Authorization": "Basic a2luZGxpbmc6YSBwYXNzd29yZA=="}
    async with collector.http.post(path, data=call.body, headers=call.headers) as response:
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, 'Basic realm="webhook"')
    assert (await sent(collector, "amazon_ses", b"{}", {**call.headers, **basic}))[0] == 401
    assert (await sent(collector, "amazon_ses", call.body, {**call.headers, **basic}))[0] == 200
    for wrong in ("Basic !", "Bearer a2luZGxpbmc6YSBwYXNzd29yZA==", "Basic a2luZGxpbmc6YQ=="):
        assert (await sent(collector, "amazon_ses", call.body, {**call.headers, "Authorization": wrong}))[0] == 401


async def test_who_is_not_configured_is_not_there(serve: Any) -> None:
    """404 for another ESP, for a word that is none, and where there is no file; our own is always there."""
    collector = await serve(bounds=PATIENT)
    other = await serve(bounds=PATIENT, hooks=hooked_by({Esp.POSTMARK: hook_of(Esp.POSTMARK)}), now_ms=lambda: NOW_MS)
    for each, word in ((other, "brevo"), (other, "sendinblue"), (collector, "postmark")):
        assert (await sent(each, word, b"{}"))[0] == 404
        async with each.http.get(f"/webhooks/{word}") as response:
            assert response.status == 404
    for each, word in ((other, "postmark"), (other, "kindling"), (collector, "kindling")):
        async with each.http.head(f"/webhooks/{word}") as response:
            assert response.status == 200
        async with each.http.get(f"/webhooks/{word}") as response:
            assert response.status == 200


async def test_a_client_without_proof_is_slowed_down(serve: Any) -> None:
    """Refusals count for its rate as anything else does."""
    hooks = hooked_by({Esp.POSTMARK: hook_of(Esp.POSTMARK)})
    collector = await serve(bounds=PATIENT, hooks=hooks, client_rate=Rate(0.001, 3), now_ms=lambda: NOW_MS)
    statuses = [(await sent(collector, "postmark", b"{}"))[0] for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    async with collector.http.get("/webhooks/postmark") as response:
        assert response.status == 429


async def test_a_webhook_has_its_rate(serve: Any) -> None:
    """By events; a batch larger than the burst is taken once the bucket is full, or it would never be."""
    slow = replace(hook_of(Esp.SENDGRID), rate=Rate(0.001, 3))
    collector = await serve(bounds=PATIENT, hooks=hooked_by({Esp.SENDGRID: slow}), now_ms=lambda: NOW_MS)
    one = marked(Esp.SENDGRID, BY_ESP["sendgrid"])
    assert (await told(collector, Esp.SENDGRID, one * 5))[0] == 200
    assert (await told(collector, Esp.SENDGRID, one))[0] == 429
    assert len(collector.log.kept) == 5


async def test_postal_signs_by_the_newer_hash_too(hooked: Any) -> None:
    """Where both are there the newer one decides."""
    call = call_of(Esp.POSTAL, marked(Esp.POSTAL, BY_ESP["postal"]))
    newer = rsa_key().sign(call.body, padding.PKCS1v15(), hashes.SHA256())
    headers = {"X-Postal-Signature-256": base64.b64encode(newer).decode()}
    assert (await sent(hooked, "postal", call.body, headers))[0] == 200
    assert (await sent(hooked, "postal", call.body, {**call.headers, "X-Postal-Signature-256": "AAAA"}))[0] == 401
