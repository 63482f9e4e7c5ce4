"""Messages to people beside the alerts: digests, briefs, reminders and what is said in an alert's thread.

notice.py  what a notice is, before any channel's taste (pure)
store.py   notices in the database; the outbox delivers them as it does alerts
"""
