"""Sources of evidence: `declared.py` networks that people stated, `learned.py` our own map, `discovered.py`
networks that were found to be an account's, `mmdb.py` database files, `mmdb_layouts.py` what each vendor's records
mean, `registry.py` and `rdns.py` what registries and the DNS answered before.
"""
