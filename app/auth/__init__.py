"""Who may come in: everything about logging in.

guard.py      START HERE: no page without a login, unless it says that it is public
login.py      the pages to log in and out, and the one-time link
users.py      the first admin, and making login links
passwords.py  hashes and checks passwords, a few at a time
backoff.py    makes guessing slow
store.py      users, sessions and login links in the database
"""
