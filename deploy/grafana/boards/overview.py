"""Overview: is anything wrong, and do leads get mails?"""

from deploy.grafana.board import GREEN, ORANGE, RED, Board, Kind, Panel, Query, Row, figure, graph

BOARD = Board(
    "kindling-overview",
    "Kindling: overview",
    "Is anything wrong, and do leads get mails? Read this first; the others say where and why.",
    (
        Row(
            "Is anything wrong?",
            (
                figure(
                    "Does anything wake somebody?",
                    "Alerts of severity page that fire: leads wait or are harmed now.",
                    'count(ALERTS{alertstate="firing",severity="page"}) or vector(0)',
                    "short",
                    steps=((1, RED),),
                    runbooks=("README",),
                ),
                figure(
                    "Does anything wait for a working day?",
                    "Alerts of severity ticket that fire.",
                    'count(ALERTS{alertstate="firing",severity="ticket"}) or vector(0)',
                    "short",
                    steps=((1, ORANGE),),
                    runbooks=("README",),
                ),
                figure(
                    "Does every process answer?",
                    "The share of processes that answered the last scrape.",
                    'avg(up{job=~"kindling.*"})',
                    "percentunit",
                    below=RED,
                    steps=((1, GREEN),),
                    runbooks=("KindlingTargetDown", "KindlingServiceGone"),
                ),
                figure(
                    "Is mail paused?",
                    "1 while `kindling pause mail` holds: triggers wait, and no mail goes.",
                    "kindling:mail_paused:max",
                    "bool_yes_no",
                    steps=((1, ORANGE),),
                    runbooks=("KindlingMailPaused", "KindlingPauseNearsRetention"),
                ),
                Panel(
                    "Which alerts fire?",
                    "One line an alert, empty in health; the name links to its page.",
                    (Query('sum by (alertname, severity, stage, instance) (ALERTS{alertstate="firing"})'),),
                    "short",
                    kind=Kind.TABLE,
                    runbooks=("README",),
                ),
            ),
        ),
        Row(
            "Do leads get mails?",
            (
                graph(
                    "How many triggers become mails?",
                    "Of the last hour: conversions that opened a trigger, mails asked for, finished and delivered.",
                    {
                        "opened": "sum(increase(kindling_conversions_opened_total[1h]))",
                        "asked for": "kindling:asked:increase1h",
                        "finished": "kindling:mails_finished:increase1h",
                        "delivered": "kindling:mails_delivered:increase1h",
                    },
                    "short",
                    runbooks=("KindlingNothingSent", "KindlingNothingDelivered"),
                ),
                graph(
                    "How long does a person wait?",
                    "Half and 99 % within this, on each path; due_to_mail is to stay under five minutes.",
                    {
                        "{{path}}, half within": "path:kindling_end_to_end_seconds:p50_15m",
                        "{{path}}, 99 % within": "path:kindling_end_to_end_seconds:p99_15m",
                    },
                    "s",
                    steps=((300, RED),),
                    runbooks=("KindlingDueToMailBurn", "KindlingProfileFreshnessBurn"),
                ),
                graph(
                    "How do triggers end?",
                    "Of the last hour, by the stage that ended them.",
                    {
                        "{{stage}}: {{ending}}": "sum by (stage, ending) "
                        '(increase(kindling_endings_total{stage!="connector"}[1h]))'
                    },
                    "short",
                    runbooks=("KindlingConversionsWithoutEnd", "KindlingStatedEndingsBurn"),
                ),
            ),
        ),
        Row(
            "Are the objectives kept, and by which version?",
            (
                graph(
                    "How much of the month's error budget is left?",
                    "1 is all of it; below 0 the objective is missed.",
                    {"{{sloth_slo}}": "slo:period_error_budget_remaining:ratio"},
                    "percentunit",
                    below=RED,
                    steps=((0, ORANGE), (0.25, GREEN)),
                    runbooks=("KindlingAcceptedCallsBurn", "KindlingDeliveriesBurn"),
                ),
                graph(
                    "How fast is it spent?",
                    "At 1 the budget lasts the month exactly; the alerts that wake somebody begin at 14.4.",
                    {"{{sloth_slo}}": "slo:current_burn_rate:ratio"},
                    "short",
                    steps=((1, ORANGE), (14.4, RED)),
                    runbooks=("KindlingDueToMailBurn", "KindlingStatedEndingsBurn"),
                ),
                Panel(
                    "Which version runs?",
                    "Each service's processes by version and Python.",
                    (Query("sum by (service, version, python) (kindling_build_info)"),),
                    "short",
                    kind=Kind.TABLE,
                ),
            ),
        ),
    ),
)
