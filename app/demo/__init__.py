"""The demo: a shop, 40 fictional customers and 90 days of their visits, all marked and removable.

data.py: the fictional accounts, contacts, activities, networks. networks.py: their network database.
past.py: 90 days of visits. load.py: puts all of it through the line. visitors.py: whom one may visit as.
"""
