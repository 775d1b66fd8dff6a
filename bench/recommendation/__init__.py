"""The recommender's workload: the product's own fold, lanes and fusion, replayed over what real learners took."""
