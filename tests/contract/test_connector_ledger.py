"""What every ledger promises; the real one also across processes and kills."""

import asyncio
import json
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from schemas.suppression import Seen
from services.connector.adapters.fake_ledger import FakeLedger
from services.connector.adapters.sqlite_ledger import FILE, SqliteLedger
from services.connector.core.values import End, Open, Taken
from services.connector.ports import Ledger
from services.runtime.outcome import Misconfigured, Unavailable

NOW = datetime(2026, 11, 3, 12, 30, 15, 123456, tzinfo=UTC)
SEEN = Seen({"suppressions/0": 7}, NOW)
ROOT = Path(__file__).parents[2]
BOUNCED = End("bounced", NOW, "smtp_550_5.1.1", "hard")


@pytest.fixture(params=["fake", "sqlite"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    """A ledger that knows nothing yet."""
    if request.param == "fake":
        yield FakeLedger()
        return
    real = await SqliteLedger.open(tmp_path / "connector", NOW, waits_s=(0, 0))
    yield real
    await real.close()


@contextmanager
def _away(ledger: Ledger, folder: Path) -> Iterator[None]:
    """Nothing can be written meanwhile."""
    if isinstance(ledger, FakeLedger):
        ledger.is_away = True
        yield
        ledger.is_away = False
        return
    with closing(sqlite3.connect(folder / "connector" / FILE)) as other:
        other.execute("ALTER TABLE mails RENAME TO elsewhere")
        yield
        other.execute("ALTER TABLE elsewhere RENAME TO mails")


async def test_free_id_is_taken_once(ledger: Ledger) -> None:
    """The second who asks learns that it is open."""
    assert await ledger.claim("m1", NOW, SEEN) == Taken()
    assert await ledger.claim("m1", NOW, SEEN) == Open()
    assert await ledger.claim("m2", NOW, SEEN) == Taken()


async def test_end_is_kept_whole(ledger: Ledger) -> None:
    """Word, instant, reason and class come back as they were written."""
    await ledger.claim("m1", NOW, SEEN)
    await ledger.end("m1", BOUNCED)
    assert await ledger.claim("m1", NOW, SEEN) == BOUNCED


async def test_first_end_stands(ledger: Ledger) -> None:
    """What was reported once is reported ever after."""
    await ledger.claim("m1", NOW, SEEN)
    await ledger.end("m1", BOUNCED)
    await ledger.end("m1", End("delivered", NOW))
    assert await ledger.claim("m1", NOW, SEEN) == BOUNCED


async def test_released_id_is_free(ledger: Ledger) -> None:
    """It can be taken again, once."""
    await ledger.claim("m1", NOW, SEEN)
    await ledger.release("m1")
    assert await ledger.claim("m1", NOW, SEEN) == Taken()
    assert await ledger.claim("m1", NOW, SEEN) == Open()


async def test_ended_id_is_never_released(ledger: Ledger) -> None:
    """A release that comes late frees nothing."""
    await ledger.claim("m1", NOW, SEEN)
    await ledger.end("m1", End("delivered", NOW))
    await ledger.release("m1")
    assert await ledger.claim("m1", NOW, SEEN) == End("delivered", NOW)


async def test_unknown_id_may_be_released_and_ended(ledger: Ledger) -> None:
    """Neither needs a claim before it."""
    await ledger.release("m1")
    await ledger.end("m2", BOUNCED)
    assert await ledger.claim("m2", NOW, SEEN) == BOUNCED


async def test_id_is_known_without_being_taken(ledger: Ledger) -> None:
    """Free, claimed and ended are told apart, and asking changes nothing."""
    assert await ledger.known("m1") is None
    assert await ledger.claim("m1", NOW, SEEN) == Taken()
    assert await ledger.known("m1") == Open()
    await ledger.end("m1", BOUNCED)
    assert await ledger.known("m1") == BOUNCED


async def test_free_id_is_ended_without_a_claim(ledger: Ledger) -> None:
    """At once, so that no kill can come between; once."""
    assert await ledger.end_unclaimed("m1", BOUNCED, SEEN) == BOUNCED
    assert await ledger.end_unclaimed("m1", End("not_sent", NOW, "expired"), SEEN) == BOUNCED
    assert await ledger.claim("m1", NOW, SEEN) == BOUNCED


async def test_claimed_id_is_not_ended_by_who_did_not_claim_it(ledger: Ledger) -> None:
    """Its mail may be on its way."""
    await ledger.claim("m1", NOW, SEEN)
    assert await ledger.end_unclaimed("m1", BOUNCED, SEEN) == Open()
    assert await ledger.known("m1") == Open()


@pytest.mark.parametrize("ask", ["known", "claim", "end_unclaimed"])
async def test_release_that_could_not_be_written_is_made_up_for(ledger: Ledger, tmp_path: Path, ask: str) -> None:
    """Before anything else is said of the id: a mail that surely did not go is not called open."""
    await ledger.claim("m1", NOW, SEEN)
    with _away(ledger, tmp_path):
        with pytest.raises(Unavailable):
            await ledger.release("m1")
        with pytest.raises(Unavailable):
            await ledger.known("m1")
    if ask == "known":
        assert await ledger.known("m1") is None
    if ask == "claim":
        assert await ledger.claim("m1", NOW, SEEN) == Taken()
        assert await ledger.known("m1") == Open()
    if ask == "end_unclaimed":
        assert await ledger.end_unclaimed("m1", BOUNCED, SEEN) == BOUNCED


async def test_release_is_tried_again_in_place(tmp_path: Path) -> None:
    """A disk that is busy for a moment costs nobody anything."""
    ledger = await SqliteLedger.open(tmp_path / "connector", NOW, waits_s=(0.01,) * 500)
    await ledger.claim("m1", NOW, SEEN)
    with _away(ledger, tmp_path):
        release = asyncio.create_task(ledger.release("m1"))
        for _ in range(10):
            await asyncio.sleep(0)
    await release
    assert await ledger.known("m1") is None
    await ledger.close()


async def test_claim_that_is_called_off_takes_nothing(ledger: Ledger) -> None:
    """At whatever moment; a claim of somebody else stands."""
    await ledger.claim("theirs", NOW, SEEN)
    for turns in range(6):
        for message_id in ("m1", "theirs"):
            claim = asyncio.create_task(ledger.claim(message_id, NOW, SEEN))
            for _ in range(turns):
                await asyncio.sleep(0)
            claim.cancel()
            standing = (await asyncio.gather(claim, return_exceptions=True))[0]
            if standing == Taken():
                await ledger.release(message_id)
        assert await ledger.known("m1") is None
    assert await ledger.known("theirs") == Open()


async def test_end_that_nobody_waits_for_is_kept(ledger: Ledger) -> None:
    """A rebalance calls off a handler whose mail has just gone."""
    await ledger.claim("m1", NOW, SEEN)
    claims = [asyncio.create_task(ledger.claim(str(number), NOW, SEEN)) for number in range(20)]
    end = asyncio.create_task(ledger.end("m1", BOUNCED))
    await asyncio.sleep(0)
    end.cancel()
    await asyncio.gather(*claims, end, return_exceptions=True)
    assert await ledger.known("m1") == BOUNCED


async def test_many_claims_at_once_have_one_winner(ledger: Ledger) -> None:
    """Of ten askers one takes the id."""
    standings = await asyncio.gather(*(ledger.claim("m1", NOW, SEEN) for _ in range(10)))
    assert standings.count(Taken()) == 1


async def test_two_ledgers_of_one_folder_have_one_winner(tmp_path: Path) -> None:
    """Replicas that share the folder share the claims."""
    first, second = [await SqliteLedger.open(tmp_path, NOW) for _ in range(2)]
    ids = [f"m{number}" for number in range(20)]
    claims = await asyncio.gather(*(ledger.claim(each, NOW, SEEN) for each in ids for ledger in (first, second)))
    assert claims.count(Taken()) == len(ids)
    await first.close()
    await second.close()


KILLED = dedent(
    """
    import asyncio, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from schemas.suppression import Seen
    from services.connector.adapters.sqlite_ledger import SqliteLedger
    from services.connector.core.values import End

    async def main() -> None:
        now = datetime(2026, 11, 3, tzinfo=UTC)
        ledger = await SqliteLedger.open(Path(sys.argv[1]), now)
        await ledger.claim("ended", now, Seen({}, now))
        await ledger.end("ended", End("delivered", now))
        await ledger.claim("claimed", now, Seen({}, now))
        print("claimed", flush=True)
        await asyncio.sleep(60)

    asyncio.run(main())
    """
)


async def test_claim_outlives_a_kill(tmp_path: Path) -> None:
    """SIGKILL between claim and end: the next process finds the id open, and the ended one ended."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(tmp_path), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"claimed\n"
    child.send_signal(signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL
    ledger = await SqliteLedger.open(tmp_path, NOW)
    assert await ledger.claim("claimed", NOW, SEEN) == Open()
    assert await ledger.claim("ended", NOW, SEEN) == End("delivered", datetime(2026, 11, 3, tzinfo=UTC))
    await ledger.close()


async def test_old_ends_are_forgotten_and_open_claims_kept(tmp_path: Path) -> None:
    """The file does not grow for ever; a claim nobody ended stays a warning."""
    ledger = await SqliteLedger.open(tmp_path, NOW)
    await ledger.end("old", BOUNCED)
    await ledger.claim("open", NOW, SEEN)
    await ledger.close()
    later = await SqliteLedger.open(tmp_path, NOW + timedelta(days=31))
    assert await later.claim("old", NOW, SEEN) == Taken()
    assert await later.claim("open", NOW, SEEN) == Open()
    await later.close()


async def test_folder_that_cannot_be_used_is_the_operators_to_mend(tmp_path: Path) -> None:
    """The message names the setting, for a file in the folder's place and for a file that is no ledger."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(Misconfigured, match="KINDLING_CONNECTOR_DATA"):
        await SqliteLedger.open(tmp_path / "file", NOW)
    (tmp_path / FILE).write_text("not a database " * 100)
    with pytest.raises(Misconfigured, match="KINDLING_CONNECTOR_DATA"):
        await SqliteLedger.open(tmp_path, NOW)


async def test_ledger_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    """The runtime asks again; nothing is sent without a claim."""
    ledger = await SqliteLedger.open(tmp_path, NOW)
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("DROP TABLE mails")
    other.close()
    with pytest.raises(Unavailable):
        await ledger.claim("m1", NOW, SEEN)
    await ledger.close()


async def test_claim_keeps_up_to_where_suppressions_were_read(tmp_path: Path) -> None:
    """So that a mail that went can be held against a refusal; an older ledger takes the column at its opening."""
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as older:
        older.execute(
            "CREATE TABLE mails (message_id TEXT PRIMARY KEY, claimed_at TEXT NOT NULL, word TEXT, ended_at TEXT, "
            "reason TEXT, bounce_class TEXT) WITHOUT ROWID"
        )
        older.execute("INSERT INTO mails (message_id, claimed_at) VALUES ('old', '2026-11-03T00:00:00+00:00')")
        older.commit()
    ledger = await SqliteLedger.open(tmp_path, NOW)
    assert await ledger.claim("old", NOW, SEEN) == Open()
    assert await ledger.claim("new", NOW, SEEN) == Taken()
    await ledger.close()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as kept:
        (seen,) = kept.execute("SELECT seen FROM mails WHERE message_id = 'new'").fetchone()
    assert json.loads(seen) == {"asked_at": NOW.isoformat(timespec="microseconds"), "ends": dict(SEEN.ends)}
