"""The Slack app's manifest, for either way in which clicks come back, and the permissions that it asks for (pure)."""

from __future__ import annotations

from urllib.parse import quote

SCOPES = {
    "chat:write": "send and update alerts",
    "chat:write.public": "to public channels, without an invitation",
    "users:read": "who pressed a button; asked for by the next one, too",
    "users:read.email": "find an account's owner by e-mail address, and who pressed a button",
    "im:write": "open the direct message to an owner",
    "im:history": "after a time-out: look whether the message arrived, before sending again",
    "channels:read": "find a channel by its name",
    "groups:read": "the same for private channels that the app was invited to",
    "channels:history": "after a time-out, as above",
}
"""Each permission with what it is for; without the last ones a message may come twice after a time-out."""

NEEDED = ("chat:write", "users:read", "users:read.email", "im:write")
"""Without these there is no alert, or nobody knows who pressed a button."""

EXAMPLE_URL = "https://dormouse.example.com"


def manifest(public_url: str = "") -> str:
    """Return the manifest (YAML): with `public_url`, Slack sends clicks there; without it, they come by Socket Mode."""
    how = f"over HTTP to {public_url}" if public_url else "by Socket Mode: no public URL is needed"
    scopes = "\n".join(f"      - {scope}  # {why}" for scope, why in SCOPES.items())
    interactivity = f"    request_url: {public_url}/slack/interactivity\n" if public_url else ""
    return f"""\
# The Slack app, with clicks {how}.
# api.slack.com/apps → Create New App → From a manifest → paste this. Or let `dormouse slack connect` guide you.
display_information:
  name: Dormouse
  description: Says when a dormant customer is back on the website, and why it believes so
features:
  bot_user:
    display_name: Dormouse
    always_online: true
oauth_config:
  scopes:
    bot:
{scopes}
settings:
  interactivity:
    is_enabled: true
{interactivity}  org_deploy_enabled: false
  socket_mode_enabled: {"false" if public_url else "true"}
  token_rotation_enabled: false
"""


def install_link(text: str) -> str:
    """Return the address that opens Slack's form for a new app with this manifest filled in."""
    return f"https://api.slack.com/apps?new_app=1&manifest_yaml={quote(text, safe='')}"


def missing_scopes(granted: str) -> tuple[str, ...]:
    """Return the permissions that an app lacks, by the header `x-oauth-scopes` of any answer of Slack's."""
    have = {scope.strip() for scope in granted.split(",")}
    return tuple(scope for scope in SCOPES if scope not in have)


def is_reachable(public_url: str) -> bool:
    """Say whether Slack could send clicks to this address: it asks for https, and can't reach our own machine."""
    host = public_url.partition("://")[2].partition("/")[0].partition(":")[0]
    return public_url.startswith("https://") and host not in ("localhost", "127.0.0.1", "[")
