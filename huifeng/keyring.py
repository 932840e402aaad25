"""Keys that name their algorithm, and what each algorithm does. Knows neither settings nor database.

A key is written `[ALGORITHM:]BASE64`; without a name it is of the first algorithm below, as all keys once were. A key
works with one algorithm only, so a change of algorithm is a change of key, and both are the same rotation. Its id is
made from the key itself: nobody gives out numbers, and two keys never share one by mistake.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC

SEALING = {"aes-256-gcm": 32, "sm4-gcm": 16}  # bytes of a key; GB/T 32907 asks for 16
INDEXING = {"hmac-sha256": 32, "hmac-sm3": 32}
NUMBERS = {"aes-256-gcm": 1, "sm4-gcm": 2}  # how a sealed value names its algorithm; never given out again
LAYOUT = 2  # the first byte of a sealed value; 1 was the layout that named neither key nor algorithm
HEADER, NONCE, TAG = 6, 12, 16  # bytes


@dataclass(frozen=True)
class Key:
    """One secret with its one algorithm. Never shows the secret when it is printed."""

    algorithm: str
    secret: bytes = field(repr=False)

    @cached_property
    def id(self) -> bytes:
        """Four bytes that tell this key from the others of a system and nothing of the secret."""
        return sha256(f"huifeng key {self.algorithm} ".encode() + self.secret).digest()[:4]

    @cached_property
    def name(self) -> str:
        """For people: `sm4-gcm:9f1c02ab`."""
        return f"{self.algorithm}:{self.id.hex()}"

    @cached_property
    def header(self) -> bytes:
        """What every value begins with that this key sealed: layout, algorithm, key."""
        return bytes([LAYOUT, NUMBERS[self.algorithm]]) + self.id

    @cached_property
    def _aes(self) -> AESGCM:
        return AESGCM(self.secret)  # making it costs as much as sealing a value

    def encrypt(self, nonce: bytes, content: bytes, about: bytes) -> bytes:
        """Ciphertext and tag; `about` is authenticated with it."""
        if self.algorithm == "aes-256-gcm":
            return self._aes.encrypt(nonce, content, about)
        sealing = Cipher(algorithms.SM4(self.secret), modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(about)
        return sealing.update(content) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
        """The content. Raises InvalidTag when key, `about` or a bit of it is another."""
        if self.algorithm == "aes-256-gcm":
            return self._aes.decrypt(nonce, sealed, about)
        if len(sealed) < TAG:
            raise InvalidTag
        opening = Cipher(algorithms.SM4(self.secret), modes.GCM(nonce, sealed[-TAG:])).decryptor()
        opening.authenticate_additional_data(about)
        return opening.update(sealed[:-TAG]) + opening.finalize()

    def digest(self, message: bytes) -> bytes:
        """32 bytes that only who has the key can make."""
        if self.algorithm == "hmac-sha256":
            return hmac.digest(self.secret, message, sha256)
        making = HMAC(self.secret, hashes.SM3())  # GB/T 32905
        making.update(message)
        return making.finalize()


def split(text: str, lengths: Mapping[str, int]) -> tuple[str, str]:
    """(algorithm, base64) of a written key; the first of `lengths` when it names none. ValueError: unknown."""
    name, _, rest = text.rpartition(":")
    algorithm = name or next(iter(lengths))
    if algorithm not in lengths:
        raise ValueError(f"names the algorithm {algorithm}; known are {', '.join(lengths)}")
    return algorithm, rest
