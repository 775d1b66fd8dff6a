"""Which panels may be empty in health, each with the alert whose firing fills it: what answers them only counts faults.

A slow machine may fill one in health too: there a model is away when its answer takes too long.
"""

from collections.abc import Mapping

EMPTY_IN_HEALTH: Mapping[tuple[str, str], str] = {
    ("kindling-overview", "Which alerts fire?"): "KindlingModelAway",
    ("kindling-pipeline", "What went to dead letters?"): "KindlingDeadLetters",
    ("kindling-mail", "What does the gate refuse?"): "KindlingGateRefusalsJump",
    ("kindling-model", "How often is a model away?"): "KindlingModelAway",
}
