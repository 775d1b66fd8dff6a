"""The values of the company stage: a site to read, a page or why there is none, and what reading came to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from schemas.company import Company
from schemas.recommendation import Asked

READ_S = 10.0  # a visit in all: names, robots, redirects, page, extraction


class Why(StrEnum):
    """Why a site says what it says, or nothing; each is also a metric label."""

    READ = "read"
    NO_SITE = "no_site"
    FREE_MAIL = "free_mail"
    URL = "url"
    NOT_PUBLIC = "not_public"
    ADDRESS = "address"
    DNS = "dns"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    REDIRECTS = "redirects"
    ELSEWHERE = "elsewhere"
    STATUS = "status"
    NOT_HTML = "not_html"
    TOO_LARGE = "too_large"
    BROKEN = "broken"
    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    NOINDEX = "noindex"
    EXTRACTION = "extraction"
    PARKED = "parked"
    CAPTCHA = "captcha"
    TOO_LITTLE_TEXT = "too_little_text"
    MODEL = "model"
    NOTHING_QUOTED = "nothing_quoted"


@dataclass(frozen=True, slots=True)
class Site:
    """A host whose front page is to be read, and who named it: the person, or the domain of the work address."""

    host: str
    scheme: Literal["http", "https"]
    source: Literal["website", "address"]


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page as a model may be shown it: one line, visible characters, no mail address."""

    text: str


@dataclass(frozen=True, slots=True)
class NoPage:
    """Why there is no text."""

    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CompanyRead:
    """What reading came to, the questions asked for it, and the seconds it took of the decision's patience."""

    company: Company
    asked: tuple[Asked, ...] = ()
    spent_s: float = 0.0
