"""The pages that people look at; each has one file and asks the database through a `queries_*.py` of its name.

awake.py     START HERE: the manager's morning
now.py       who is on the site
accounts.py  the list of accounts, and one account's timeline
duplicates.py        accounts that may be one customer; merging them
rolled_up.py         what is told of a group at its top
importing.py         accounts, contacts and activities from an uploaded file
alerts.py    what was said, to whom, and what people made of it
deliveries.py        how messages fared; what was given up, and is sent again
messages.py          digests, weeks, reminders and lines of threads, as they were sent (queries_notices.py)
losses.py    where visits go
review.py    where people say whose a visit was; how far sources can be believed
networks.py  the networks found for accounts, to accept or reject
team.py      who gets alerts, and when
shadow.py    what shadow mode brings; samples to judge; going live
rule_precision.py    how often rules were right
segments.py  saved segments, who came and went
rules.py     the rules: form, text, back-test, history, proposals
setup.py     the settings, with the snippet
acting.py    the buttons, and the page of a signed link
mine.py      my list: what a rep has to do
worth.py     what alerts brought
making_links.py      signed links for customers, with their QR code
live.py      fragments that a page asks for again and again
health.py    the strip that says whether everything works
filters.py   what templates may call
as_json.py   a timeline as JSON
funnel.py    which bucket a visit falls into (pure)
coverage.py  how far visits come: the same figures for command, API and page
for_programs.py      corrections and coverage in the API
evidence.py  what each source said, in words (pure)
figures.py   the geometry of the pictures (pure)
reliability_plot.py  said sureness against what was right, as a picture (pure)
measured.py  the sureness measured before a release
wording.py   how things are said (pure)
queries_facts.py     facts about many accounts at once
queries_rows.py      what of a visit may be shown
queries_awake.py     the dormant accounts that are awake, and the figures above them
queries_now.py       the visits of the last half hour
queries_accounts.py  the list of accounts
queries_group.py     who is above and below an account
queries_timeline.py  everything that happened with one account
queries_alerts.py    the list of alerts
queries_losses.py    the funnel and the rows of its buckets
queries_networks.py  the networks found for accounts
queries_verdicts.py  how sure we were of visits that people judged
queries_health.py    sites, channels, demo data
"""
