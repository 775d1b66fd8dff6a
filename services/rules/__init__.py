"""Pure rules that several services ask: which characters, links, contacts and requests a text may hold.

Imports schemas and the standard library. Lexicons and the list of public suffixes come in as values.
"""
