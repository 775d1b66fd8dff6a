"""Mail: do mails leave, do readers want them, and is each as it has to be?"""

from deploy.grafana.board import ORANGE, RED, Board, Row, graph, quantiles

BOARD = Board(
    "kindling-mail",
    "Kindling: mail",
    "Do mails leave, do readers want them, and does the gate hold?",
    (
        Row(
            "Do they leave?",
            (
                graph(
                    "How many are finished, and how many delivered?",
                    "Of the last hour.",
                    {
                        "finished": "kindling:mails_finished:increase1h",
                        "delivered": "kindling:mails_delivered:increase1h",
                    },
                    "short",
                    runbooks=("KindlingNothingSent", "KindlingNothingDelivered"),
                ),
                graph(
                    "How long from due to the mail server?",
                    "From when a mail might go until a server took it; five minutes are the objective.",
                    quantiles('kindling_end_to_end_seconds{path="due_to_mail"}'),
                    "s",
                    steps=((300, RED),),
                    runbooks=("KindlingDueToMailBurn",),
                ),
                graph(
                    "What do mail servers answer?",
                    "Of the last hour; deferred comes again, declined does not.",
                    {"{{answer}}": "sum by (answer) (increase(kindling_connector_answers_total[1h]))"},
                    "short",
                    runbooks=("KindlingNothingDelivered", "KindlingDeliveriesBurn"),
                ),
            ),
        ),
        Row(
            "Do readers want them?",
            (
                graph(
                    "What is heard of mails?",
                    "Of the last hour, each mail once a word; a word that is not told is left out.",
                    {"{{type}}": "sum by (type) (increase(kindling_feedback_total[1h])) > 0"},
                    "short",
                    runbooks=("KindlingFeedbackSilent",),
                ),
                graph(
                    "How many are marked as spam?",
                    "The share of a day's delivered mails. Mailbox providers mind from .1 %, and refuse from .3 %.",
                    {"complaints": "kindling:complaints_by_delivered:ratio1d"},
                    "percentunit",
                    steps=((0.001, ORANGE), (0.003, RED)),
                    runbooks=("KindlingComplaints", "KindlingComplaintsHigh"),
                ),
                graph(
                    "Whose mailboxes send them back?",
                    "The share of six hours' mails that bounced, by provider.",
                    {"{{domain}}": "domain:kindling_bounced:ratio6h"},
                    "percentunit",
                    steps=((0.05, ORANGE),),
                    runbooks=("KindlingDomainBounces",),
                ),
            ),
        ),
        Row(
            "Is each as it has to be?",
            (
                graph(
                    "What does the gate refuse?",
                    "Findings of the last hour by rule; empty without. What is refused does not go.",
                    {"{{rule}}": "sum by (rule) (increase(kindling_gate_refusals_total[1h]))"},
                    "short",
                    runbooks=("KindlingGateRefusalsJump",),
                ),
                graph(
                    "Who writes them?",
                    "Copies of the last hour by rung: llm, or template.",
                    {"{{rung}}": 'sum by (rung) (increase(kindling_rungs_total{stage="composer",step="copy"}[1h]))'},
                    "short",
                    runbooks=("KindlingTemplateShareJumps",),
                ),
                graph(
                    "What does the second reader say?",
                    "Of the last hour: answer, invalid, or why it could not.",
                    {"{{outcome}}": "sum by (outcome) (increase(kindling_composer_readings_total[1h]))"},
                    "short",
                    runbooks=("KindlingModelAway",),
                ),
            ),
        ),
        Row(
            "Is nobody written to who refused?",
            (
                graph(
                    "How old is what is known of refusals?",
                    "What is taken up waits while this is old.",
                    {"{{stage}}": "max by (stage) (kindling_suppression_view_age_seconds)"},
                    "s",
                    steps=((300, RED),),
                    runbooks=("KindlingSuppressionViewOld",),
                ),
                graph(
                    "How many refusals cannot be read?",
                    "An address that is in doubt gets no mail; where nobody is named, somebody who refused may.",
                    {"{{of}}": "max by (of) (kindling_unreadable_suppressions)"},
                    "short",
                    steps=((1, RED),),
                    runbooks=("KindlingRefusalOfNobody", "KindlingSuppressionsUnreadable"),
                ),
                graph(
                    "How many addresses refused?",
                    "Known to the view, lifted ones included; it never falls by much.",
                    {"known": "max(kindling_suppressed_addresses)"},
                    "short",
                    runbooks=("KindlingSuppressionsUnreadable",),
                ),
            ),
        ),
    ),
)
