"""Stage 2: who is it, and does it matter? Visit → Signal | Drop.

enrich.py: START HERE, the whole stage as plain functions. network/: an address → its network and who uses it.
company/: network and clues → company, or an honest abstention. account/: company → the customer it is.
dormancy/: what a customer did → how silent it is. intent/: pages → points. segments/: accounts that have something in
common. occasion.py: what there is to say of it. confidence.py: how likely it is that the account is right.
store.py: what was judged of each visit. tables.py: the stage's tables.
"""
