"""Sealed values name their key and algorithm; both algorithms are the ones of the standards."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured

from huifeng.environment import Environment
from huifeng.keyring import INDEXING, SEALING, Key
from huifeng.sealed import UnknownKey, blind_index, blind_indexes, is_index_of, seal, seal_bytes, unseal
from tests.huifeng.keys import AES_NEW, AES_OLD, INDEX_NEW, INDEX_OLD, SM3, SM4

WHERE = "people.id_number"


def test_sm4_is_the_cipher_of_gb_t_32907():
    """GB/T 32907-2016, annex A.1: one block, and the same a million times over is left out for its time."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    one = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305

    assert one.update(key).hex() == "681edf34d206965e86b3e94f536e4246"


def test_sm4_gcm_gives_the_values_of_rfc_8998():
    """RFC 8998, A.1."""
    key = Key("sm4-gcm", bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    nonce = bytes.fromhex("00001234567800000000ABCD")
    content = bytes.fromhex("".join(digit * 16 for digit in "ABCDEFEA"))
    about = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    sealed = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )

    assert key.encrypt(nonce, content, about) == sealed
    assert key.decrypt(nonce, sealed, about) == content


def test_the_index_by_sm3_is_the_hmac_of_gb_t_32905():
    """HMAC by its definition (GB/T 15852.2) over SM3, whose own value for "abc" is that of GB/T 32905-2016."""
    from cryptography.hazmat.primitives import hashes

    def sm3(message: bytes) -> bytes:
        digest = hashes.Hash(hashes.SM3())
        digest.update(message)
        return digest.finalize()

    padded = SM3.secret.ljust(64, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in padded) + b"abc")

    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert SM3.digest(b"abc") == sm3(bytes(byte ^ 0x5C for byte in padded) + inner)


@pytest.mark.parametrize("key", [AES_NEW, SM4], ids=lambda key: key.algorithm)
def test_a_value_names_its_algorithm_and_its_key(settings, key):
    settings.FIELD_KEYS = (key, AES_OLD)

    value = seal("370202194901011234", WHERE)

    assert value[:2] == {"aes-256-gcm": b"\x02\x01", "sm4-gcm": b"\x02\x02"}[key.algorithm]
    assert value[2:6] == key.id
    assert (b"3702" in value, unseal(value, WHERE)) == (False, "370202194901011234")


def test_values_of_all_keys_open_side_by_side(settings):
    values = []
    for keys in [(AES_OLD,), (AES_NEW, AES_OLD), (SM4, AES_NEW, AES_OLD)]:
        settings.FIELD_KEYS = keys
        values.append(seal("13812345678", "people.phone"))

    assert [unseal(value, "people.phone") for value in values] == ["13812345678"] * 3


def test_a_value_of_the_first_layout_still_opens(settings):
    """As it was written before keys had ids: a version, a nonce, AES-256-GCM with the one key."""
    nonce = b"n" * 12
    value = b"\x01" + nonce + AESGCM(AES_OLD.secret).encrypt(nonce, b"13812345678", b"people.phone")

    for keys in [(AES_OLD,), (AES_NEW, AES_OLD), (SM4, AES_NEW, AES_OLD)]:
        settings.FIELD_KEYS = keys
        assert unseal(value, "people.phone") == "13812345678"
    settings.FIELD_KEYS = (SM4, AES_NEW)
    with pytest.raises(InvalidTag):
        unseal(value, "people.phone")


def test_a_value_whose_key_is_gone_says_which(settings):
    settings.FIELD_KEYS = (AES_OLD,)
    value = seal("13812345678", "people.phone")
    settings.FIELD_KEYS = (AES_NEW,)

    with pytest.raises(UnknownKey, match=AES_OLD.id.hex()):
        unseal(value, "people.phone")


@pytest.mark.parametrize("key", [AES_NEW, SM4], ids=lambda key: key.algorithm)
@pytest.mark.parametrize("place", [6, 17, 18, 20, -1])
def test_a_changed_bit_does_not_open(settings, key, place):
    settings.FIELD_KEYS = (key,)
    value = bytearray(seal_bytes(b"content of a file", "jobs.file"))
    value[place] ^= 1

    with pytest.raises(InvalidTag):
        unseal(value, "jobs.file")


@pytest.mark.parametrize("key", [AES_NEW, SM4], ids=lambda key: key.algorithm)
def test_a_value_of_another_column_or_cut_short_does_not_open(settings, key):
    settings.FIELD_KEYS = (key,)
    value = seal("13812345678", "people.phone")

    for other, context in [(value, WHERE), (value[:20], "people.phone"), (value[:6], "people.phone")]:
        with pytest.raises((InvalidTag, ValueError)):
            unseal(other, context)


def test_an_index_is_found_under_every_key_in_use(settings):
    settings.INDEX_KEYS = (INDEX_OLD,)
    before = blind_index("13812345678", "phone")
    settings.INDEX_KEYS = (SM3, INDEX_NEW, INDEX_OLD)

    found = blind_indexes("13812345678", "phone")

    assert found[0] == blind_index("13812345678", "phone") != before
    assert found[2] == before
    assert len(set(found)) == 3
    assert is_index_of(before, "13812345678", "phone")
    assert not is_index_of(before, "13812345679", "phone")


def test_a_key_never_shows_itself():
    assert "oooo" not in repr(AES_OLD) + AES_OLD.name
    assert base64.b64encode(AES_OLD.secret).decode() not in repr([AES_OLD])


# The settings ------------------------------------------------------------------------------------------------


def written(key: Key) -> str:
    text = base64.b64encode(key.secret).decode()
    return text if key.algorithm in ("aes-256-gcm", "hmac-sha256") else f"{key.algorithm}:{text}"


def test_the_newest_key_stands_first_and_the_old_ones_follow():
    env = Environment({"K": written(SM4), "OLD": f"{written(AES_NEW)}, {written(AES_OLD)}"})

    assert env.keys("K", "OLD", SEALING) == (SM4, AES_NEW, AES_OLD)


def test_old_keys_may_stand_in_a_file(tmp_path):
    file = tmp_path / "old"
    file.write_text(f"{written(SM3)},{written(INDEX_OLD)}\n")

    keys = Environment({"K": written(INDEX_NEW), "OLD_FILE": str(file)}).keys("K", "OLD", INDEXING)

    assert keys == (INDEX_NEW, SM3, INDEX_OLD)


@pytest.mark.parametrize(
    ("newest", "old", "words"),
    [
        (written(AES_NEW), written(AES_NEW), "the same key twice"),
        (written(AES_NEW), "c2hvcnQ=", "OLD holds 5 bytes; aes-256-gcm must hold 32"),
        ("sm4-gcm:" + base64.b64encode(b"k" * 32).decode(), "", "K holds 32 bytes; sm4-gcm must hold 16"),
        ("des:" + written(AES_NEW), "", "names the algorithm des; known are aes-256-gcm, sm4-gcm"),
        (written(AES_NEW), "!", "OLD is not base64"),
    ],
)
def test_keys_that_cannot_be_meant_stop_the_start(newest, old, words):
    with pytest.raises(ImproperlyConfigured, match=words):
        Environment({"K": newest, "OLD": old}).keys("K", "OLD", SEALING)


def test_old_keys_alone_are_no_key():
    assert Environment({"OLD": written(AES_OLD)}).keys("K", "OLD", SEALING) == ()
