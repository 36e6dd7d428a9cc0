"""Checks the record integrity of an export of OCSF events from docs/spec/ocsf.md alone: fingerprints, the chain, the signatures, and the tree where it is whole.

Usage: check_ocsf.py FILE VERIFIERKEY. Prints "ok", or what is wrong first.
"""
import base64
import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Number(str):
    """As it stands in the file, which is the spelling of RFC 8785 or fails the fingerprint."""


def canonical(value):
    """RFC 8785: members by UTF-16 units."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


def tree_root(leaves):
    """RFC 6962, 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def opened(note, key):
    """The text's lines, when the key's owner signed it (C2SP signed note)."""
    text, _, signatures = note.partition("\n\n")
    name, _, rest = key.partition("+")
    public = base64.b64decode(rest.partition("+")[2])[1:]
    for line in signatures.splitlines():
        if line.startswith(f"\u2014 {name} "):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(line.split(" ")[2])[4:], (text + "\n").encode())
                return text.split("\n")
            except InvalidSignature:
                pass
    raise SystemExit("a note is not signed by the key")


def main(path, key):
    before, leaves, previous, events = None, [], -1, 0
    lines = open(path, encoding="utf-8", newline="\n").read().rstrip("\n").split("\n")
    for number, line in enumerate(lines):
        event = json.loads(line, parse_int=Number, parse_float=Number)
        attestation = event["attestation"]
        fingerprint = attestation.pop("fingerprint")
        if hashlib.sha256(canonical(event).encode()).hexdigest() != fingerprint["value"]:
            raise SystemExit(f"event {number} is not what its fingerprint says")
        if attestation.get("prev_event") != before:
            raise SystemExit(f"event {number} does not follow the one before")
        told = event["unmapped"]["sovereign_ledger"]
        if number == len(lines) - 1:
            end = told
            break
        if int(told["sequence"]) <= previous:
            raise SystemExit(f"event {number} is out of order")
        previous, events = int(told["sequence"]), events + 1
        leaves.append(bytes.fromhex(told["leaf_hash"]))
        before = {"uid": event["metadata"]["uid"], "type_uid": event["type_uid"], "fingerprint": fingerprint}
    if "checkpoint" not in end:
        raise SystemExit("the end is missing")
    head, body, size, root = opened(end["note"], key)
    if head != "sovereign-ledger ocsf export v1":
        raise SystemExit("the note is of something else")
    signed = json.loads(body)
    if signed != {"events": events, "complete": end["complete"], "fingerprint": before and before["fingerprint"]["value"]}:
        raise SystemExit("the note is over other events")
    if opened(end["checkpoint"], key)[1:3] != [size, root]:
        raise SystemExit("checkpoint and note are of two trees")
    if signed["complete"] and (len(leaves) != int(size) or base64.b64encode(tree_root(leaves)).decode() != root):
        raise SystemExit("the entries are not those of the checkpoint")
    print("ok")


main(*sys.argv[1:])
