"""`make demo`: everything on this machine, the story played, the emails shown. Stays up until Ctrl-C, or `--once`."""

import argparse
import asyncio
import functools
import itertools
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console

from deploy.local import endpoint, kafka, observe, show
from deploy.local.anew import anew
from deploy.local.calls import Sent, calls_of
from deploy.local.model import asked_of
from deploy.local.player import Player, report_of
from deploy.local.ports import LocalError, free_port
from deploy.local.processes import DemoError, Processes, answers
from deploy.local.story import Story, read_story
from deploy.local.watch import TOPICS, Conversion, Watch
from services.runtime.clock import now
from services.runtime.kafka_clients import Kafka
from services.runtime.kafka_publisher import Publisher
from services.runtime.kafka_topics import TopicsAdmin
from services.runtime.kafka_view import View
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.program import read_catalogue, read_program
from services.runtime.settings import load
from services.runtime.tasks import Tasks

PARTITIONS = 3
READY_WITHIN_S = 180.0
STORY_WITHIN_S = 480.0
QUIET_PERIOD_S = "2"
WRITE_KEY = "demo"
SERVICES = ("profile", "recommender", "composer", "connector", "console")
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it
LABELS = ("collector", "consumer", *SERVICES)
OTHERS = ("kafka", "controller", "smtp", "llm", "prometheus")


class Demo:
    """One run of the story."""

    def __init__(self, words: argparse.Namespace, console: Console) -> None:
        self._words, self._console, self._folder = words, console, words.folder
        self._program = Path(os.environ.get("KINDLING_PROGRAM", "examples/academy"))
        self._business = read_program(self._program)
        self._story: Story = read_story(self._program / "story.yaml")
        self._courses = sum(1 for _ in read_catalogue(self._program / "catalogue.jsonl"))
        drawn = (secrets.token_hex(32).encode() for _ in itertools.count())
        self._secret = self._story.secret(self._business.playbooks, drawn).decode()
        self._watch = Watch()
        self._ports = {name: free_port() for name in (*OTHERS, *LABELS)}
        self._broker = kafka.Broker(self._folder / "kafka", self._ports["kafka"], self._ports["controller"])
        self._collector = f"http://127.0.0.1:{words.collector_port}"
        self._asked = asked_of(
            self._program, self._ports["llm"], no_llm=words.no_llm, local_model=words.local_model,
            has_endpoint=_has_endpoint(),
        )  # fmt: skip
        self._processes = Processes(self._folder, self._environment(), ends_last="kafka")
        self._run = secrets.token_hex(4)
        self.is_staying = False
        self.observed = observe.Observed(observe.at_once(observe.rules())) if words.observe else None
        self.prometheus = f"http://127.0.0.1:{self._ports['prometheus']}"

    async def run(self, stop: asyncio.Event) -> int:
        """Start all, play the story, show what came of it; 0 if all ended as the story says, every answer used."""
        try:
            await self._start()
            async with AsyncExitStack() as stack:
                await self._play(await self._player(stack))
            unused = await self._unused()
            self._report(unused)
            if not self._words.once:
                await self._stay(stop)
        finally:
            self._say("demo: stopping every process")
            await asyncio.to_thread(self._processes.end)
        every = self._watch.conversions.values()
        self._console.print(show.summary(every), highlight=False)
        return 1 if unused or any(each.is_surprise for each in every) else 0

    async def _player(self, stack: AsyncExitStack) -> Player:
        """What plays the story, with the topics watched; both end with the stack, whatever ends it."""
        publisher = Publisher(Kafka(self._broker.address), "demo")
        stack.push_async_callback(publisher.stop)
        await publisher.start()
        view = View(Kafka(self._broker.address), TOPICS, self._watch.apply)
        stack.push_async_callback(view.stop)
        await view.start(Tasks())
        return Player(self._collector, WRITE_KEY, self._secret.encode(), publisher)

    async def _start(self) -> None:
        self._say(f"demo: {len(self._story.leads)} leads, {self._courses} courses, program {self._program}")
        await self.start_llm()
        self._say("demo: Kafka 4.0.2 starts (its jars are fetched once)")
        self._processes.start("kafka", await asyncio.to_thread(kafka.command, self._broker))
        is_up = functools.partial(kafka.answers, self._broker.port)
        await self._processes.wait_until(is_up, "the broker did not answer", READY_WITHIN_S)
        admin = TopicsAdmin(Kafka(self._broker.address))
        await admin.start()
        await admin.apply(await admin.plan(PARTITIONS), 1)
        await admin.stop()
        smtp_port = str(self._ports["smtp"])
        self._processes.start_module(
            "mail", "deploy.local.smtp_sink", "--port", smtp_port, "--folder", str(self._folder / "mail")
        )
        self._processes.start_module("import", "services.recommender", "import", str(self._program / "catalogue.jsonl"))
        await self._processes.wait_until(self._is_imported, "the catalogue was not imported", READY_WITHIN_S)
        for label in LABELS:
            self._service(label)
        if self.observed:
            self._observe(self.observed)
        self._say(f"demo: {len(LABELS)} processes of the services start")
        for label in LABELS:
            url = f"http://127.0.0.1:{self._ports[label]}/ready"
            await self._processes.wait_until(functools.partial(answers, url), f"{label} was not ready", READY_WITHIN_S)
            self._say(f"demo: {label} is ready")
        if self.observed:
            # After they were ready: what comes of the story is then a rise from what was seen before it.
            are_scraped = functools.partial(observe.has_scraped, self.prometheus, len(LABELS), time.time())
            await self._processes.wait_until(are_scraped, "Prometheus did not scrape every process", READY_WITHIN_S)
            url = self.prometheus
            self._say(f"demo: Prometheus at {url}/, its rules at {url}/rules, what fires at {url}/alerts")

    def _observe(self, observed: observe.Observed) -> None:
        port, targets = self._ports["prometheus"], [f"127.0.0.1:{self._ports[label]}" for label in LABELS]
        self._processes.start("prometheus", observe.command(self._folder / "prometheus", port, targets, observed))

    async def _play(self, player: Player) -> None:
        for part in (1, 2):
            moment, website = now(), self._business.brand.website.rstrip("/")
            calls = [calls_of(lead, part, self._run, moment, website) for lead in self._story.leads]
            for sent in (each for lead in calls for each in lead if each.is_conversion):
                self._expect(sent)
            self._say(f"demo: part {part} of the story: {sum(map(len, calls))} calls")
            if part == 2:  # noqa: PLR2004
                await self._unsubscribe(player)
            await player.play([each for lead in calls for each in lead])
            await self._until_all_ended()

    def _expect(self, sent: Sent) -> None:
        event_id = str(sent.call["messageId"])
        if event_id not in self._watch.conversions:
            before = sum(each.lead.name == sent.lead.name for each in self._watch.conversions.values())
            self._watch.expect(Conversion(sent.lead, event_id, sent.lead.ends[before]))

    async def _unsubscribe(self, player: Player) -> None:
        for lead in self._story.leads:
            if any(step.do == "unsubscribe" for step in lead.steps):
                for each in self._watch.conversions.values():
                    if each.lead is lead and each.email is not None:
                        await player.unsubscribe(each.email.unsubscribe.url)

    async def _until_all_ended(self) -> None:
        every = self._watch.conversions
        with show.watching(self._console, every.values) as update:
            try:
                async with asyncio.timeout(STORY_WITHIN_S):
                    while not all(each.is_over for each in every.values()):
                        self._processes.check()
                        update()
                        await asyncio.sleep(0.25)
            except TimeoutError:
                self._say(f"demo: not everything ended within {STORY_WITHIN_S:.0f} s")

    async def _unused(self) -> list[str]:
        """What of the recorded answers is to be written anew, where these were asked for."""
        if self._asked.kind != "recorded":
            return []
        missing = (await report_of(f"http://127.0.0.1:{self._ports['llm']}/report"))["missing"]
        return anew(self._watch.conversions.values(), missing, self._program)

    def _report(self, unused: list[str]) -> None:
        show.print_all(self._console, list(self._watch.conversions.values()))
        for line in unused:
            self._say(f"demo: write anew: {line}")
        self._say(f"\nThe console: http://127.0.0.1:{self._words.console_port}/")
        self._say(f"The mails as files: {self._folder}/mail")

    async def _stay(self, stop: asyncio.Event) -> None:
        self._say("demo: everything stays up until Ctrl-C")
        self.is_staying = True
        while not stop.is_set():
            self._processes.check()
            await asyncio.sleep(1)

    async def start_llm(self) -> None:
        """Start what answers, where that is ours, and say whom the services ask; of an endpoint, whether it answers."""
        lines = await endpoint.lines_of(load(LlmSettings)) if self._asked.kind == "endpoint" else [self._asked.line]
        for line in lines:
            self._say(f"demo: {line}")
        if self._asked.module:
            self._processes.start_module("llm", *self._asked.module)

    def _service(self, label: str) -> None:
        words = (f"services.{label}",) if label in SERVICES else ("services.ingest", label)
        health = {"KINDLING_HEALTH_PORT": str(self._ports[label])}
        self._processes.start_module(label, "services.runtime.supervisor", *words, **health)

    def _is_imported(self) -> bool:
        process = self._processes.running["import"]
        if process.poll() != 0:
            return False
        del self._processes.running["import"]
        return True

    def _environment(self) -> dict[str, str]:
        made = {
            "KINDLING_KAFKA_BOOTSTRAP_SERVERS": self._broker.address,
            "KINDLING_SECRET": self._secret,
            "KINDLING_PROGRAM": str(self._program),
            "KINDLING_PROFILE_QUIET_PERIOD_S": QUIET_PERIOD_S,
            "KINDLING_PROFILE_DATA": str(self._folder / "profile"),
            "KINDLING_QDRANT_PATH": str(self._folder.parent / "qdrant-demo"),
            "KINDLING_CONNECTOR_DATA": str(self._folder / "connector"),
            "KINDLING_CONNECTOR_SMTP_PORT": str(self._ports["smtp"]),
            "KINDLING_INGEST_PORT": str(self._words.collector_port),
            "KINDLING_INGEST_WRITE_KEYS": WRITE_KEY,
            "KINDLING_CONSOLE_PORT": str(self._words.console_port),
        }
        return made | dict(self._asked.settings)

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True)


def _has_endpoint() -> bool:
    return bool(os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"))


def _prepare(words: argparse.Namespace) -> None:
    if words.observe:
        observe.prometheus()
    for name, port in (("collector", words.collector_port), ("console", words.console_port)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise DemoError(f'port {port} is in use; choose another with ARGS="--{name}-port N"') from None
    try:
        shutil.rmtree(words.folder, ignore_errors=True)
        words.folder.mkdir(parents=True)
    except OSError as error:
        raise DemoError(f"cannot write to {words.folder.absolute()}: {error.strerror}") from None


async def _main(words: argparse.Namespace, console: Console) -> int:
    stop, task = asyncio.Event(), asyncio.current_task()
    _prepare(words)
    demo = Demo(words, console)

    def interrupt() -> None:
        """The first Ctrl-C ends all in order; a second changes nothing."""
        if task is not None and not stop.is_set() and not demo.is_staying:
            task.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupt)
    return await demo.run(stop)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__.splitlines()[0])
    parser.add_argument("--once", action="store_true", help="end by itself; status 0 only without surprises")
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--no-llm", action="store_true", help="the lower rungs alone")
    asked.add_argument("--local-model", action="store_true", help="ask a small model on this machine")
    parser.add_argument("--observe", action="store_true", help="with Prometheus, where it is installed, and every rule")
    parser.add_argument("--folder", type=Path, default=Path(".local/demo"), help="emptied at the start")
    parser.add_argument("--collector-port", type=int, default=8080)
    parser.add_argument("--console-port", type=int, default=8090)
    words, console = parser.parse_args(), show.console_of(sys.stdout)
    try:
        return asyncio.run(_main(words, console))
    except (DemoError, LocalError, Misconfigured, Unavailable) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except (asyncio.CancelledError, KeyboardInterrupt):
        print("demo: stopped before the story ended")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
