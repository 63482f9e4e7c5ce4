"""The ways in, one `PageView` out.

beacon.py: what the snippet sends. access_log.py: lines of a web server's log. log_file.py: the files they lie in.
log_pages.py: which requests in them are pages.
"""
