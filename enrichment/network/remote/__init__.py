"""Sources that are asked over the network, never in the first pass: registries by RDAP, host names by DNS.

`registries.py` knows the registries, their budgets and whose an address is (`bootstrap.tsv`, renewed by `update.py`).
`budget.py` says whether one may be asked now: rate and circuit breaker. `worth.py` says what asking about a visitor's
address is worth. `asker.py` works the queue off: it asks, stores and says what changed. `rdap.py` asks registries by
ipwhois through `transport.py`, which bounds time, size and redirects; `answers.py` reads their records. `rdns.py` asks
for host names, `hosts.py` reads them. `store.py` and `tables.py` keep queue, budgets and answers.
"""
