"""Said sureness against what was right: the bands, the picture, and the page that shows them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from pages import NOW, SAME_ORIGIN, dashboard, logged_in
from seed import seed
from sqlalchemy import Engine, select, update

from app.dashboard.measured import measured
from app.dashboard.queries_verdicts import judged_answers
from app.dashboard.reliability_plot import Band, alternative, banded, svg
from core.database import reading, writing
from core.ids import derived
from enrichment.tables import judgements

VISIT = derived("v", "C-1001", 0)


def test_answers_become_bands() -> None:
    """Equal sureness stays together; a band knows its mean, its share, its number and whether that is enough."""
    bands = banded([(0.97, True)] * 19 + [(0.95, False)] + [(0.72, True), (0.78, False)])
    assert [(round(band.said, 3), band.right, band.n, band.is_few) for band in bands] == [
        (0.75, 0.5, 2, True),
        (0.969, 0.95, 20, False),
    ]
    low, high = bands[1].interval
    assert 0.81 < low < 0.83 and 0.98 < high < 1


def test_the_picture_puts_what_is_as_good_as_said_on_the_diagonal() -> None:
    """A dot's place follows its shares; the picture has a text alternative and no style of its own in a page."""
    bands = (Band(said=0.75, right=0.75, n=4000), Band(said=1.0, right=0.5, n=9))
    text = svg(bands, "Sure <b>?")
    picture = ET.fromstring(text)
    assert "style" not in text and "<b>" not in text
    assert alternative(bands) in picture.attrib["aria-label"]
    ideal = picture.find("line[@class='ideal']")
    dots = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in picture.iter("circle")]
    assert ideal is not None
    x1, y1, x2, y2 = (float(ideal.attrib[name]) for name in ("x1", "y1", "x2", "y2"))
    assert abs((dots[0][0] - x1) / (x2 - x1) - (dots[0][1] - y1) / (y2 - y1)) < 0.01
    assert dots[1][0] == x2 and "too few to say" in text
    assert ET.fromstring(svg(bands, "x", alone=True)).tag == "{http://www.w3.org/2000/svg}svg"


def test_sureness_counts_as_it_was_said(any_engine: Engine, tmp_path: Path) -> None:
    """A visit judged wrong keeps the sureness with which it was told, though a correction took it away since."""
    seed(any_engine, NOW)
    client = logged_in(dashboard(any_engine, tmp_path))
    with reading(any_engine) as connection:
        before = sorted(judged_answers(connection))
        said = connection.execute(select(judgements.c.confidence).where(judgements.c.visit == VISIT)).scalar_one()
    client.post("/act", data={"do": "wrong_visit", "id": VISIT}, headers=SAME_ORIGIN)
    with reading(any_engine) as connection:
        after = judged_answers(connection)
    assert (said, False) in after
    assert sorted(after) != before
    page = client.get("/sources").text
    assert 'class="reliability"' in page and "too few to say" in page
    assert "The same as a table" in page


def test_what_people_gave_says_nothing_of_our_sureness(engine: Engine, tmp_path: Path) -> None:
    """Taking an alert on counts as right; a visit that is an account's because people said so is no guess of ours."""
    seed(engine, NOW)
    client = logged_in(dashboard(engine, tmp_path))
    client.post("/act", data={"do": "claim", "id": derived("alert", "C-1001")}, headers=SAME_ORIGIN)
    with reading(engine) as connection:
        before = judged_answers(connection)
    with writing(engine) as connection:
        connection.execute(update(judgements).values(evidence=[{"source": "corrected", "speaks": "for"}]))
    with reading(engine) as connection:
        assert ([right for _, right in before], judged_answers(connection)) == ([True, True], ())


def test_measured_figures_are_shown_only_when_whole(tmp_path: Path) -> None:
    """No file, a torn one, or one with impossible shares: nothing is shown; a whole one is."""
    band = '{"said": 0.9, "right": %s, "n": 120}'
    body = '{"made_at": "2026-11-22T10:00:00Z", "n": 120, "ece": 0.02, "low": 0.01, "high": 0.04, "bands": [%s]}'
    whole, torn, impossible = (tmp_path / name for name in ("whole.json", "torn.json", "impossible.json"))
    whole.write_text(body % (band % "0.92"), encoding="utf-8")
    torn.write_text("{", encoding="utf-8")
    impossible.write_text(body % (band % "92"), encoding="utf-8")
    assert [measured(path) for path in (tmp_path / "none.json", torn, impossible)] == [None, None, None]
    found = measured(whole)
    assert found is not None and found.drawn == (Band(said=0.9, right=0.92, n=120),)
