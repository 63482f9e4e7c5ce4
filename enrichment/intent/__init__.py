"""How much an account's visits look like interest in buying.

scoring.py  START HERE: a visit, the visits before it and the silence → points, each with its reason (pure)
pages.py    what a page is called, what it is for, and how long it was read (pure)
rules.py    reads scoring.toml: page classes with points, threshold, half-life
"""
