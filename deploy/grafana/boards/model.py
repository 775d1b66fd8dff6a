"""Model: is it there, how fast is it, and what does it cost?"""

from deploy.grafana.board import GREEN, ORANGE, RED, Board, Row, graph, quantiles

COUNT = "gen_ai_client_operation_duration_seconds_count"

BOARD = Board(
    "kindling-model",
    "Kindling: model",
    "Are the models there, how fast are they, and what do they cost? Without one mails go on, by lower rungs.",
    (
        Row(
            "Is it there?",
            (
                graph(
                    "What do models answer?",
                    "Questions a second; nothing behind the colon is an answer, else it is the fault.",
                    {
                        "{{gen_ai_request_model}}: {{error_type}}": "sum by (gen_ai_request_model, error_type) "
                        f"(rate({COUNT}[$__rate_interval]))"
                    },
                    "reqps",
                    runbooks=("KindlingModelAway",),
                ),
                graph(
                    "How often is a model away?",
                    "The share of a quarter of an hour's questions that met none; empty where it never is.",
                    {"{{gen_ai_request_model}}": "model:kindling_model_away:ratio15m"},
                    "percentunit",
                    steps=((0.5, ORANGE),),
                    runbooks=("KindlingModelAway",),
                ),
                graph(
                    "Which model is left alone?",
                    "1 while it is, after its faults, by the service that asks.",
                    {"{{model}} by {{stage}}": "max by (model, stage) (kindling_llm_breaker_open)"},
                    "bool_yes_no",
                    steps=((1, RED),),
                    runbooks=("KindlingModelAway",),
                ),
            ),
        ),
        Row(
            "How fast is it?",
            (
                graph(
                    "How long does a question take?",
                    "Its tries included.",
                    quantiles("gen_ai_client_operation_duration_seconds", "stage"),
                    "s",
                    steps=((30, ORANGE),),
                    runbooks=("KindlingLagGrows", "KindlingModelAway"),
                ),
                graph(
                    "What is asked again?",
                    "Of a quarter of an hour, by what went wrong.",
                    {
                        "{{model}}: {{fault}}": "sum by (model, fault) (increase(kindling_llm_retries_total[15m])) "
                        "or 0 * max by (model) (kindling_llm_breaker_open)"
                    },
                    "short",
                    runbooks=("KindlingModelAway",),
                ),
                graph(
                    "How many tokens go, and come?",
                    "A second, by question; 0 of an endpoint that counts none.",
                    {
                        "{{stage}}: {{gen_ai_token_type}}": "sum by (stage, gen_ai_token_type) "
                        "(rate(gen_ai_client_token_usage_sum[$__rate_interval])) "
                        f"or 0 * sum by (stage) (rate({COUNT}[$__rate_interval]))"
                    },
                    "short",
                ),
            ),
        ),
        Row(
            "What does it cost?",
            (
                graph(
                    "What does a finished mail cost?",
                    "In the currency of the prices that are set: the mean of six hours, and of a week.",
                    {
                        "six hours": "kindling:mail_cost_micros:mean6h / 1e6",
                        "a week": "kindling:mail_cost_micros:mean7d / 1e6",
                    },
                    "none",
                    runbooks=("KindlingMailDear",),
                ),
                graph(
                    "Which question is paid for?",
                    "Of the last hour, by model and question, in the currency of the prices.",
                    {
                        "{{model}}: {{stage}}": "sum by (model, stage) "
                        "(increase(kindling_llm_cost_micros_total[1h])) / 1e6"
                    },
                    "none",
                    runbooks=("KindlingMailDear",),
                ),
                graph(
                    "How much of the budget is left?",
                    "1 where none is set; at 0 no model is asked.",
                    {"{{stage}}, {{scope}}": "min by (stage, scope) (kindling_llm_budget_left_ratio)"},
                    "percentunit",
                    below=RED,
                    steps=((0.1, ORANGE), (0.3, GREEN)),
                    runbooks=("KindlingBudgetNearlySpent",),
                ),
            ),
        ),
        Row(
            "What is saved, and what is not asked?",
            (
                graph(
                    "How often does a cache have it?",
                    "The share of look-ups; llm_ledger is an answer that was paid for before.",
                    {
                        "{{cache}}": 'sum by (cache) (increase(kindling_cache_total{result="hit"}[1h])) '
                        "/ sum by (cache) (increase(kindling_cache_total[1h]))"
                    },
                    "percentunit",
                ),
                graph(
                    "What is not asked, or asked again of the larger model?",
                    "Questions of the last hour: for want of time or money, and why the smaller did not do.",
                    {
                        "{{stage}}: {{why}}": "sum by (stage, why) (increase(kindling_llm_escalations_total[1h]))",
                        "{{stage}}: no time": "sum by (stage) (increase(kindling_llm_no_time_total[1h])) "
                        f"or 0 * sum by (stage) (increase({COUNT}[1h]))",
                        "{{stage}}: over budget of the {{scope}}": "sum by (stage, scope) "
                        "(increase(kindling_llm_over_budget_total[1h]))",
                    },
                    "short",
                    runbooks=("KindlingBudgetNearlySpent",),
                ),
            ),
        ),
    ),
)
