"""Identity: which subjects may be the same, and the judgements that some are.

`candidates` proposes pairs with a score and its reasons and writes nothing. `judgements` records what somebody decided,
for a reason: two are one, or are not after all. `scorecard` measures the proposals on an invented population.
"""
