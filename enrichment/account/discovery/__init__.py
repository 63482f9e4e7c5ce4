"""Finds the accounts' own networks once, instead of asking of each address whose it is.

run.py is the door for dumps: it streams them in two passes, goes on where a killed run stopped. files.py opens dumps
and remembers places in them; rpsl.py reads the objects of RIPE, APNIC, AFRINIC and ARIN's text, arin_xml.py those of
ARIN's XML; records.py has the types. finder.py says which account a registered name is, judging.py how sure that makes
its range and whether somebody must look first; systems.py looks through AS names, dns_trail.py through the domains' DNS
by dns_client.py, rdap_search.py through registries that offer a search. proposals.py joins what several sources say;
store.py and tables.py keep proposals, answers and progress.
"""
