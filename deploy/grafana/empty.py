"""Which panels are empty in health, each with the alert whose firing shows it: what answers them only counts faults."""

from collections.abc import Mapping

EMPTY_IN_HEALTH: Mapping[tuple[str, str], str] = {
    ("kindling-overview", "Which alerts fire?"): "KindlingModelAway",
    ("kindling-pipeline", "What went to dead letters?"): "KindlingDeadLetters",
    ("kindling-mail", "What does the gate refuse?"): "KindlingGateRefusalsJump",
    ("kindling-model", "How often is a model away?"): "KindlingModelAway",
    ("kindling-runtime", "Did committed offsets go back?"): "KindlingOffsetsBack",
}
