"""The rules as data: versions with who, when and why; what a change would have done; proposals from feedback.

files.py        START HERE: the rule files there are, and their mistakes
tables.py       the versions, and drafts that aren't accepted yet
store.py        reads and writes them
current.py      which text acts: file, version or built-in
live.py         the rules in a running process, taken up within a second
versions.py     test, save, restore, propose
changes.py      what one version changed against another (pure)
backtest.py     a candidate's rules against the stored visits
replay.py       the line's own functions over stored visits, writing nothing
queries_replay.py       the stored visits, states and feedback that this needs
report.py       what a back-test says, in words
forms.py        the main values of a file as fields of a form (pure)
toml_edit.py    changes values in a TOML text and leaves the rest as it is (pure)
learning.py     which weights feedback asks for (pure)
proposing.py    feedback in, a proposal out, where held-out weeks improve
"""
