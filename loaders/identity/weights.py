"""The weights of evidence, in bits, after Fellegi and Sunter.

I. P. Fellegi and A. B. Sunter, "A Theory for Record Linkage", Journal of the American Statistical Association 64
(1969) 1183-1210: where an agreement has probability m among pairs that are one and u among pairs that are two, it
weighs log2(m / u). A pair starts at the prior odds, weights are added, and the score is the probability that the sum
stands for. Names weigh less the more subjects bear them (W. E. Winkler, "Frequency-based matching in
Fellegi-Sunter model of record linkage", US Bureau of the Census RR2000/06).

The numbers are argued, not fitted: no set of pairs that somebody judged exists yet. The scorecard measures them on an
invented population (docs/identity-scorecard.md); real judgements should replace them.
"""

from __future__ import annotations

THRESHOLD = 0.8
"""The least score at which a pair is proposed, unless another is asked for."""

# An average province has some 45 million people, of whom 2^25 are adults, and some 6 million organisations.
PERSONS, ORGANISATIONS = 25.0, 22.0
"""log2 of how many there are to be mistaken for: the prior is minus this."""
NAMESAKES_OF_PERSON, NAMESAKES_OF_ORGANISATION = 128, 4
"""How many bear a name at the least, however few of them this store holds (the register has up to 262 companies of one
name). A name with the fewest bearers leaves 1 in 128, or 1 in 4: no name alone comes near the threshold."""

SOUNDS_ALIKE = -3.0  # some eight names in use are written otherwise and sound the same
EDITED_PERSON, EDITED_ORGANISATION = 10.0, 9.0  # sisters and fathers and sons are named so too
DIFFERENT = -5.0  # a change of name; only a shared identifier outweighs it

DECISIVE = 35.0  # one value for life, verified by its check character
IDENTIFIER = 30.0
OTHER_IDENTIFIER = -8.0  # renewed, or given twice: seldom

SAME_BIRTH_YEAR, OTHER_BIRTH_YEAR = 5.5, -5.5  # u = 1/50: the years of a working life
OTHER_GENDER = -6.0
SHARED_ORGANISATION, LEAST_SHARED, FURTHER_SHARED = 14.0, 4.0, 4.0
"""The first shared organisation weighs 14 less log2 of its holders (families work together, so less than chance would
say); further ones, two at the most, 4 each."""
SAME_OFFICE = 3.0  # of which an organisation has one
BOTH_NAMED_THERE = -8.0  # one source lists the two side by side
NEAR = 9.5  # their organisations are linked
COMPANIONS = (8.0, 6.0)  # another name stands beside both, in each organisation; and a second one
SAME_PREFECTURE_PERSON = 4.0

SAME_DAY, OTHER_DAY = 9.0, -3.0  # of establishment; sources differ on which day that is
SAME_COUNTY, SAME_PREFECTURE, OTHER_PREFECTURE = 5.0, 3.0, -3.0
"""One authority registers no name twice in one industry (企业名称登记管理规定, State Council Order 734)."""
SHARED_PEOPLE, FURTHER_PEOPLE = 9.0, 4.0
OTHER_KIND = -3.0


def posterior(bits: float) -> float:
    """The probability that odds of 2^bits stand for.

    >>> posterior(0), posterior(2)
    (0.5, 0.8)
    """
    return float(1 / (1 + 2.0**-bits))
