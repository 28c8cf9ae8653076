"""The graph room: subjects, links and records on two clocks.

model       the facts · identifiers, vault  who is who · terms  calendar time · validate  contradictions
plan        reaches, and what a question needs to know · evidence  what a store returns for it · paths  walking it
network     links around subjects, paths, control: what investigators ask for
store       the `GraphStore` protocol · sqlite  the embedded store · neo4j  the production store
errors      what can go wrong, and how to mend it
"""
