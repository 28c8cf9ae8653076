"""Networks of subjects, for those who investigate: what stands around a subject, and how two of them hang together.

links      which links are asked for, and what a store answers
store      the part of the `GraphStore` protocol that serves it
budget     how long a question may take
paths      shortest paths between two subjects
holdings   who stands above a subject
ownership  effective shares, through chains and circles
control    who decides, and who is a beneficial owner
"""
