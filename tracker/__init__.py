"""Stage 1: what happened on our pages?

snippet/: the script embedded in websites. collector.py: the HTTP edge that keeps each hit. sources/: the ways in.
client_ip.py: whose address it is, behind trusted proxies only. consent.py: what a privacy signal lets us keep.
filters.py: why a hit is not followed further. bots.py: which agents are no people.
identity.py: what is said of who the visitor is, and whether it is proved.
crawler_list.py: finds an agent in the public list of lists/.
hits.py: the buffer's record. buffer/: where a hit lies until it is judged. visitor.py: the daily visitor id.
sessions.py: page views become visits. tables.py: what is stored. store.py, site_store.py, clue_store.py,
expiry.py: the only SQL of this stage: visits and counts, sites and salts, what may no longer be kept.
"""
