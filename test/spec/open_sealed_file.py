#!/usr/bin/env python3
"""Writes the content of a sealed file to standard output: open_sealed_file.py FILE SLOT_KEY_HEX

Written from docs/spec/sealed-file.md alone, to prove that it is enough. Standard library, and python3-cryptography for AES-GCM and HKDF.
Ends with status 1 and a line of words when the file does not open.
"""
import hashlib
import hmac
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = bytes.fromhex("89534c460d0a1a0a")


def number(raw):
    return int.from_bytes(raw, "big")


class Sealed:
    def __init__(self, file, slot_key):
        self.file = file
        header = self.at(0, 144)
        if header[:8] != MAGIC or number(header[8:10]) != 1 or header[10] not in (1, 2) or not 12 <= header[11] <= 20 or any(header[12:16]):
            raise ValueError("not a sealed file of format 1")
        self.slot = 2 ** header[11]
        self.chunk = self.slot - 16
        self.fanout = self.slot // 16 - 1
        keys = HKDF(SHA256(), 64, header[16:48], b"sovereign-ledger/sealed-file/1").derive(slot_key)
        self.aead = AESGCM(keys[:32])
        self.mac = header[112:]
        if not hmac.compare_digest(self.mac, hmac.new(keys[32:], header[:112], hashlib.sha256).digest()):
            raise ValueError("another key, or another header")
        roots = [root for root in (self.root(4096), self.root(8192)) if root]
        if not roots:
            raise ValueError("no root opens")
        _, self.size, self.top = max(roots, key=lambda root: root[0])

    def at(self, position, length):
        self.file.seek(position)
        raw = self.file.read(length)
        if len(raw) < length:
            raise ValueError("cut")
        return raw

    def opened(self, nonce, sealed, level, index, length):
        label = self.mac + bytes([level]) + index.to_bytes(8, "big") + length.to_bytes(4, "big")
        return self.aead.decrypt(nonce, sealed, label)

    def root(self, position):
        raw = self.at(position, 60)
        try:
            plain = self.opened(raw[:12], raw[12:], 255, 0, 32)
        except InvalidTag:
            return None
        return number(plain[:8]), number(plain[8:16]), plain[16:]

    def count(self, level):
        chunks = -(-self.size // self.chunk)
        return -(-chunks // self.fanout**level)

    def length(self, level, index):
        if level == 0:
            return min(self.chunk, self.size - self.chunk * index)
        return 16 * min(self.fanout, self.count(level - 1) - self.fanout * index)

    def block(self, entry, level, index):
        length = self.length(level, index)
        slot = number(entry[:4])
        if slot == 0:
            return bytes(length)
        return self.opened(entry[4:], self.at(12288 + (slot - 1) * self.slot, length + 16), level, index, length)

    def walk(self, entry, level, index):
        block = self.block(entry, level, index)
        if level == 0:
            yield block
            return
        for j in range(len(block) // 16):
            yield from self.walk(block[16 * j : 16 * j + 16], level - 1, self.fanout * index + j)

    def content(self):
        level = 0
        while self.count(level) > 1:
            level += 1
        if self.size > 0:
            yield from self.walk(self.top, level, 0)


def main():
    try:
        with open(sys.argv[1], "rb") as file:
            for block in Sealed(file, bytes.fromhex(sys.argv[2])).content():
                sys.stdout.buffer.write(block)
    except (InvalidTag, ValueError) as error:
        sys.exit(str(error) or "a block does not open")


main()
