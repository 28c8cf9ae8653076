"""The rules room: measures as files, and what makes them lawful and executable.

catalogue   `Catalogue`: read, validated, versioned by content · model, conditions  the form of its entries
files       YAML that knows its lines · lint, bounds  what a lawful catalogue satisfies · errors  its problems
contents    its entries by id · rule  the light form that evaluators read · compile, rulebook  the same in durable_rules
"""
