"""Accounts, activities and contacts from the files that people have.

protocol.py: how each is called; registry.py: the importers by name. accounts.py, activities.py and contacts.py each
import one kind of file, aliases.py other names of accounts; table.py reads a delimited file of any encoding,
quotes.py finds its forgotten quotes, workbook.py reads Excel's; mapping_store.py remembers columns that somebody
named; merged.py lets rows of merged accounts count for those they were merged into; parents.py settles who is above
whom; headers.py knows what columns are called in several languages; columns.py guesses which is which; values.py
reads dates, amounts and yes or no as a whole column means them; sheet.py puts these together for one file; finder.py
finds the account of a row; report.py counts what happened to each row; store.py writes what is new or changed.
"""
