"""Which account a company is, and what we know of that account.

domains.py finds registrable domains and those that nobody owns alone; legal_forms.py and words.py hold what is known
of single words, readings.py how Japanese ones are read; normal_form.py takes a name apart; sounds.py bridges kana and
Latin letters; names.py says whether two names mean one customer; countries.py, sectors.py and universities.py know
what else a name tells, and weigh.py lets it count; match.py finds the account, told.py that which a visitor names;
purchases.py sums up what it bought; store.py reads it all; event_store.py adds what servers tell; merge_store.py
knows which accounts were merged; hierarchy.py who is above whom; duplicates.py finds accounts that are one customer
twice; activity_queries.py reads what accounts did, the newest of each kind; mail.py tells people's opens and clicks
from mail scanners'; left_because.py finds the reason that people mean; plain_words.py says how words are
keyed; touched_queries.py marks accounts to be judged anew; segment_store.py knows their saved segments; discovery/
finds the accounts' own networks; importer/ brings it in from files; lists/ holds vendored lists.
"""
