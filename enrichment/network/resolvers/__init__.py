"""Sources of evidence: `declared.py` networks that people stated, `mmdb.py` database files, `mmdb_layouts.py` what the
records of each vendor mean.
"""
