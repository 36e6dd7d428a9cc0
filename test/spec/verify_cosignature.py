#!/usr/bin/env python3
"""Checks cosignatures of checkpoints: one JSON object a line on standard input, {"key", "line", "text"}; one line of JSON each on standard output.

Written from docs/spec/witness.md alone, to prove that it is enough. Standard library, and python3-cryptography for Ed25519.
Answers {"timeS": seconds} when the line is good for the verifier key, {"why": words} when it is not.
"""
import base64
import hashlib
import json
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WITNESS = b"\x04"
LATEST = 253402300799


def canonical(text):
    """The bytes of standard base64 with padding and zero unused bits; None for any other spelling."""
    if re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text, re.A) is None:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def key_of(text):
    match = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+(.+)", text)
    raw = match and canonical(match[3])
    if not raw or len(raw) != 33 or raw[:1] != WITNESS:
        raise ValueError("not the verifier key of a witness")
    identity = hashlib.sha256(match[1].encode() + b"\n" + raw).digest()[:4]
    if identity.hex() != match[2]:
        raise ValueError("its hash does not fit")
    return match[1], identity, Ed25519PublicKey.from_public_bytes(raw[1:])


def check(name, identity, public, line, text):
    match = re.fullmatch("\u2014 ([^ ]+) ([^ ]+)", line)
    raw = match and canonical(match[2])
    if not raw or len(raw) != 76:
        return {"why": "not well formed"}
    time = int.from_bytes(raw[4:12], "big")
    if time > LATEST:
        return {"why": "not well formed"}
    if match[1] != name or raw[:4] != identity:
        return {"why": "by another key"}
    try:
        public.verify(raw[12:], b"cosignature/v1\ntime %d\n" % time + text.encode())
    except InvalidSignature:
        return {"why": "wrong signature"}
    return {"timeS": time}


def main():
    for question in sys.stdin.buffer:
        asked = json.loads(question)
        try:
            name, identity, public = key_of(asked["key"])
            answer = check(name, identity, public, asked["line"], asked["text"])
        except (ValueError, UnicodeEncodeError) as error:
            answer = {"why": str(error)}
        print(json.dumps(answer))


if __name__ == "__main__":
    main()
