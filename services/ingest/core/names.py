"""One name for one thing: e-commerce events of GA4 and old Segment, and the six names that mean feedback."""

from schemas.email import FeedbackWord

PAGE = "Page Viewed"  # a track of this name is a page call
# Left: as trackers say it, in lower case with spaces. Right: Segment's e-commerce specification, version 2.
# Sources: Google Analytics 4 "Recommended events" and "Enhanced measurement";
# Segment "Ecommerce events", versions 1 and 2.
_SAME = {
    "purchase": "Order Completed",
    "completed order": "Order Completed",
    "refund": "Order Refunded",
    "view item": "Product Viewed",
    "viewed product": "Product Viewed",
    "view item list": "Product List Viewed",
    "viewed product category": "Product List Viewed",
    "select item": "Product Clicked",
    "add to cart": "Product Added",
    "added product": "Product Added",
    "remove from cart": "Product Removed",
    "removed product": "Product Removed",
    "add to wishlist": "Product Added to Wishlist",
    "view cart": "Cart Viewed",
    "begin checkout": "Checkout Started",
    "started checkout": "Checkout Started",
    "add payment info": "Payment Info Entered",
    "view promotion": "Promotion Viewed",
    "viewed promotion": "Promotion Viewed",
    "select promotion": "Promotion Clicked",
    "clicked promotion": "Promotion Clicked",
    "search": "Products Searched",
    "view search results": "Products Searched",
    "sign up": "Signed Up",
    "login": "Signed In",
    "generate lead": "Lead Generated",
    "form submit": "Form Submitted",
    "file download": "File Downloaded",
    "page view": PAGE,
}
_EMAIL: dict[str, FeedbackWord] = {
    "Email Delivered": "delivered",
    "Email Opened": "opened",
    "Email Link Clicked": "clicked",
    "Email Bounced": "bounced",
    "Email Marked as Spam": "complained",
    "Unsubscribed": "unsubscribed",
}
_OWN = {name.lower(): name for name in (*_SAME.values(), *_EMAIL)}
_TABLE = {**_OWN, **_SAME}


def canonical_name(name: str) -> str:
    """The one name of what trackers name differently; any other name as it is."""
    return _TABLE.get(name.lower().replace("_", " "), name)


def feedback_word(name: str) -> FeedbackWord | None:
    """The feedback word of a canonical name, or None where the name is not about a mail."""
    return _EMAIL.get(name)
