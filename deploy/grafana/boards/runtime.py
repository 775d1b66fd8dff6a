"""Kafka and runtime: do processes stay up, does Kafka take what they write, and are the machines fit?"""

from deploy.grafana.board import GREEN, ORANGE, RED, Board, Row, graph

OF_SERVICE = "* on (instance) group_left (service) max by (instance, service) (kindling_build_info)"

BOARD = Board(
    "kindling-runtime",
    "Kindling: Kafka and runtime",
    "Do processes stay up, does Kafka take what they write, and are the machines fit?",
    (
        Row(
            "Do processes stay up?",
            (
                graph(
                    "Which process answers?",
                    "1 where it answered the last scrape.",
                    {"{{instance}}": 'up{job=~"kindling.*"}'},
                    "bool_yes_no",
                    below=RED,
                    steps=((1, GREEN),),
                    runbooks=("KindlingTargetDown", "KindlingServiceGone"),
                ),
                graph(
                    "How often was each started again?",
                    "Of a quarter of an hour, as its start time says.",
                    {"{{service}} at {{instance}}": f"changes(process_start_time_seconds[15m]) {OF_SERVICE}"},
                    "short",
                    steps=((4, RED),),
                    runbooks=("KindlingCrashLoop",),
                ),
                graph(
                    "With which status had it ended?",
                    "How often the supervisor started it, by the last status: 75 is fenced, 137 is killed.",
                    {"{{service}} at {{instance}}: status {{last_status}}": f"kindling_restarts {OF_SERVICE}"},
                    "short",
                    runbooks=("exit-70", "exit-75", "exit-76", "exit-78"),
                ),
            ),
        ),
        Row(
            "Does Kafka take what we write?",
            (
                graph(
                    "How many transactions end, and how?",
                    "A second; an aborted one is done again.",
                    {
                        "{{stage}}: {{outcome}}": "sum by (stage, outcome) "
                        "(rate(kindling_transactions_total[$__rate_interval]))"
                    },
                    "ops",
                    runbooks=("KindlingStageStuck",),
                ),
                graph(
                    "How long does one take?",
                    "99 % within this, begin to commit.",
                    {
                        "{{stage}}": "histogram_quantile(0.99, sum by (stage, le) "
                        "(rate(kindling_transaction_seconds_bucket[$__rate_interval])))"
                    },
                    "s",
                    steps=((1, ORANGE), (10, RED)),
                    runbooks=("KindlingLagGrows",),
                ),
                graph(
                    "How often is Kafka, or a store, away?",
                    "Tries a second that found it so; none that lasts is a fault.",
                    {
                        "{{stage}}": "sum by (stage) (rate(kindling_unavailable_total[$__rate_interval])) "
                        "or 0 * sum by (stage) (kindling_fences_total)"
                    },
                    "ops",
                    steps=((1, ORANGE),),
                    runbooks=("KindlingStageStuck", "exit-75"),
                ),
            ),
        ),
        Row(
            "Do partitions stay where they are?",
            (
                graph(
                    "How often do they change hands?",
                    "Of half an hour: a rolling upgrade takes a few of each.",
                    {"{{stage}}": "sum by (stage) (increase(kindling_fences_total[30m]))"},
                    "short",
                    runbooks=("KindlingFences",),
                ),
                graph(
                    "Did committed offsets go back?",
                    "Of the last hour, empty where none did: what follows is handled a second time.",
                    {"{{stage}}": "sum by (stage) (increase(kindling_offsets_back_total[1h]))"},
                    "short",
                    steps=((1, RED),),
                    runbooks=("KindlingOffsetsBack",),
                ),
            ),
        ),
        Row(
            "Are the machines fit?",
            (
                graph(
                    "How much of a core does each process use?",
                    "One is a whole core, and as much as one process can.",
                    {"{{service}} at {{instance}}": f"rate(process_cpu_seconds_total[$__rate_interval]) {OF_SERVICE}"},
                    "percentunit",
                    steps=((0.9, ORANGE),),
                    runbooks=("KindlingLagGrows",),
                ),
                graph(
                    "How much memory does each use?",
                    "Resident bytes.",
                    {"{{service}} at {{instance}}": f"process_resident_memory_bytes {OF_SERVICE}"},
                    "bytes",
                    runbooks=("KindlingCrashLoop",),
                ),
                graph(
                    "How much of each disk is free?",
                    "Of the folders in which a process keeps data.",
                    {"{{folder}} at {{instance}}": "kindling_disk_free_bytes / kindling_disk_size_bytes"},
                    "percentunit",
                    below=RED,
                    steps=((0.1, ORANGE), (0.3, GREEN)),
                    runbooks=("KindlingDiskLow", "KindlingDiskFills"),
                ),
                graph(
                    "How far are clocks from the broker's?",
                    "Seconds before it; quiet periods, expiry and signatures are judged by them.",
                    {"{{service}} at {{instance}}": f"kindling_clock_offset_seconds {OF_SERVICE}"},
                    "s",
                    below=RED,
                    steps=((-5, GREEN), (5, RED)),
                    runbooks=("KindlingClockOff",),
                ),
            ),
        ),
    ),
)
