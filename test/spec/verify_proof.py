#!/usr/bin/env python3
"""Verifies proofs, checkpoints and trees of Sovereign Ledger: one case a line of JSON on standard input, one answer a line on standard output.

Written from docs/spec/proof.md and docs/spec/journal.md alone, to prove that they are enough. Standard library, and python3-cryptography for Ed25519.

  {"do": "proof", "text": ..., "key": verifier key or null}      {"verdict": "valid" | "invalid" | "unverifiable", "why": ...}
  {"do": "note", "text": ..., "key": verifier key}               {"verdict": "valid" | "invalid", "why": ...}
  {"do": "tree", "leaves": hex}                                  {"root": hex}
  {"do": "inclusion", "leaf", "index", "size", "path"}           {"root": hex or null}
  {"do": "consistency", "sizes": [old, new], "roots", "path"}    {"holds": true | false}

As a program on files: python3 verify_proof.py --key=VERIFIER_KEY FILE...; exit status for one file: 0 valid, 1 invalid, 2 unverifiable.
"""
import json
import re
import sys

sys.dont_write_bytecode = True  # the source tree is nobody's cache
from journal_format import Refused, base64_bytes, check_signature, checkpoint_of, header_of, is_consistent, need, one_spelling, parsed
from journal_format import root_from, sha, spelled, tree_root, utf8, verifier_key
from key_chain import KeyChain


class NoProof(Exception):
    """There is nothing that could be checked: unverifiable."""


PAIRS = (("idSalt", "id", 32), ("factsSalt", "facts", 16), ("contentSalt", "content", 16))


def proof_of(text):
    text = re.sub(r"\r?\n\Z", "", text)
    try:
        proof = parsed(text, dict)  # a name that stands twice shows when the text is spelled again
    except Refused as error:
        raise NoProof(str(error)) from error
    if not isinstance(proof, dict) or type(proof.get("proofFormat")) is not float or proof["proofFormat"] != 1:
        raise NoProof("no proof of format 1")
    if proof.get("proves") not in ("inclusion", "consistency"):
        raise NoProof("it proves something else")
    return text, proof


def raw(text):
    data = base64_bytes(text, True) if isinstance(text, str) else None
    need(data is not None, "not canonical base64url")
    return data


def path_of(value):
    need(isinstance(value, list), "no list of hashes")
    return [raw(one) for one in value]


def check_members(text, proof):
    handed = ["handOvers"] if "handOvers" in proof else []
    notes = proof.get("handOvers", ["none"])
    need(isinstance(notes, list) and notes and all(isinstance(note, str) for note in notes), "hand-overs are no list of notes")
    if proof["proves"] == "inclusion":
        pairs = [name for salt, name, _ in PAIRS if salt in proof or name in proof for name in (salt, name)]
        names = ["proofFormat", "proves", "entry", *pairs, "inclusion", "checkpoint", *handed, "verifierKey"]
        texts = ["entry", *pairs, "checkpoint", "verifierKey"]
    else:
        names = ["proofFormat", "proves", "older", "newer", "consistency", *handed, "verifierKey"]
        texts = ["older", "newer", "verifierKey"]
    need(list(proof) == names, "the members are not the ones they must be")
    need(all(isinstance(proof[name], str) for name in texts), "a member has another type")
    need(not any(re.search("[\ud800-\udfff]", one) for one in [*notes, *(proof[name] for name in texts)]), "a lone surrogate")
    need(spelled(proof) == text, "not in its one spelling")
    path_of(proof["inclusion" if proof["proves"] == "inclusion" else "consistency"])
    for salt, name, size in PAIRS:
        need(name not in proof or len(raw(proof[salt])) == size, "a salt of another size")


def good_checkpoint(note, key_at):
    checkpoint = checkpoint_of(note)
    need(checkpoint, "the checkpoint is not well formed")
    check_signature(checkpoint, key_at(checkpoint["size"]))
    return checkpoint


def check_inclusion(proof, key_at):
    checkpoint = good_checkpoint(proof["checkpoint"], key_at)
    entry = raw(proof["entry"])
    header = header_of(entry)
    sequence = header["sequence"]
    need(sequence < checkpoint["size"], "the entry is beyond the checkpoint")
    need(root_from(header["leaf"], sequence, checkpoint["size"], path_of(proof["inclusion"])) == checkpoint["root"], "the path does not lead to the root")
    shown = {}
    for name, tag in (("facts", b"\x10"), ("content", b"\x11")):
        if name in proof:
            need(sha(tag, raw(proof[name + "Salt"]), utf8(proof[name])) == header[name], f"the {name} are not those of the header")
            shown[name] = one_spelling(proof[name], name)
    told = shown.get("facts", {}).get("id")
    if "facts" in shown:
        need(isinstance(told, str) and told != "", "the facts have no id")
    if "id" in proof:
        need(sha(b"\x12", raw(proof["idSalt"]), utf8(proof["id"])) == entry[20:52], "the id is not that of the header")
        need("facts" not in shown or re.sub("[\ud800-\udfff]", "\ufffd", told) == proof["id"], "the id is not that of the facts")
    need((sequence == 0) == (header["type"] == "journal.opened"), "a journal begins with one journal.opened")
    if sequence == 0 and "facts" in shown:
        facts = shown["facts"]
        need(type(facts.get("format")) is float and facts["format"] == 1 and facts.get("origin") == checkpoint["origin"], "entry 0 is another journal's")


def check_consistency(proof, key_at):
    older, newer = good_checkpoint(proof["older"], key_at), good_checkpoint(proof["newer"], key_at)
    path = path_of(proof["consistency"])
    need(is_consistent(older["size"], newer["size"], older["root"], newer["root"], path), "the newer one does not continue the older one")


def verify(text, key_text):
    text, proof = proof_of(text)
    check_members(text, proof)
    named, key = verifier_key(proof["verifierKey"]), verifier_key(key_text) if key_text else None
    need(named, "the proof names no key")
    chain = KeyChain(proof.get("handOvers", []), named["name"], proof["verifierKey"])
    need(chain.texts[-1] == proof["verifierKey"], "the hand-overs do not lead to the key that is named")
    need(key is None or key in chain.keys, "the proof names another key")
    (check_inclusion if proof["proves"] == "inclusion" else check_consistency)(proof, chain.in_force)
    return {"verdict": "valid", "why": ""} if key else {"verdict": "unverifiable", "why": "no key that anybody vouched for"}


def judged(check, *arguments):
    try:
        return check(*arguments) or {"verdict": "valid", "why": ""}
    except Refused as error:
        return {"verdict": "invalid", "why": str(error)}
    except NoProof as error:
        return {"verdict": "unverifiable", "why": str(error)}


def check_note(text, key):
    need(not re.search("[\ud800-\udfff]", text), "a lone surrogate")
    good_checkpoint(text, lambda _: verifier_key(key))


def hashes(text):
    data = bytes.fromhex(text)
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def answer(case):
    kind = case["do"]
    if kind == "proof":
        return judged(verify, case["text"], case["key"])
    if kind == "note":
        return judged(check_note, case["text"], case["key"])
    if kind == "tree":
        return {"root": tree_root(hashes(case["leaves"])).hex()}
    if kind == "inclusion":
        root = root_from(bytes.fromhex(case["leaf"]), case["index"], case["size"], hashes(case["path"]))
        return {"root": root and root.hex()}
    old, new = case["roots"]
    return {"holds": is_consistent(*case["sizes"], bytes.fromhex(old), bytes.fromhex(new), hashes(case["path"]))}


def files(key, paths):
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        try:
            said = judged(verify, data.decode("utf-8"), key)
        except UnicodeDecodeError:
            said = {"verdict": "unverifiable", "why": "it is not UTF-8"}
        print(json.dumps(said))
    return {"valid": 0, "invalid": 1, "unverifiable": 2}[said["verdict"]] if len(paths) == 1 else 0


def main(arguments):
    if arguments:
        key = arguments.pop(0).removeprefix("--key=") if arguments[0].startswith("--key=") else None
        return files(key, arguments)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
