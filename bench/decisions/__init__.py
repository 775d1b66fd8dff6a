"""The decisions workload: how many a recommender makes without a model, and how many it holds with a slow one."""
