"""The company as the decision knows it: by its site, else as declared."""

from dataclasses import replace

from schemas.company import Company, CompanyFact
from schemas.recommendation import RecommendationRequest
from services.recommender.core.company.values import CompanyRead, Site, Why

DECLARED = {"company": "company", "industry": "industry", "company_size": "company_size", "size": "company_size"}


def nothing(site: Site | None, why: Why) -> Company:
    """A company of whose site nothing is known, and why."""
    return Company(rung="none", reason=why, site=site.host if site else None)


def unread(why: Why) -> CompanyRead:
    """The reading of no site."""
    return CompanyRead(nothing(None, why))


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
