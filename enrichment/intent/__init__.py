"""How much an account's visits look like interest in buying.

scoring.py   START HERE: a visit, the visits before it and the silence → points, each with its reason (pure)
pages.py     what a page is called, what it is for, and how long it was read (pure)
history.py   what the visits before this one say: absence, surge, people, return (pure)
triggers.py  what speaks for itself, whatever the points (pure)
group.py     how many people of the account were here: the buying group (pure)
store.py     the newest visits and the first and last of each earlier day
rules.py     reads scoring.toml: page classes with points, threshold, half-life, triggers
"""
