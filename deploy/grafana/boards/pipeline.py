"""Pipeline: does everything get on, from the call to the last topic?"""

from deploy.grafana.board import ORANGE, RED, Board, Row, graph, quantiles

BOARD = Board(
    "kindling-pipeline",
    "Kindling: pipeline",
    "Does everything get on, from the call to the last topic?",
    (
        Row(
            "What comes in?",
            (
                graph(
                    "Which calls does the collector answer?",
                    "By route; none at all while leads are awake means that trackers do not reach it.",
                    {"{{route}}": "sum by (route) (rate(kindling_ingest_requests_total[$__rate_interval]))"},
                    "reqps",
                    runbooks=("KindlingAcceptedCallsBurn",),
                ),
                graph(
                    "With which status?",
                    "5xx is a fault of ours; 4xx is what a tracker did wrong.",
                    {"{{status}}": "sum by (status) (rate(kindling_ingest_requests_total[$__rate_interval]))"},
                    "reqps",
                    runbooks=("KindlingAcceptedCallsBurn",),
                ),
                graph(
                    "How long does a call take?",
                    "To the broker's ack, which a 200 stands for.",
                    quantiles("kindling_ingest_request_seconds", "route"),
                    "s",
                    steps=((1, ORANGE),),
                ),
            ),
        ),
        Row(
            "Does every stage keep up?",
            (
                graph(
                    "How much does each stage handle?",
                    "Records a second over five minutes.",
                    {
                        "{{stage}}": "stage:kindling_records:rate5m",
                        "ingest, raw records": "sum(rate(kindling_ingest_records_total[5m]))",
                        "profile, events": 'sum(rate(kindling_profile_outcomes_total{reason="folded"}[5m]))',
                    },
                    "recps",
                    runbooks=("KindlingStageStuck",),
                ),
                graph(
                    "How many records wait?",
                    "By stage and topic. A peak is no fault; what rises for ten minutes above 200 is.",
                    {"{{stage}} on {{topic}}": "stage_topic:kindling_lag_records:sum"},
                    "short",
                    steps=((200, ORANGE),),
                    runbooks=("KindlingLagGrows",),
                ),
                graph(
                    "How old is what is handled?",
                    "99 % of records are handled within this of their own time.",
                    {"{{stage}}": "stage:kindling_time_lag_seconds:p99_5m"},
                    "s",
                    steps=((60, ORANGE),),
                    runbooks=("KindlingLagGrows",),
                ),
            ),
        ),
        Row(
            "Does anything stand still?",
            (
                graph(
                    "How long ago did each process get on?",
                    "Seconds since it committed, or had nothing to do.",
                    {
                        "{{stage}} at {{instance}}": "time() - max by (stage, instance) "
                        "(kindling_last_progress_timestamp_seconds)"
                    },
                    "s",
                    steps=((300, RED),),
                    runbooks=("KindlingStageStuck",),
                ),
                graph(
                    "How long has the oldest waited aside?",
                    "What a stage set aside to try again later; 0 where nothing waits.",
                    {"{{stage}}": "max by (stage) (kindling_aside_oldest_seconds)"},
                    "s",
                    steps=((86_400, ORANGE),),
                    runbooks=("KindlingNothingDelivered",),
                ),
                graph(
                    "How many mails asked for have no end?",
                    "Of the last day: their time ran out without a word of what became of them.",
                    {"without an end": "sum(increase(kindling_conversions_without_end_total[1d]))"},
                    "short",
                    steps=((1, RED),),
                    runbooks=("KindlingConversionsWithoutEnd",),
                ),
            ),
        ),
        Row(
            "What is refused?",
            (
                graph(
                    "What becomes of records?",
                    "emit, skip, later, expired, reject: by stage.",
                    {
                        "{{stage}}: {{outcome}}": "sum by (stage, outcome) "
                        "(rate(kindling_records_total[$__rate_interval]))"
                    },
                    "recps",
                ),
                graph(
                    "What went to dead letters?",
                    "Of the last half hour; empty where nothing did. Behind ingest each may be a mail not sent.",
                    {
                        "{{stage}}: {{reason}}": "sum by (stage, reason) "
                        '(increase(kindling_dead_letters_total{stage!="ingest"}[30m])) > 0'
                    },
                    "short",
                    steps=((1, ORANGE),),
                    runbooks=("KindlingDeadLetters",),
                ),
                graph(
                    "How much of what came in is refused?",
                    "The share of raw records of the last half hour in dlq.ingest.",
                    {
                        "refused": 'sum(increase(kindling_dead_letters_total{stage="ingest"}[30m])) '
                        "/ sum(increase(kindling_ingest_records_total[30m]))"
                    },
                    "percentunit",
                    steps=((0.05, ORANGE),),
                    runbooks=("KindlingIngestRefusesMuch",),
                ),
            ),
        ),
    ),
)
