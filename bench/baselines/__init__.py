"""Frozen yardsticks: what Xinheng is measured against, on identical data, in the same process and run.

They are not part of the product and are not improved with it: a store that becomes faster may not make its own ratio
worse by being its own denominator. Whoever changes one starts a new series of figures, and says so in
docs/performance.md.

plans     a question's reaches as plain tuples · sql, cypher  plain statements that fetch the same evidence
durable   bare durable_rules on the same facts
"""
