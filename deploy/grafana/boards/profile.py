"""Profile: is what is known of leads fresh, and what waits for whom?"""

from deploy.grafana.board import ORANGE, RED, Board, Row, figure, graph, quantiles

BOARD = Board(
    "kindling-profile",
    "Kindling: profile",
    "Is what is known of leads fresh, what becomes of what they do, and what waits?",
    (
        Row(
            "Who is there?",
            (
                figure(
                    "How many persons?",
                    "Stored in all partitions, as the stores estimate: who was just written may count twice.",
                    "sum(kindling_persons)",
                    "short",
                ),
                figure(
                    "How large is the state?",
                    "Bytes in memory and on disk, over all processes.",
                    "sum(kindling_state_bytes)",
                    "bytes",
                    runbooks=("KindlingDiskFills",),
                ),
                figure(
                    "How much is still to be read back?",
                    "Records of the changelog that a recovery still reads; 0 when it is done.",
                    'sum(kindling_recovering_records{stage="profile"})',
                    "short",
                    steps=((1, ORANGE),),
                    runbooks=("KindlingRecoveryStuck",),
                ),
                figure(
                    "How long did the last recovery take?",
                    "The slowest process; meanwhile its partitions stand still.",
                    'max(kindling_recovery_seconds{stage="profile"})',
                    "s",
                    steps=((300, ORANGE),),
                    runbooks=("KindlingRecoveryStuck",),
                ),
            ),
        ),
        Row(
            "Is it fresh?",
            (
                graph(
                    "How long until a lead's act counts?",
                    "From the collector's answer until it is folded; ten seconds are the objective.",
                    quantiles('kindling_end_to_end_seconds{path="accepted_to_profile"}'),
                    "s",
                    steps=((10, RED),),
                    runbooks=("KindlingProfileFreshnessBurn",),
                ),
                graph(
                    "How long until feedback counts?",
                    "From when a click or bounce was taken until the next decision stands on it.",
                    quantiles('kindling_end_to_end_seconds{path="feedback_to_decision"}'),
                    "s",
                    steps=((60, ORANGE),),
                    runbooks=("KindlingFeedbackSilent",),
                ),
            ),
        ),
        Row(
            "What becomes of what leads do?",
            (
                graph(
                    "What becomes of events and triggers?",
                    "Each by one word: folded, repeats, asked, and each reason not to ask.",
                    {"{{reason}}": "sum by (reason) (rate(kindling_profile_outcomes_total[$__rate_interval])) > 0"},
                    "eps",
                ),
                graph(
                    "What becomes of conversions?",
                    "Of the last hour; no_playbook is a conversion that no playbook of the program answers.",
                    {"{{became}}": "sum by (became) (increase(kindling_profile_conversions_total[1h]))"},
                    "short",
                    runbooks=("KindlingNothingSent",),
                ),
                graph(
                    "Which arm of the experiment are leads in?",
                    "Of the last hour: treatment, usual, and holdout, which gets no mail.",
                    {"{{arm}}": "sum by (arm) (increase(kindling_arms_total[1h]))"},
                    "short",
                ),
            ),
        ),
        Row(
            "What waits?",
            (
                graph(
                    "How many triggers wait, and since when?",
                    "By how long ago the conversion came; what is older than a week is looked into.",
                    {"{{age}}": "sum by (age) (kindling_profile_waiting_triggers)"},
                    "short",
                    runbooks=("KindlingTriggersWaitTooLong",),
                ),
                graph(
                    "How long has the oldest waited?",
                    "0 where no trigger waits.",
                    {"oldest": "max(kindling_profile_oldest_waiting_trigger_seconds)"},
                    "s",
                    steps=((604_800, ORANGE),),
                    runbooks=("KindlingTriggersWaitTooLong",),
                ),
                graph(
                    "How much content is known?",
                    "Pieces whose titles an event is given, and records that had no room; each process knows all.",
                    {
                        "known": "max(kindling_profile_content_pieces)",
                        "left out": "max(kindling_profile_content_left_out_total)",
                    },
                    "short",
                ),
            ),
        ),
    ),
)
