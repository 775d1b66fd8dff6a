"""Roles as a closed list: what stays of a text that somebody calls their role and that is no short noun phrase."""

from services.rules.folding import tokens

ROLES: tuple[str, ...] = (
    "chief executive officer", "chief marketing officer", "chief technology officer", "chief operating officer",
    "chief financial officer", "managing director", "marketing director", "sales director", "marketing manager",
    "product manager", "sales manager", "account manager", "account executive", "project manager", "office manager",
    "community manager", "content manager", "customer success manager", "store manager", "head of marketing",
    "head of sales", "head of growth", "head of product", "head of operations", "vice president", "business owner",
    "software engineer", "web developer", "data analyst", "customer support", "human resources", "content marketer",
    "founder", "cofounder", "owner", "ceo", "cmo", "cto", "coo", "cfo", "director", "manager", "marketer", "developer",
    "engineer", "designer", "analyst", "consultant", "freelancer", "teacher", "trainer", "student", "accountant",
    "administrator", "assistant", "editor", "writer", "researcher", "recruiter", "seller", "buyer", "agent",
    "nurse",
    "responsable de marketing", "director de marketing", "gerente", "fundadora", "fundador", "profesora", "profesor",
    "gesch\u00e4ftsf\u00fchrerin", "gesch\u00e4ftsf\u00fchrer", "marketingleiterin", "marketingleiter", "inhaberin",
    "inhaber",
    "responsable marketing", "g\u00e9rante", "g\u00e9rant", "fondatrice", "fondateur", "titolare", "eigenaar",
)  # fmt: skip
_PHRASES = tuple((f" {' '.join(tokens(each))} ", each) for each in ROLES)


def role_in(text: str) -> str | None:
    """The first role of the list that the text holds; None where it holds none."""
    said = f" {' '.join(tokens(text))} "
    return next((role for phrase, role in _PHRASES if phrase in said), None)
