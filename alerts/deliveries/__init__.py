"""The outbox's rows.

post.py           what a channel is handed: an alert or a notice, with what it needs beside the words (pure)
claim_store.py  reads what a claimed row says: the message as it should read now, its thread, what is new
store.py          claims what is due by conditional UPDATE, and writes down how it went
log_store.py    each try with its outcome; the channels that are paused, and why
tables.py         the log's and the pauses' tables
"""
