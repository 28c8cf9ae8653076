"""Who asks: somebody at this machine, or the holder of an API key."""

from __future__ import annotations

from dataclasses import dataclass

from engine.keys import ApiKey, Scope

NOBODY = "http, not authenticated"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and for which department. ``scopes`` is ``None`` where nobody had to authenticate: everything may be
    asked."""

    who: str
    department: str = ""
    scopes: frozenset[Scope] | None = None
    key: str | None = None

    @classmethod
    def holding(cls, key: ApiKey) -> Asker:
        return cls(f"{key.holder} (key {key.id})", key.department, frozenset(key.scopes), key.id)

    @property
    def authenticated(self) -> bool:
        return self.scopes is not None

    def may(self, *scopes: Scope) -> bool:
        """Whether one of these scopes is the asker's."""
        return self.scopes is None or bool(self.scopes.intersection(scopes))

    def named(self, said: str | None) -> str:
        """For the ledger: who a request says that it comes from, never in the place of who is known to have sent it."""
        if not self.authenticated:
            return said or self.who
        return f"{self.who}, for {said}" if said else self.who
