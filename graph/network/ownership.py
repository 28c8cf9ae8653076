"""Effective shares: what a holder owns of a subject through every chain and circle of holdings.

With a(i, j) the share of i in j, walks of holdings from i to the subject multiply and add up. Through a circle there
are infinitely many of them, and their sum solves z = a z + e. A holder that stands in a circle itself meets itself
again on the way, which must not be counted twice: its share is z(i) / v(i, i), v = (I − a)⁻¹ within its circle.

References
----------
F. Brioschi, L. Buzzacchi, M. G. Colombo, "Risk capital financing and the separation of ownership and control in
business groups", Journal of Banking & Finance 13 (1989): integrated ownership. S. Baldone, F. Brioschi, S. Paleari,
"Ownership measures among firms connected by cross-shareholdings" (1998), and S. Vitali, J. B. Glattfelder,
S. Battiston, "The network of global corporate control", PLoS ONE 6 (2011), supporting information: the holder's own
circles taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, cast

from graph.network.holdings import SHOWN, Holding

if TYPE_CHECKING:
    import networkx as nx  # takes a while to load, and most commands do without it

DIGITS = 50
"""Decimal digits of the arithmetic: the same result on every machine, and exact where shares are."""
LARGEST_CIRCLE = 120
"""Members; to invert a matrix costs their number to the third power."""
NOTHING = Decimal("1e-20")

Matrix = list[list[Decimal]]


@dataclass(frozen=True)
class Ownership:
    """``effective``: what each holder above owns of the subject, as far as shares are known; for the subject itself,
    what it owns of itself through circles. ``at_least``: holders that may own more, since a share on the way is not
    known. ``closed``: circles whose members hold all of each other, so that nobody outside does, and ``too_large``:
    circles that were not solved; what goes through them is not counted.
    """

    effective: Mapping[str, Decimal]
    at_least: frozenset[str]
    closed: tuple[tuple[str, ...], ...]
    too_large: tuple[tuple[str, ...], ...]


class Closed(Exception):
    """A circle has no finite solution: its members' shares in each other leave nothing to others."""


def network(subject: str, holdings: Iterable[Holding]) -> nx.DiGraph[str]:
    """The holdings as a graph, an edge from each holder to what it holds."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node(subject)
    for one in holdings:
        graph.add_edge(one.holder, one.organisation, share=one.share or Decimal(0), missing=one.missing)
    return graph


def ownership(subject: str, graph: nx.DiGraph[str]) -> Ownership:
    """Effective shares in the subject of all that stand above it in this graph (see `network`)."""
    with localcontext() as context:
        context.prec = DIGITS
        return _Solution(subject, graph).ownership()


class _Solution:
    def __init__(self, subject: str, graph: nx.DiGraph[str]) -> None:
        self._subject, self._graph = subject, graph
        self.walks: dict[str, Decimal] = {}
        self.returns: dict[str, Decimal] = {}
        self.closed: list[tuple[str, ...]] = []
        self.too_large: list[tuple[str, ...]] = []
        self._barred: set[str] = set()
        import networkx as nx

        condensed = nx.condensation(graph)
        for number in reversed(list(nx.topological_sort(condensed))):
            self._solve(sorted(condensed.nodes[number]["members"]))

    def _solve(self, circle: Sequence[str]) -> None:
        """From the subject upwards: those below this circle are solved already."""
        if len(circle) > LARGEST_CIRCLE:
            self.too_large.append(tuple(circle))
            self._barred |= set(circle)
            return
        inside = [[self._share(one, other) for other in circle] for one in circle]
        try:
            inverse = leontief_inverse(inside)
        except Closed:
            self.closed.append(tuple(circle))
            self._barred |= set(circle)
            return
        onward = [self._onward(one, circle) for one in circle]
        for row, one in enumerate(circle):
            total = sum((inverse[row][n] * onward[n] for n in range(len(circle))), Decimal(0))
            self.walks[one], self.returns[one] = total, inverse[row][row]

    def _onward(self, one: str, circle: Sequence[str]) -> Decimal:
        arrived = Decimal(one == self._subject)
        others = (
            self._share(one, other) * self.walks.get(other, 0) for other in self._graph[one] if other not in circle
        )
        return arrived + sum(others, Decimal(0))

    def _share(self, one: str, other: str) -> Decimal:
        return cast(Decimal, self._graph[one][other]["share"]) if self._graph.has_edge(one, other) else Decimal(0)

    def ownership(self) -> Ownership:
        import networkx as nx

        effective = {
            one: ((walks if one != self._subject else walks - 1) / self.returns[one]).quantize(SHOWN)
            for one, walks in sorted(self.walks.items())
        }
        unknown = {one for one, other in self._graph.edges if self._graph[one][other]["missing"]} | self._barred
        higher = {one for holder in unknown for one in nx.ancestors(self._graph, holder)}
        at_least = frozenset(unknown | higher)
        return Ownership(effective, at_least, tuple(sorted(self.closed)), tuple(sorted(self.too_large)))


def leontief_inverse(shares: Matrix) -> Matrix:
    """(I − a)⁻¹ by elimination without pivoting, which keeps all signs of an M-matrix (the shares' powers vanish) and
    meets a pivot that is not positive for every other. Raises `Closed` for those."""
    size = len(shares)
    rows = [
        [Decimal(row == column) - shares[row][column] for column in range(size)]
        + [Decimal(row == column) for column in range(size)]
        for row in range(size)
    ]
    for pivot in range(size):
        here = rows[pivot][pivot]
        if here <= NOTHING:
            raise Closed
        rows[pivot] = [value / here for value in rows[pivot]]
        for row in range(size):
            factor = rows[row][pivot]
            if row != pivot and factor:
                rows[row] = [value - factor * at for value, at in zip(rows[row], rows[pivot], strict=True)]
    return [row[size:] for row in rows]
