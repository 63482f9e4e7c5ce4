"""Sources of evidence: `declared.py` networks that people stated, `learned.py` our own map, `mmdb.py` database files, `mmdb_layouts.py` what the
records of each vendor mean.
"""
