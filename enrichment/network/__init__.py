"""From an address to the network it is in and the organisation that uses it.

`lookup.py` is the door: address → `Network`, cached by `cache.py`. `protocol.py` says what a source of evidence offers,
`resolvers/` has them. `verdict.py` weighs evidence, `kinds.py` judges kind and organisation from facts, with the names'
words in `words.py`, the vendored lists read by `known.py` (files in `lists/`) and names cleaned by `owners.py`;
`explain.py` is the door for `explain network`. `addresses.py` reads addresses, `mmdb_file.py` writes MMDB files,
`build.py` makes one from a prefix table, `update.py` fetches DB-IP's, `show.py` tells what is loaded, `store.py` keeps
declared networks.
"""
