"""Every metric of the recommender; what becomes of records is counted by the runtime, calls to models by its client."""

from prometheus_client import Counter, Gauge, Histogram

OTHERWISE_KEPT_BACK = Counter(
    "kindling_recommender_otherwise_kept_back_total",
    "Requests where no course fits and the playbook's `otherwise` may not go either, by why",
    ["reason"],
)
STAGE_SECONDS = Histogram(
    "kindling_recommender_stage_duration_seconds",
    "Seconds one stage of a decision took, waiting for the model or the index included",
    ["stage"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60),
)
PICKS = Counter(
    "kindling_picks_total",
    "Courses picked, by whether another than the base choice was tried, and whether none of its topics was among the "
    "person's interests",
    ["explored", "new_topic"],
)
SHADOW_AGREEMENT = Counter(
    "kindling_recommender_shadow_agreement_total",
    "Decisions that a model imagined or picked for, by whether the choice without it is the same",
    ["agrees"],
)
LEFT_OUT = Counter(
    "kindling_recommender_left_out_total",
    "Texts of persons that moved no ranking, being meant for a machine, by where they came from",
    ["where"],
)
INDEX_COURSES = Gauge("kindling_recommender_index_courses", "Courses in the index of this process's generation")
CATALOGUE_COURSES = Gauge("kindling_recommender_catalogue_courses", "Courses of the catalogue, withdrawn ones included")
STANDING_COURSES = Gauge("kindling_recommender_standing_courses", "Courses of which statistics are known")
INDEX_BEHIND = Gauge("kindling_recommender_index_behind_courses", "Courses the index still has to write or remove")
WITHOUT_VECTOR = Gauge(
    "kindling_recommender_index_without_vector_courses", "Courses in the index that words alone find as yet"
)
EMBEDDED = Counter(
    "kindling_recommender_embedded_total", "Courses embedded; an unchanged course is never embedded again"
)
VECTORS_TAKEN = Counter(
    "kindling_recommender_vectors_taken_total", "Courses indexed by a vector that was there, made here or elsewhere"
)
SWAPS = Counter("kindling_recommender_generation_swaps_total", "Generations of the index put in force")
NO_VECTOR = Counter(
    "kindling_recommender_no_vector_total",
    "Courses that words alone find because what came for them is no vector; they are tried again at every change",
)
COMPANIES = Counter(
    "kindling_recommender_company_total",
    "Companies asked for, by what came of their site and where that is known from (request, cache, site; or not_kept)",
    ["reason", "source"],
)

for _explored in ("no", "yes"):
    for _new_topic in ("no", "yes"):
        PICKS.labels(_explored, _new_topic)
