"""From an address to the network it is in and the organisation that uses it.

`lookup.py` is the door: address → `Network`, cached by `cache.py`. `protocol.py` says what a source of evidence offers,
`resolvers/` has them. `verdict.py` weighs evidence. `kinds.py` judges kind and organisation from facts, by
`systems.py` where only the AS's owner is known and by `users.py` where the registry names the range's user; facts and
judgements are in `judgement.py`. They ask what `trades.py` reads from names, domains and numbers, `egress.py` from
shared ways out and lists of prefixes, `hosts.py` from host names (each an `opinion.py`), and the learned `model.py` on
`features.py` where those say little; `confidence.py` makes a probability of how sure they are; `words.py` has the
words of names, `known.py` reads the vendored lists (both in `lists/`), `owners.py` cleans registry names,
`name_domain.py` says whether a domain goes with a name, `word_counts.py` how usual a word is; `explain.py` is the
door for `explain network`. `addresses.py` reads addresses, `prefix_table.py` finds the longest prefix, `mmdb_file.py`
writes MMDB files, `build.py` makes one from a prefix table, `build_owners.py` from any table of owners, `update.py`
fetches DB-IP's, `show.py` tells what is loaded, `store.py` keeps declared networks, `learned/` what first-party
evidence teaches, `remote/` asks registries and the DNS.
"""
