"""Takes events from servers: sign-ins, use of the product, orders (`POST /api/v1/events`)."""

from __future__ import annotations

from flask import Blueprint, Response

from app.api.keys import require
from app.api.problems import ApiError

doors = Blueprint("api_events", __name__, url_prefix="/api/v1")


@doors.post("/events")
@require("events")
def events() -> Response:
    """Take one event or a batch."""
    raise ApiError(400, "Not yet.")
