"""Each kind of thing that must not die, leak or differ unseen is made in one place."""

import ast
from collections.abc import Mapping

import pytest

NamesOf = Mapping[str, frozenset[str]]

OWNERS = {
    "a task, thread, timer or executor": (
        "services/runtime/tasks.py",
        {
            "create_task", "ensure_future", "call_later", "call_at", "TaskGroup", "to_thread", "run_in_executor",
            "ThreadPoolExecutor", "ProcessPoolExecutor", "Thread", "Timer", "run_coroutine_threadsafe",
            "start_new_thread",
        },
    ),
    "a Kafka client": (
        "services/runtime/kafka_clients.py",
        {"AIOKafkaConsumer", "AIOKafkaProducer", "AIOKafkaAdminClient", "AIOKafkaClient"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", OWNERS)
def test_it_is_made_in_one_place(what: str, names: NamesOf) -> None:
    """Who wants one asks its owner, which knows its name and what becomes of it."""
    owner, words = OWNERS[what]
    made = {path for path, named in names.items() if path.startswith(("services/", "schemas/")) and named & words}
    assert made == {owner}


def test_a_dead_letter_is_made_in_one_place(trees: Mapping[str, ast.Module]) -> None:
    """One maker bounds it and says what it cut: its headers are spelled nowhere else."""
    spelled = {
        path
        for path, tree in trees.items()
        if path.startswith(("services/", "schemas/"))
        if any(isinstance(node, ast.Constant) and node.value == "kindling_reason" for node in ast.walk(tree))
    }
    assert spelled == {"schemas/dead_letter.py"}
