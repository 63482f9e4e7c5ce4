"""How silent an account is, judged as of a moment from what was known before it.

judge.py    START HERE: activities → Dormancy, with its reasons (pure)
rules.py    reads dormancy.toml: criteria, groups, overrides, lines, tiers; presets/ holds rules to begin with
thresholds.py  which rule applies to an account, after inheritance (pure)
criteria.py what each criterion counts, and when an account last showed it (pure)
silence.py  how long it has been silent by its rule, and since when that is too long (pure)
lines.py    the same for each product line, and which line a visit's pages are about (pure)
usage.py    whether use of the product has fallen by the account's own measure (pure)
late.py     whether an order is missing by an account's own rhythm (pure)
rfm.py      recency, frequency and monetary value, in fifths (pure)
cadence.py  an account's own rhythm of orders, and the probability that no order comes (pure)
fit.py      learns from many histories how likely it is that no order comes within a window (pure)
features.py what a history of orders looks like from a moment (pure)
logistic.py a ridge logistic regression (pure)
outlook.py  asks the fitted model about activities (pure)
bgnbd.py    BG/NBD, fitted on counts; P(alive), P(no order in a window) (pure)
propose.py  thresholds that the gaps of groups of accounts ask for (pure)
history_queries.py  the orders of all accounts, to learn from
simplex.py  the smallest value of a function, by Nelder and Mead (pure)
states.py   active → going quiet → dormant → awake → in contact → reactivated or asleep again (pure)
explain.py  the JSON door of `dormouse explain dormancy` (pure)
store.py    where accounts stand, and one row for each crossing
slipping_queries.py  who leaves their rhythm, and who says that it isn't so
reason_queries.py  why accounts went silent, and how many came back by reason
usage_queries.py  use of the product week by week, counted once
value_queries.py  what accounts are worth
"""
