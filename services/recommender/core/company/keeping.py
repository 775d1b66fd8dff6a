"""How long what a site said, or why it said nothing, is taken for true."""

from datetime import timedelta

from services.recommender.core.company.values import Why

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_SOON = timedelta(minutes=10)

KEPT = {
    Why.READ: 30 * DAY,  # what a business does changes slower than its front page
    Why.NOTHING_QUOTED: 7 * DAY,
    Why.MODEL: _SOON,  # the site was read, the model was away
    # What passes by itself: an hour, so that a site that is down costs one attempt an hour.
    Why.DNS: HOUR, Why.UNREACHABLE: HOUR, Why.TIMEOUT: HOUR, Why.BROKEN: HOUR, Why.ROBOTS_UNREACHABLE: HOUR,
    Why.STATUS: 6 * HOUR, Why.CAPTCHA: DAY, Why.TLS: DAY, Why.TOO_LITTLE_TEXT: DAY, Why.EXTRACTION: DAY,
    # What the site's owner would have to change.
    Why.ADDRESS: 7 * DAY, Why.REDIRECTS: 7 * DAY, Why.ELSEWHERE: 7 * DAY, Why.URL: 7 * DAY, Why.NOT_HTML: 7 * DAY,
    Why.TOO_LARGE: 7 * DAY, Why.ROBOTS: 7 * DAY, Why.NOINDEX: 7 * DAY, Why.PARKED: 7 * DAY,
}  # fmt: skip
"""The reasons that need a look at the network or at a model; the others are known from the request alone."""
