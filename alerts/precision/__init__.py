"""How often each rule was right, by what people did with its alerts; and which ones are told of in the digest alone.

precision.py  the shares, and what they propose (pure)
tables.py     the table
store.py      what was judged and who demoted what, in the database
"""
