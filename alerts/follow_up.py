"""What channels say that can't edit what they sent: only what changes whether somebody should call (pure)."""

from __future__ import annotations

from alerts.deliveries.post import Post
from alerts.message import AlertText
from alerts.wording import cut


def follow_up(post: Post, reader: str = "") -> str:
    """Return a line for a second message about an alert, or "" when there is nothing to tell.

    That a visit has grown isn't told: the account's page says so. `reader` is who alone gets the message, when it is
    one person: they know what they did themselves.
    """
    if not isinstance(post.words, AlertText) or (post.by and reader.casefold() == post.by.casefold()):
        return ""
    words = post.words
    if post.change == "wrong":
        return cut(f"{words.title}. {words.note}" if words.note else words.push, 500)
    if post.change == "claimed":
        return cut(f"{words.name}: {words.note}", 500) if words.note else ""
    if post.change == "undone":
        return cut(f"Taken back: {words.push}", 500)
    return ""
