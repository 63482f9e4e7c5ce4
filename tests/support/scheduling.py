"""Shares tests out among processes, and keeps those of a file together that makes something costly once.

The marks `xdist_group` would say it beside the tests, but pytest 9.2 with pytest-xdist 3.8 passes over them:
https://github.com/pytest-dev/pytest-xdist/issues/1386.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

TOGETHER = frozenset(
    {
        "tests/app/demo/test_story.py",
        "tests/app/test_explain.py",
        "tests/enrichment/network/test_real_log.py",
        "tests/house/test_packaging.py",
        "tests/stories/test_real_log.py",
    }
)
"""Files whose fixture for the whole file takes seconds: a server with the demo, an imported log, an installed wheel."""


class Scheduling(LoadScopeScheduling):
    """Each test goes where there is room; those of a file in `TOGETHER` go to one process."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in TOGETHER else nodeid
