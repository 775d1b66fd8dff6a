"""Webhooks of Amazon's SES: messages of SNS, whose certificates and confirmations are asked for at SNS alone."""

import json
from typing import Any

from services.ingest.core.hook import Esp
from tests.esp_calls import NOW_MS, TOPIC, hook_of, sns, sns_signed
from tests.esp_collector import BY_ESP, PATIENT, hooked_by, sent

CONFIRM = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=t&Token=t"


async def test_a_subscription_is_confirmed_where_sns_asks_for_it(serve: Any) -> None:
    """Signed, of a topic that is named, and by an address of SNS; a certificate is asked for at SNS alone."""
    asked = sns()
    collector = await serve(
        bounds=PATIENT, hooks=hooked_by({Esp.AMAZON_SES: hook_of(Esp.AMAZON_SES)}, asked), now_ms=lambda: NOW_MS
    )
    ask = {"Type": "SubscriptionConfirmation", "Message": "m", "Token": "t", "SubscribeURL": CONFIRM}
    for version in ("1", "2"):
        body = json.dumps(sns_signed(ask, version)).encode()
        assert (await sent(collector, "amazon_ses", body))[0] == 200
    assert asked.confirmed == [CONFIRM, CONFIRM]
    wrongs = [
        {**sns_signed(ask), "Token": "another"},
        sns_signed({**ask, "SubscribeURL": CONFIRM.replace("us-east-1", "eu-west-1")}),
        sns_signed({**ask, "SubscribeURL": CONFIRM.replace("amazonaws.com", "amazonaws.com.evil.example")}),
        sns_signed({**ask, "SubscribeURL": CONFIRM.replace("ConfirmSubscription", "DeleteTopic")}),
        sns_signed({**ask, "SubscribeURL": CONFIRM.replace("https", "http")}),
        sns_signed(
            {**ask, "SubscribeURL": "https://sns.us-east-1.amazonaws.com@evil.example/?Action=ConfirmSubscription"}
        ),
        sns_signed({**ask, "SubscribeURL": "https://[sns"}),
        sns_signed({**ask, "SubscribeURL": CONFIRM + "\u00e9"}),
    ]
    for wrong in wrongs:
        assert (await sent(collector, "amazon_ses", json.dumps(wrong).encode()))[0] == 401
    assert len(asked.confirmed) == 2
    leave = sns_signed({**ask, "Type": "UnsubscribeConfirmation"})
    assert (await sent(collector, "amazon_ses", json.dumps(leave).encode()))[0] == 200
    assert len(asked.confirmed) == 2


async def test_a_notice_of_sns_has_to_be_whole(serve: Any) -> None:
    """Nothing is asked of SNS before topic, version, and the certificate's address are what they must be."""
    asked = sns()
    collector = await serve(
        bounds=PATIENT, hooks=hooked_by({Esp.AMAZON_SES: hook_of(Esp.AMAZON_SES)}, asked), now_ms=lambda: NOW_MS
    )
    good = sns_signed({"Type": "Notification", "Message": json.dumps(BY_ESP["amazon_ses"])})
    place = good["SigningCertURL"]
    wrongs: list[Any] = [
        [],
        {**good, "TopicArn": f"{TOPIC}2"},
        {**good, "Type": "Other"},
        {**good, "SignatureVersion": "3"},
        {**good, "Signature": "é"},
        {**good, "SigningCertURL": place.replace("us-east-1", "us-east-2")},
        {**good, "SigningCertURL": place.replace("amazonaws.com", "amazonaws.com.evil.example")},
        {**good, "SigningCertURL": place.replace("https", "http")},
        {**good, "SigningCertURL": place.replace(".com/", ".com:444/")},
        {**good, "SigningCertURL": place + "?a=b"},
        {**good, "SigningCertURL": "https://sns.us-east-1.amazonaws.com/other.pem"},
        {**good, "SigningCertURL": 7},
    ]
    for wrong in wrongs:
        assert (await sent(collector, "amazon_ses", json.dumps(wrong).encode()))[0] == 401, wrong
    assert asked.asked == []
    asked.is_away = True
    assert (await sent(collector, "amazon_ses", json.dumps(good).encode()))[0] == 503
    asked.is_away = False
    assert (await sent(collector, "amazon_ses", json.dumps(good).encode()))[0] == 200
    validated = sns_signed(
        {"Type": "Notification", "Message": "Successfully validated SNS topic for Amazon SES event publishing."}
    )
    assert (await sent(collector, "amazon_ses", json.dumps(validated).encode()))[0] == 200


async def test_a_certificate_out_of_its_time_proves_nothing(serve: Any) -> None:
    """Nor one that is none."""
    asked = sns()
    hooks = hooked_by({Esp.AMAZON_SES: hook_of(Esp.AMAZON_SES)}, asked)
    late = await serve(bounds=PATIENT, hooks=hooks, now_ms=lambda: NOW_MS + 86_400_000)
    body = json.dumps(sns_signed({"Type": "Notification", "Message": "{}"})).encode()
    assert (await sent(late, "amazon_ses", body))[0] == 401
    asked.certificates = dict.fromkeys(asked.certificates, b"-----BEGIN CERTIFICATE-----")
    now = await serve(bounds=PATIENT, hooks=hooks, now_ms=lambda: NOW_MS)
    assert (await sent(now, "amazon_ses", body))[0] == 401
