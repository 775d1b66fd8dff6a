"""The receipt of an erasure, and the file of an export: values that are shown to who asked."""

import json
from datetime import UTC, datetime
from typing import Any

from schemas.retention import AGE, LAG, SEGMENT, Of, holding_of, told_of
from schemas.topics import ALL, DAY_MS, DECISIONS, EVENTS_RAW, PROFILE_CHANGELOG
from services.console.core.export_file import At, ExportFile
from services.console.core.receipt import Erasure, Gone, Progress, lines_of, receipt_of
from services.console.core.subject import Subject

NOW = datetime(2026, 11, 28, tzinfo=UTC)
TABLE = {each.name: told_of(each) for each in ALL}


def _subject(*, is_mailbox: bool = False) -> Subject:
    return Subject(b"", lambda _: None, is_mailbox, persons={"u:ada"}, address_keys={"k"}, addresses={"a@example.com"})


def _receipt(settings: dict[str, dict[str, str]], *open_ids: str, is_mailbox: bool = False) -> dict[str, Any]:
    gone = (Gone("u:ada", NOW, "f" * 64),)
    return receipt_of(Erasure(_subject(is_mailbox=is_mailbox), gone, NOW, 2, open_ids, settings))


def test_an_erasure_waits_for_every_stage() -> None:
    """Ingest has taken the request, profile emptied the value, the mailbox is refused; each says how far it is."""
    progress = Progress(frozenset({"u:ada", "u:ben"}), frozenset({"k"}))
    assert progress.missing() == (
        "ingest has taken 0 of 2 persons", "profile has emptied 0 of 2 values",
        "email.suppressions has 0 of 1 refusals",
    )  # fmt: skip
    progress.taken |= {"u:ada"}
    progress.gone["u:ben"] = Gone("u:ben", NOW, "f")
    assert progress.missing()[0] == "profile has emptied 1 of 2 values"
    progress.gone["u:ada"] = Gone("u:ada", NOW, "f")
    assert not progress.is_done
    progress.refused |= {"k"}
    assert progress.is_done


def test_a_receipt_lists_every_place_and_its_end() -> None:
    """Each topic that holds somebody, by the broker's own settings; the other places; and what is not ours."""
    receipt = _receipt(TABLE)
    places = {each["place"]: each for each in receipt["places"]}
    assert {each.short for each in ALL if holding_of(each).of in {Of.PERSON, Of.MAILBOX}} < places.keys()
    assert places[EVENTS_RAW.short]["ends_at"] == "2026-12-06T00:10:00+00:00"
    assert places[PROFILE_CHANGELOG.short]["ends_at"] == "2026-11-29T00:10:00+00:00"
    assert places["email.suppressions"]["ends_at"] is None
    assert receipt["emptied"] == [{"person": "u:ada", "erased_at": NOW.isoformat(), "stops_revival": "f" * 64}]
    assert [each["is_assumed"] for each in places.values()] == [False] * len(places)
    assert "a@example.com" not in json.dumps(receipt)


def test_a_topic_without_a_bound_is_told_and_one_that_may_not_be_read_is_assumed() -> None:
    """What the table says stands for what the broker does not tell."""
    loose = {PROFILE_CHANGELOG.name: {SEGMENT: str(7 * DAY_MS), LAG: str(2**63 - 1)}, EVENTS_RAW.name: {AGE: "-1"}}
    places = {each["place"]: each for each in _receipt(loose)["places"]}
    for short in (PROFILE_CHANGELOG.short, EVENTS_RAW.short):
        assert (places[short]["ends_at"], places[short]["is_assumed"]) == (None, False)
        assert "kindling topics apply" in places[short]["ends_by"]
    assert places[DECISIONS.short]["is_assumed"]
    assert places[DECISIONS.short]["ends_at"] is not None


def test_a_receipt_is_read_line_by_line() -> None:
    """A line a place; what is still on its way is told with what to do."""
    lines = lines_of(_receipt(TABLE, "d-1", is_mailbox=True))
    assert lines[0] == "erased: u:ada"
    assert (
        lines[2]
        == "decisions: 2 tombstoned, 1 on their way: run it again when they have ended, in 3 days at the latest"
    )
    assert "events.raw: nothing of them after 2026-12-06T00:10:00+00:00" in lines
    [changelog] = [each for each in lines if each.startswith("profile.changelog")]
    assert changelog.endswith("or as long after the next record of its partition")
    [decisions] = [each for each in lines if each.startswith("decisions: nothing")]
    assert decisions.endswith("its keys 2026-12-01T00:20:00+00:00")
    assert lines_of(_receipt(TABLE))[2] == "decisions: 2 tombstoned"
    assert _receipt(TABLE, is_mailbox=True)["of"] == "mailbox"


def test_an_export_says_who_it_is_about_and_when_it_is_whole() -> None:
    """A line a record with its place; of each topic the first says what it holds; the end counts them."""
    file = ExportFile(_subject(), NOW)
    lines = [json.loads(each) for each in (
        file.head(),
        file.record(EVENTS_RAW, At(1, 7, 1_000, b"\xffk"), {"a": "line\nbreak"}, is_first=True),
        file.record(EVENTS_RAW, At(1, 8, 10**17, None), None, is_first=False),
        file.other("connector.ledger", {"message_id": "m"}),
        file.end(40),
    )]  # fmt: skip
    head, first, second, row, end = lines
    assert (head["of"], head["persons"], head["addresses"]) == ("person", ["u:ada"], ["a@example.com"])
    assert (first["what"], first["at"], first["key"]) == (
        holding_of(EVENTS_RAW).what, "1970-01-01T00:00:01+00:00", "\\xffk",
    )  # fmt: skip
    assert ("what" in second, second["at"], second["key"]) == (False, 10**17, None)
    assert row == {"line": "row", "place": "connector.ledger", "value": {"message_id": "m"}}
    assert (end["records"], end["by_topic"], end["looked_at"]) == (3, {"connector.ledger": 1, "events.raw": 2}, 40)
    assert json.loads(ExportFile(_subject(is_mailbox=True), NOW).head())["of"] == "mailbox"
