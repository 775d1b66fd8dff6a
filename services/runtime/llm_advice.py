"""What an operator does about a model that does not answer: one short sentence for each fault; pure."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.llm import Fault

ELSE = "see what the endpoint is: it speaks, but not as a chat completion"
ADVICE: Mapping[Fault, str] = MappingProxyType({
    Fault.UNREACHABLE: "see that OPENAI_BASE_URL is right and that the endpoint runs",
    Fault.DENIED: "see that OPENAI_API_KEY is right and may use this model",
    Fault.QUOTA: "see that the account behind OPENAI_API_KEY has money",
    Fault.INVALID_REQUEST: "see that KINDLING_LLM_MODEL or KINDLING_LLM_MODELS names a model of this endpoint",
    Fault.TIMEOUT: "give it longer by KINDLING_LLM_TIMEOUT_S or KINDLING_LLM_STAGE_TIMEOUTS_S, or name a faster model",
    Fault.RATE_LIMITED: "ask less at once by KINDLING_LLM_IN_FLIGHT, or raise the limit of the account",
    Fault.SERVER_ERROR: "wait, or name another endpoint by OPENAI_BASE_URL",
    Fault.ONLY_REASONED: "set KINDLING_LLM_REASONING_TOKENS higher, or KINDLING_LLM_REASONING_EFFORT lower; for this"
    " model alone by KINDLING_LLM_MODELS_REASONING_TOKENS and KINDLING_LLM_MODELS_REASONING_EFFORT",
})  # fmt: skip


def advice(fault: Fault) -> str:
    """What to do."""
    return ADVICE.get(fault, ELSE)
