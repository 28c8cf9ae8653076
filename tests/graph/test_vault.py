"""The vault: sealed citizen IDs are found by digest, shown masked, and open with the right key only."""

from __future__ import annotations

import pickle

import pytest

from graph.errors import BadIdentifier, BadInput
from graph.model import SealedId
from graph.vault import Vault

CITIZEN, ANOTHER = "11010519491231002X", "110105194912310046"
HASH_KEY, SEAL_KEY = bytes(range(32)), bytes(range(100, 132))
VAULT = Vault(HASH_KEY, SEAL_KEY)


def test_what_is_sealed_can_be_revealed() -> None:
    assert VAULT.reveal(VAULT.seal(CITIZEN)) == CITIZEN


def test_a_seal_shows_a_mask_and_holds_nothing_in_the_clear() -> None:
    sealed = VAULT.seal(CITIZEN)
    assert sealed.mask == "110105********002X"
    assert CITIZEN not in repr(sealed)
    assert b"19491231" not in sealed.ciphertext
    assert len(sealed.digest) == 64


def test_two_seals_of_one_id_are_equal_although_their_ciphertexts_differ() -> None:
    first, second = VAULT.seal(CITIZEN), VAULT.seal(CITIZEN.lower())
    assert first == second
    assert first.ciphertext != second.ciphertext
    assert first.digest == VAULT.digest(CITIZEN)


def test_digests_depend_on_the_id_and_on_the_key() -> None:
    digests = {VAULT.digest(CITIZEN), VAULT.digest(ANOTHER), Vault(bytes(32), SEAL_KEY).digest(CITIZEN)}
    assert len(digests) == 3


def test_another_key_does_not_open_a_seal() -> None:
    with pytest.raises(BadInput, match="does not open"):
        Vault(HASH_KEY, bytes(32)).reveal(VAULT.seal(CITIZEN))


def test_a_seal_moved_to_another_person_or_cut_short_does_not_open() -> None:
    sealed = VAULT.seal(CITIZEN)
    for broken in (
        SealedId(VAULT.digest(ANOTHER), sealed.mask, sealed.ciphertext),
        SealedId(sealed.digest, sealed.mask, sealed.ciphertext[:-1]),
        SealedId(sealed.digest, sealed.mask),
    ):
        with pytest.raises(BadInput, match="does not open"):
            VAULT.reveal(broken)


def test_an_invalid_citizen_id_is_not_sealed_and_not_shown() -> None:
    with pytest.raises(BadIdentifier) as caught:
        VAULT.seal("110105194912310021")
    assert "110105194912310021" not in str(caught.value)


def test_keys_are_never_shown_nor_pickled() -> None:
    assert repr(VAULT) == "Vault(…)"
    with pytest.raises(TypeError, match="keys"):
        pickle.dumps(VAULT)


@pytest.mark.parametrize(("hash_key", "seal_key"), [(b"short", SEAL_KEY), (HASH_KEY, b""), (HASH_KEY, HASH_KEY)])
def test_short_keys_and_equal_ones_are_refused(hash_key: bytes, seal_key: bytes) -> None:
    with pytest.raises(BadInput, match="key"):
        Vault(hash_key, seal_key)
