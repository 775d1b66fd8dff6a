"""The company as the decision knows it: by its site, else as declared."""

from dataclasses import replace

from schemas.company import Company, CompanyFact
from schemas.recommendation import RecommendationRequest
from services.recommender.core.company.values import CompanyRead, Site, Why
from services.rules.admission import admitted
from services.rules.origins import Source, Way, field_of, reach
from services.rules.safety import Safety

DECLARED = {"company": "company", "industry": "industry", "company_size": "company_size", "size": "company_size"}


def nothing(site: Site | None, why: Why) -> Company:
    """A company of whose site nothing is known, and why."""
    return Company(rung="none", reason=why, site=site.host if site else None)


def unread(why: Why) -> CompanyRead:
    """The reading of no site."""
    return CompanyRead(nothing(None, why))


def safe_only(read: CompanyRead, language: str, safety: Safety) -> CompanyRead:
    """The company without what a model read on its site and safety keeps from prompts."""
    facts = tuple(each for each in read.company.facts if _is_safe(each, language, safety))
    rung = read.company.rung if facts or not read.company.facts else "none"
    return replace(read, company=read.company.model_copy(update={"facts": facts, "rung": rung}))


def _is_safe(fact: CompanyFact, language: str, safety: Safety) -> bool:
    about = field_of(fact.name)
    way = Way.WHOLE if about is None else reach(Source.MODEL, about).prompt  # the language is one of a closed list
    return isinstance(admitted(way, fact.value, language, safety), str)


def or_declared(read: CompanyRead, request: RecommendationRequest) -> CompanyRead:
    """The company by its site; where that says nothing, by what was declared: the next rung."""
    if read.company.rung == "llm":
        return read
    facts = {
        DECLARED[each.name]: CompanyFact.model_validate(
            {"name": DECLARED[each.name], "value": each.value[:200], "quote": each.value[:200]}
        )
        for each in request.snapshot.facts
        if each.name in DECLARED and each.value
    }
    rung = "declared" if facts else "none"
    return replace(read, company=read.company.model_copy(update={"rung": rung, "facts": tuple(facts.values())}))
