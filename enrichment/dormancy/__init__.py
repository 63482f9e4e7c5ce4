"""How silent an account is, judged as of a moment from what was known before it.

judge.py    START HERE: activities → Dormancy, with its reasons (pure)
rules.py    reads dormancy.toml: criteria, combination, overrides, tiers
cadence.py  an account's own rhythm of orders, and the probability that no order comes (pure)
bgnbd.py    BG/NBD, fitted on counts; P(alive), P(no order in a window) (pure)
simplex.py  the smallest value of a function, by Nelder and Mead (pure)
states.py   active → going quiet → dormant → awake → in contact → reactivated or asleep again (pure)
explain.py  the JSON door of `dormouse explain dormancy` (pure)
store.py    where accounts stand, and one row for each crossing
"""
