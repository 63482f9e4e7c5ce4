"""The demo: a shop, 40 fictional customers and 90 days of their visits, all marked and removable.

data.py: the fictional accounts, contacts, activities, reps. networks.py: their network database.
past.py: 90 days of visits. answers.py: what reps made of the alerts. load.py: puts all of it through the line.
The page: views.py: shop, panes, starting over. visitors.py: whom one may visit as. seen.py: what is shown of a visit.
queries_watch.py: reads it. tape.py: tells it step by step. queries_restart.py: forgets what was tried by hand.
"""
