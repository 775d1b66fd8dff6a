"""The demo as a newcomer runs it: the whole path on real Kafka, half of it through the collector."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.otlp_receiver import Came, Received
from tests.system.seen_demo import SeenDemo, start

pytestmark = [pytest.mark.kafka, pytest.mark.system, pytest.mark.xdist_group("demo"), pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
STAGES = {"profile", "recommender", "composer", "connector"}


def _processes_of(folder: Path) -> list[str]:
    found = []
    for each in Path("/proc").glob("[0-9]*/environ"):
        try:
            if (
                str(folder).encode() in each.read_bytes()
                or str(folder).encode() in (each.parent / "cmdline").read_bytes()
            ):
                found.append(each.parent.name)
        except OSError:
            continue
    return [each for each in found if int(each) != os.getpid()]


def test_every_lead_ends_as_the_story_says(tmp_path: Path) -> None:
    """Without an LLM: emails and reason codes as told, every email in the mailbox, status 0, nothing left running."""
    demo = start(tmp_path, "--once", "--no-llm")
    shown, _ = demo.communicate(timeout=280)
    last = shown.strip().splitlines()[-1]
    assert last.endswith("0 surprises"), shown[-4_000:]
    assert demo.returncode == 0
    assert len(list((tmp_path / "demo" / "mail").glob("*.eml"))) == int(last.split()[0])
    assert _processes_of(tmp_path) == []


def test_without_an_endpoint_every_mail_is_of_the_recorded_answers(seen_demo: SeenDemo) -> None:
    """All are used, the model has their name, and Ctrl-C after the story ends all in order, the last line last.

    What it told a receiver of spans meanwhile is one trace a mail, without content.
    """
    lines = seen_demo.lines
    shown = "".join(lines)
    assert seen_demo.status == 0, shown[-4_000:]
    _assert_traces(seen_demo.spans, seen_demo.folder / "demo")
    assert "the model is `recorded`" in lines[1]
    assert "Traceback" not in shown
    assert "write anew" not in shown
    emails = int(lines[-1].split()[0])
    reasons = [line for line in lines if line.startswith("           rungs ")]
    in_english = sum("language:brand_default" in line for line in reasons)  # no words of the lead's language yet
    assert sum("copy:recorded" in line for line in reasons) == emails - in_english == len(reasons) - in_english
    assert lines[-1].endswith("0 surprises\n")
    assert _processes_of(seen_demo.folder) == []


def _assert_traces(received: Received, folder: Path) -> None:
    """A mail is one trace from the call to the mail server, each span below another; the log line names it too."""
    traces: dict[str, list[Came]] = {}
    for each in received.spans:
        traces.setdefault(each.trace, []).append(each)
    mails = [each for each in traces.values() if {span.service for span in each} >= STAGES]
    of_calls = [each for each in mails if any(span.name.startswith("POST /v1/") for span in each)]
    assert of_calls
    for mail in of_calls:
        ids = {span.span for span in mail}
        assert {span.name for span in mail if not span.parent} == {"POST /v1/{kind}"}  # some calls are sent twice
        assert [span.name for span in mail if span.parent and span.parent not in ids] == []
        assert [span.name for span in mail if span.name == "process kindling.email.outbound.v1"] != []
        assert any(span.attributes.get("gen_ai.operation.name") == "chat" for span in mail)
        assert len({span.attributes["kindling.decision_id"] for span in mail if span.service == "connector"}) == 1
    told = " ".join(str(value) for each in received.spans for value in (each.name, *each.attributes.values()))
    assert "@" not in told
    assert "u:" not in told
    log = "".join(each.read_text(encoding="utf-8") for each in folder.glob("*.log"))
    assert all(f'"trace_id": "{mail[0].trace}"' in log for mail in of_calls)


def test_ctrl_c_in_the_middle_ends_all_in_order(tmp_path: Path) -> None:
    """Status 130 as shells have it, one line, no traceback, and no process left."""
    demo = start(tmp_path, "--once")
    assert demo.stdout is not None
    for line in demo.stdout:
        if "part 1 of the story" in line:
            break
    demo.send_signal(signal.SIGINT)
    demo.send_signal(signal.SIGINT)  # who is impatient changes nothing
    with demo.stdout:
        lines = demo.stdout.readlines()
    assert demo.wait(60) == 130, "".join(lines)[-4_000:]
    assert lines[-2:] == ["demo: stopping every process\n", "demo: stopped before the story ended\n"]
    assert "Traceback" not in "".join(lines)
    assert _processes_of(tmp_path) == []


def test_a_killed_demo_leaves_no_process_behind(tmp_path: Path) -> None:
    """SIGKILL while everything starts: the leashes end what was started."""
    demo = start(tmp_path, "--once", "--no-llm")
    assert demo.stdout is not None
    for line in demo.stdout:
        if "collector is ready" in line:
            break
    demo.send_signal(signal.SIGKILL)
    demo.wait(10)
    with demo.stdout:
        left = demo.stdout.read()
    assert "surprises" not in left
    for each in _processes_of(tmp_path):
        subprocess.run(["tail", "--pid", each, "-f", "/dev/null"], timeout=40, check=False)  # noqa: S607 waits for its end
    assert _processes_of(tmp_path) == []


def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    """No traceback: which port, and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        demo = start(tmp_path, "--once", "--no-llm", "--console-port", str(taken.getsockname()[1]))
        shown, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert len(shown.strip().splitlines()) == 1
    assert "is in use; choose another" in shown


def test_a_broken_program_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    """File, line and what was expected."""
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "one.yaml").write_text("version: 1\n")
    (tmp_path / "brand.yaml").write_text("version: 1\nname: [unclosed\n")
    demo = start(tmp_path, "--once", "--no-llm", KINDLING_PROGRAM=str(tmp_path))
    shown, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert len(shown.strip().splitlines()) == 1
    assert "brand.yaml, line 3" in shown


def test_a_folder_that_cannot_be_written_is_one_clear_sentence(tmp_path: Path) -> None:
    """A file where the folder should be stands for a missing permission: root may write anywhere."""
    (tmp_path / "demo").write_text("in the way")
    demo = start(tmp_path, "--once", "--no-llm")
    shown, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert len(shown.strip().splitlines()) == 1
    assert "cannot write to" in shown
