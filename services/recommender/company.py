"""What the business of the person does: by its site, else as they declared it."""

from schemas.recommendation import RecommendationRequest
from services.recommender.core.company.sites import site_of
from services.recommender.core.company.telling import or_declared, safe_only, unread
from services.recommender.core.company.values import CompanyRead, Why
from services.recommender.world import World

COMPANY_SHARE = 0.5  # of the patience, at most: the job is asked for in any case


async def read_company(request: RecommendationRequest, world: World) -> CompanyRead | None:
    """What is known of the business; None where nobody is to be asked."""
    if world.companies is None or request.arm == "usual":
        return None
    within_s = COMPANY_SHARE * world.policy.patience_for(request.trigger.playbook)
    site = site_of(request)
    read = unread(site) if isinstance(site, Why) else await world.companies.about(site, within_s=within_s)
    return or_declared(safe_only(read, request.language, world.policy.safety), request)
