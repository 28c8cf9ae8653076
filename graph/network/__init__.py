"""Networks of subjects, for those who investigate: what stands around a subject, and how two of them hang together.

links   which links are asked for, and what a store answers
store   the part of the `GraphStore` protocol that serves it
"""
