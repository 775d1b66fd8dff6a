"""Decisions: why does a mail go or not, by which means, and are the picks good?"""

from deploy.grafana.board import GREEN, ORANGE, RED, Board, Row, figure, graph

DECIDES = 'stage=~"profile|recommender|composer"'

BOARD = Board(
    "kindling-decisions",
    "Kindling: decisions",
    "Why does a mail go or not, by which means was it decided, and are the picks good?",
    (
        Row(
            "Why does a mail go, or none?",
            (
                graph(
                    "How do triggers end?",
                    "Of the last hour; waiting ends an attempt, and not the trigger.",
                    {"{{ending}}": f"sum by (ending) (increase(kindling_endings_total{{{DECIDES}}}[1h]))"},
                    "short",
                    runbooks=("KindlingNothingSent", "KindlingStatedEndingsBurn"),
                ),
                graph(
                    "Why does none go?",
                    "Of the last day, by the stage and the rule that decided.",
                    {
                        "{{stage}}: {{reason}}": "sum by (stage, reason) "
                        f'(increase(kindling_endings_total{{{DECIDES},ending!="sent"}}[1d])) > 0'
                    },
                    "short",
                    runbooks=("KindlingNothingSent",),
                ),
            ),
        ),
        Row(
            "By which means?",
            (
                graph(
                    "Which rung answers each step?",
                    "Of the last hour: llm is a model; each other word is a rung without one.",
                    {
                        "{{step}}: {{rung}}": "sum by (step, rung) "
                        '(increase(kindling_rungs_total{stage="recommender"}[1h]))'
                    },
                    "short",
                    runbooks=("KindlingModelAway",),
                ),
                graph(
                    "How often is a step the model's?",
                    "The share of the last hour of each step that a model can do; the rest went by a lower rung.",
                    {
                        "{{step}}": "sum by (step) "
                        '(increase(kindling_rungs_total{step=~"job|imagine|pick|copy",rung="llm"}[1h])) '
                        '/ sum by (step) (increase(kindling_rungs_total{step=~"job|imagine|pick|copy"}[1h]))'
                    },
                    "percentunit",
                    runbooks=("KindlingTemplateShareJumps", "KindlingModelAway"),
                ),
                graph(
                    "How long does each step take?",
                    "99 % within this; the model and the index included.",
                    {
                        "{{stage}}": "histogram_quantile(0.99, sum by (stage, le) "
                        "(rate(kindling_recommender_stage_duration_seconds_bucket[$__rate_interval])))"
                    },
                    "s",
                    steps=((30, ORANGE),),
                    runbooks=("KindlingLagGrows",),
                ),
            ),
        ),
        Row(
            "Are the picks good?",
            (
                graph(
                    "How often does the model change the pick?",
                    "Of the last day: the share of decisions that would be another without it.",
                    {
                        "another": "1 - sum(increase(kindling_recommender_shadow_agreement_total{agrees="
                        '"yes"}[1d])) / sum(increase(kindling_recommender_shadow_agreement_total[1d]))'
                    },
                    "percentunit",
                ),
                graph(
                    "How many picks try something?",
                    "Of the last day, by whether another than the base choice was tried, and whether its topics "
                    "are new to the person.",
                    {
                        "explored {{explored}}, new topic {{new_topic}}": "sum by (explored, new_topic) "
                        "(increase(kindling_picks_total[1d]))"
                    },
                    "short",
                ),
            ),
        ),
        Row(
            "Can courses be found?",
            (
                figure(
                    "How many courses does the catalogue hold?",
                    "Withdrawn ones included.",
                    "max(kindling_recommender_catalogue_courses)",
                    "short",
                    below=RED,
                    steps=((1, GREEN),),
                ),
                figure(
                    "How many are in the index?",
                    "Of the generation in force; of the process that has the fewest.",
                    "min(kindling_recommender_index_courses)",
                    "short",
                    below=RED,
                    steps=((1, GREEN),),
                ),
                figure(
                    "How many do words alone find?",
                    "Courses without a vector as yet.",
                    "max(kindling_recommender_index_without_vector_courses)",
                    "short",
                    steps=((1, ORANGE),),
                ),
                figure(
                    "How many has the index still to take?",
                    "Courses to write or remove.",
                    "max(kindling_recommender_index_behind_courses)",
                    "short",
                    steps=((1_000, ORANGE),),
                ),
            ),
        ),
    ),
)
