"""Investigations: who is linked to whom, how two subjects hang together, who stands behind one.

question  what is asked · document  what is answered
expand, paths, control, subject  the questions; each returns a document with its id
"""
