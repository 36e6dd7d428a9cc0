"""The bytes of docs/spec/journal.md: one spelling, headers, tree, checkpoints. Written from that page alone; see verify_export.py and verify_proof.py."""
import base64
import functools
import hashlib
import json
import re
import sys
from decimal import Decimal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

sys.setrecursionlimit(20_000)
ZERO = bytes(32)


class Refused(Exception):
    """Something does not fit: invalid."""


def need(condition, what):
    if not condition:
        raise Refused(what)


# --- One spelling ---


def number(value):
    """RFC 8785, 3.2.2.3: the number as ECMAScript writes it."""
    if value != value or value in (float("inf"), float("-inf")):
        raise Refused("a number that is none")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, minus = "".join(map(str, digits)), "-" if sign else ""
    count, point = len(text), len(text) + exponent
    if count <= point <= 21:
        return minus + text + "0" * (point - count)
    if 0 < point <= 21:
        return minus + text[:point] + "." + text[point:]
    if -6 < point <= 0:
        return minus + "0." + "0" * -point + text
    power = ("+" if point > 0 else "-") + str(abs(point - 1))
    return minus + text[0] + ("." + text[1:] if count > 1 else "") + "e" + power


SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def string(text):
    return '"' + re.sub(r'["\\\x00-\x1f\ud800-\udfff]', lambda m: SHORT.get(m[0]) or "\\u%04x" % ord(m[0]), text) + '"'


def is_index(name):
    return re.fullmatch("0|[1-9][0-9]{0,9}", name) is not None and int(name) < 2**32 - 1


def spelled(value):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, (int, float)):
        return number(float(value))
    if isinstance(value, list):
        return "[" + ",".join(map(spelled, value)) + "]"
    names = sorted(filter(is_index, value), key=int) + [name for name in value if not is_index(name)]
    return "{" + ",".join(string(name) + ":" + spelled(value[name]) for name in names) + "}"


def members(pairs):
    need(len(dict(pairs)) == len(pairs), "a name stands twice in an object")
    return dict(pairs)


def no_constant(name):
    raise ValueError(name)


def parsed(text, hook=members):
    try:
        return json.loads(text, object_pairs_hook=hook, parse_int=float, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(f"not JSON: {error}") from error


def one_spelling(text, what):
    value = parsed(text)
    need(isinstance(value, dict) and spelled(value) == text, f"{what} is not an object in its one spelling")
    return value


# --- Bytes ---


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def utf8(text):
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused("a lone surrogate where bytes are needed") from error


def base64_bytes(text, url):
    """Canonical only: the bytes encoded again are the text."""
    try:
        raw = base64.b64decode(text + ("=" * (-len(text) % 4) if url else ""), b"-_" if url else b"+/", validate=True)
    except (ValueError, TypeError):
        return None
    again = base64.urlsafe_b64encode(raw).decode().rstrip("=") if url else base64.b64encode(raw).decode()
    return raw if again == text else None


def header_of(raw):
    need(len(raw) > 165 and raw[:4] == b"SLE1" and raw[164] > 0 and len(raw) == 165 + raw[164], "the header is not well formed")
    sequence, time = int.from_bytes(raw[4:12], "big"), int.from_bytes(raw[12:20], "big")
    need(sequence < 2**53 and time <= 253402300799999, "sequence or time out of range")
    need(re.fullmatch(rb"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+", raw[165:]), "the type is not one")
    hashes = {"facts": raw[68:100], "content": raw[100:132], "previous": raw[132:164]}
    return {"sequence": sequence, "time": time, "type": raw[165:].decode("ascii"), "leaf": sha(b"\0", raw), **hashes}


def tree_root(leaves):
    peaks = []  # (size, root), each complete subtree larger than the next
    for leaf in leaves:
        size, root = 1, leaf
        while peaks and peaks[-1][0] == size:
            root = sha(b"\1", peaks.pop()[1], root)
            size *= 2
        peaks.append((size, root))
    if not peaks:
        return sha()
    root = peaks.pop()[1]
    while peaks:
        root = sha(b"\1", peaks.pop()[1], root)
    return root


def root_from(leaf, index, size, path):
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        return None
    node, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0 or len(sibling) != 32:
            return None
        if node % 2 == 1 or node == last:
            root = sha(b"\1", sibling, root)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            root = sha(b"\1", root, sibling)
        node, last = node // 2, last // 2
    return root if last == 0 else None


def is_consistent(old_size, new_size, old_root, new_root, path):
    """RFC 9162, 2.1.4.2, and the two cases in which there is nothing to compute."""
    if old_size > new_size:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    if old_size == 0:
        return not path and old_root == sha()
    path = [old_root] + path if old_size & (old_size - 1) == 0 else path
    if not path or any(len(one) != 32 for one in path):
        return False
    node, last = old_size - 1, new_size - 1
    while node % 2 == 1:
        node, last = node // 2, last // 2
    old = new = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if node % 2 == 1 or node == last:
            old, new = sha(b"\1", one, old), sha(b"\1", one, new)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            new = sha(b"\1", new, one)
        node, last = node // 2, last // 2
    return last == 0 and old == old_root and new == new_root


# --- Checkpoints ---

# Neither a plus sign nor what Unicode calls White_Space.
NAME = "[^+\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"


def verifier_key(text):
    match = re.fullmatch(f"({NAME})\\+([0-9a-f]{{8}})\\+([A-Za-z0-9+/=]+)", text)
    raw = match and base64_bytes(match[3], False)
    if not raw or len(raw) != 33 or raw[0] != 1 or key_id(match[1], raw) != bytes.fromhex(match[2]):
        return None
    return {"name": match[1], "id": bytes.fromhex(match[2]), "public": raw[1:]}


def key_id(name, raw):
    return sha(utf8(name), b"\n", raw)[:4]


def checkpoint_of(note):
    lines = note.split("\n")
    if len(lines) < 6 or lines[3] != "" or lines[-1] != "" or not lines[0]:
        return None
    root = base64_bytes(lines[2], False)
    if not re.fullmatch("0|[1-9][0-9]{0,15}", lines[1]) or int(lines[1]) >= 2**53 or not root or len(root) != 32:
        return None
    signatures = []
    for line in lines[4:-1]:
        match = re.fullmatch(f"\u2014 ({NAME}) (\\S+)", line)
        raw = match and base64_bytes(match[2], False)
        if not raw or len(raw) < 5:
            return None
        signatures.append((match[1], raw[:4], raw[4:]))
    return {"origin": lines[0], "size": int(lines[1]), "root": root, "text": "\n".join(lines[:3]) + "\n", "signatures": signatures}


def check_signature(checkpoint, key):
    need(checkpoint["origin"] == key["name"], "the checkpoint is of another log")
    ours = [s for name, identity, s in checkpoint["signatures"] if name == key["name"] and identity == key["id"] and len(s) == 64]
    need(ours, "the checkpoint is not signed by this key")
    need(is_signed(key, checkpoint["text"], ours[0]), "the checkpoint's signature is wrong")


def is_signed(key, text, signature):
    return ed25519(key["public"], text, signature)


@functools.lru_cache(maxsize=4096)
def ed25519(public, text, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, utf8(text))
    except InvalidSignature:
        return False
    return True
