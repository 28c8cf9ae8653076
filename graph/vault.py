"""The vault: citizen IDs sealed for the store, and revealed to those with the right to see them."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from graph.errors import BadInput
from graph.identifiers import citizen_id, masked
from graph.model import SealedId

KEY_BYTES = 32
NONCE_BYTES = 12
NEW_KEY = "make one with: openssl rand -hex 32"


class Vault:
    """Seals citizen IDs: HMAC-SHA-256 under ``hash_key`` finds one, AES-256-GCM under ``seal_key`` keeps it.

    The digest is bound into the ciphertext, so that a seal moved to another person is not revealed.
    """

    __slots__ = ("_hash_key", "_seal_key")

    def __init__(self, hash_key: bytes, seal_key: bytes) -> None:
        """Raises `BadInput` if a key has not 32 bytes or both are the same."""
        if len(hash_key) != KEY_BYTES or len(seal_key) != KEY_BYTES:
            raise BadInput(
                f"the keys of the vault have {KEY_BYTES} bytes each", remedy="make one with: openssl rand -hex 32"
            )
        if hmac.compare_digest(hash_key, seal_key):
            raise BadInput("the two keys of the vault are the same", remedy=NEW_KEY)
        self._hash_key, self._seal_key = hash_key, seal_key

    def __repr__(self) -> str:
        return "Vault(…)"

    def __reduce__(self) -> str:
        raise TypeError("a vault is not pickled: its keys stay in memory")

    def digest(self, number: str) -> str:
        """The keyed digest, in hex, that finds this citizen ID. Raises `BadIdentifier` if it is not valid."""
        return hmac.new(self._hash_key, citizen_id(number).encode(), hashlib.sha256).hexdigest()

    def seal(self, number: str) -> SealedId:
        """Seal a citizen ID (GB 11643). Raises `BadIdentifier` if it is not valid; the error does not hold it."""
        plain, digest = citizen_id(number), self.digest(number)
        nonce = secrets.token_bytes(NONCE_BYTES)
        ciphertext = AESGCM(self._seal_key).encrypt(nonce, plain.encode(), digest.encode())
        return SealedId(digest=digest, mask=masked(plain), ciphertext=nonce + ciphertext)

    def reveal(self, sealed: SealedId) -> str:
        """The citizen ID. Raises `BadInput` if it was sealed with another key or tampered with."""
        nonce, ciphertext = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
        try:
            return AESGCM(self._seal_key).decrypt(nonce, ciphertext, sealed.digest.encode()).decode()
        except (InvalidTag, ValueError):
            raise BadInput(
                "this seal does not open with the vault's key", remedy="use the key it was sealed with"
            ) from None
