#!/usr/bin/env python3
"""Verifies cap proofs of Sovereign Ledger: python3 verify_cap_proof.py [--key=VERIFIER_KEY] [--witness=VERIFIER_KEY] FILE...

Written from docs/spec/cap-proof.md, export.md and journal.md alone, to prove that they are enough. Standard library, and python3-cryptography for Ed25519.
One line of JSON a file; exit status for one file: 0 valid, 1 exceeded or invalid, 2 unverifiable. Without files: one {"path", "key"} a line on standard input.
"""
import json
import re
import sys

sys.dont_write_bytecode = True  # the source tree is nobody's cache
from journal_format import ZERO, Refused, base64_bytes, check_signature, checkpoint_of, header_of, is_consistent, is_signed, need
from journal_format import one_spelling, parsed, sha, spelled, verifier_key
from cap_count import OFTEN, TIMED, Tally, whole
from key_chain import KeyChain, facts_are
from verify_cosignature import key_of as witness_key
from verify_export import check_cosigned, is_cosigned, lines_of

SHOWN = TIMED | {"journal.opened", "signer.replaced"}
NOT_PROVED = "What passed no door of the ledger is not in its journal, so not in this proof: calls that no hook of the host sees, and what was spent elsewhere with the same credentials."


class NoProof(Exception):
    """There is nothing that could be checked: unverifiable."""


def raw(text):
    data = base64_bytes(text, True) if isinstance(text, str) else None
    need(data is not None, "not canonical base64url")
    return data


def hashes(value):
    need(isinstance(value, list), "no list of hashes")
    return [raw(one) for one in value]


def texts(*values):
    need(all(isinstance(one, str) and not re.search("[\ud800-\udfff]", one) for one in values), "a text is none")


# --- The file ---


class Tree:
    """A tree that grows: the roots of its complete subtrees."""

    def __init__(self, size, peaks):
        need(len(peaks) == bin(size).count("1") and all(len(one) == 32 for one in peaks), "not the subtrees before the first entry")
        self.size, self.peaks = size, list(peaks)

    def add(self, leaf):
        rest = self.size
        while rest % 2 == 1:
            leaf, rest = sha(b"\1", self.peaks.pop(), leaf), rest // 2
        self.peaks.append(leaf)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = sha(b"\1", peak, root)
        return root


def head_of(line):
    try:
        head = parsed(line, dict)  # a name that stands twice shows when the line is spelled again
    except Refused as error:
        raise NoProof(str(error)) from error
    if not isinstance(head, dict) or type(head.get("capProofFormat")) is not float or head["capProofFormat"] != 1:
        raise NoProof("no cap proof of format 1")
    optional = [name for name in ("handOvers", "cosigned") if name in head]
    names = ["capProofFormat", "budget", "startMs", *(["endMs"] if "endMs" in head else []), "first", "before", "checkpoint", "verifierKey", *optional]
    need(list(head) == names and spelled(head) == line, "the head is not in its one spelling")
    need(isinstance(head["budget"], str) and re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", head["budget"]), "no name of a budget")
    need(all(whole(head[name]) for name in ("startMs", "endMs", "first") if name in head), "no bounds")
    texts(head["checkpoint"], head["verifierKey"])
    if "handOvers" in head:
        need(isinstance(head["handOvers"], list) and head["handOvers"], "hand-overs are no list")
        texts(*head["handOvers"])
    if "cosigned" in head:
        need(isinstance(head["cosigned"], list) and head["cosigned"] and all(map(is_cosigned, head["cosigned"])), "cosigned is no list")
        texts(*(text for one in head["cosigned"] for text in (one["note"], *one["consistency"])))
    return head


def entry_of(line):
    parts = line.split(b" ", 2)
    need(len(parts) != 2, "facts without a salt, or a salt without facts")
    try:
        bare = [part.decode("ascii") for part in parts[:2]]
    except UnicodeDecodeError as error:
        raise Refused("not base64url") from error
    entry = raw(bare[0])
    header = header_of(entry)
    need((header["type"] in SHOWN) == (len(parts) == 3), "facts stand where they must not, or do not where they must")
    facts = None
    if len(parts) == 3:
        salt = raw(bare[1])
        need(len(salt) == 16 and sha(b"\x10", salt, parts[2]) == header["facts"], "the facts are not those of the header")
        try:
            text = parts[2].decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused("the facts are not UTF-8") from error
        # Of a name that stands twice in what is often, the last value counts.
        facts = parsed(text, dict) if header["type"] in OFTEN else one_spelling(text, "facts")
        need(isinstance(facts, dict), "the facts are no object")
    return header, facts


def check_entries(lines, head, chain, origin):
    first = int(head["first"])
    tally, tree = Tally(head), Tree(first, hashes(head["before"]))
    time, leaf, handed = 0, None, set()
    for line in lines:
        sequence = tree.size
        listed = chain.at(sequence)
        need(not listed or listed["root"] == tree.root(), "a hand-over was signed over other entries")
        header, facts = entry_of(line)
        kind = header["type"]
        need(header["sequence"] == sequence and header["time"] >= time, "sequence or time is another one")
        need(leaf is None or header["previous"] == leaf, "the chain is broken")
        need(sequence != 0 or header["previous"] == ZERO, "entry 0 follows nothing")
        need((sequence == 0) == (kind == "journal.opened"), "a journal begins with one journal.opened")
        if sequence == 0:
            named = facts.get("origin") == origin and facts.get("verifierKey") == chain.texts[0]
            need(named and type(facts.get("format")) is float and facts["format"] == 1, "entry 0 is another journal's")
        if kind == "signer.replaced":
            need(listed and facts_are(listed, facts), "a hand-over is none of those in the head")
            handed.add(sequence)
        time, leaf = header["time"], header["leaf"]
        tree.add(leaf)
        tally.take(sequence, kind, facts)
    need(all(one["size"] in handed for one in chain.hand_overs if first <= one["size"] < tree.size), "a hand-over is no entry")
    return tally, tree


def check_statement(statement, head, checkpoint, tally, last, key):
    match = re.match(r'sovereign-ledger cap statement v1\n\{"schemaVersion":1,"generatedAt":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"', statement, re.ASCII)
    need(match, "the statement is none")
    result = {"first": tally.first, "last": last, "running": not tally.passed(), "counts": [one.result() for one in tally.counts], "freezes": tally.freezes, "extensions": tally.shown_extensions()}
    named = {name: head[name] for name in ("budget", "startMs", "endMs") if name in head}
    body = {"schemaVersion": 1, "generatedAt": match[1], "origin": checkpoint["origin"], **named, **result, "notProved": NOT_PROVED}
    text = f"sovereign-ledger cap statement v1\n{spelled(body)}\n" + "\n".join(checkpoint["text"].split("\n")[1:])
    need(statement.startswith(text + "\n"), "the statement does not say what the entries add up to")
    line = re.fullmatch("\u2014 (\\S+) (\\S+)\n", statement[len(text) + 1 :])
    signature = line and base64_bytes(line[2], False)
    need(signature and len(signature) == 68 and line[1] == key["name"] and signature[:4] == key["id"], "the statement has another signature line")
    need(is_signed(key, text, signature[4:]), "the statement's signature is wrong")
    return any(one.times > 0 for one in tally.counts)


def verify(path, key_text, witness_text=None):
    with open(path, "rb") as file:
        lines = list(lines_of(file.read()))
    try:
        head = head_of(lines[0].decode("utf-8"))
    except (IndexError, UnicodeDecodeError) as error:
        raise NoProof("the file has no first line that can be read") from error
    key = verifier_key(key_text) if key_text else None
    checkpoint = checkpoint_of(head["checkpoint"])
    need(checkpoint, "the checkpoint is not well formed")
    chain = KeyChain(head.get("handOvers", []), checkpoint["origin"], head["verifierKey"])
    need(chain.size < checkpoint["size"] or not chain.hand_overs, "a hand-over is none of the checkpoint's entries")
    need(chain.texts[-1] == head["verifierKey"], "the hand-overs do not lead to the key that signed")
    need(key is None or key in chain.keys, "the file names another key")
    check_signature(checkpoint, chain.in_force(checkpoint["size"]))
    witness = witness_key(witness_text) if witness_text else None
    witnessed = check_cosigned(head.get("cosigned", []), checkpoint, witness)
    need(len(lines) > 1, "there is no end")
    tally, tree = check_entries(lines[1:-1], head, chain, checkpoint["origin"])
    try:
        text = lines[-1].decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("the end is not UTF-8") from error
    end = one_spelling(text, "the end")
    need(list(end) == ["entries", "after", "statement"] and whole(end["entries"]), "the members of the end are not the ones they must be")
    texts(end["statement"])
    need(end["entries"] == len(lines) - 2, "the end counts other entries")
    need(is_consistent(tree.size, checkpoint["size"], tree.root(), checkpoint["root"], hashes(end["after"])), "the entries are not those of the checkpoint")
    need(tally.first == 0 or (tally.first_at is not None and tally.first_at < head["startMs"]), "it begins within the period")
    need(tally.counts, "no count is in the period")
    need(tally.over() or tree.size == checkpoint["size"], "it ends within the period")
    exceeded = check_statement(end["statement"], head, checkpoint, tally, tree.size - 1, chain.keys[-1])
    if not key:
        return "unverifiable", "no key that anybody vouched for"
    if witness and not witnessed:
        return "unverifiable", "the witness has not seen it"
    return ("exceeded" if exceeded else "valid"), ""


def answer(path, key, witness=None):
    try:
        return verify(path, key, witness)
    except Refused as error:
        return "invalid", str(error)
    except NoProof as error:
        return "unverifiable", str(error)


def main(arguments):
    if not arguments:
        for line in sys.stdin:
            case = json.loads(line)
            verdict, why = answer(case["path"], case["key"], case.get("witness"))
            print(json.dumps({"verdict": verdict, "why": why}))
        return 0
    key = arguments.pop(0).removeprefix("--key=") if arguments[0].startswith("--key=") else None
    witness = arguments.pop(0).removeprefix("--witness=") if arguments[0].startswith("--witness=") else None
    exits = []
    for path in arguments:
        verdict, why = answer(path, key, witness)
        exits.append({"valid": 0, "exceeded": 1, "invalid": 1, "unverifiable": 2}[verdict])
        print(json.dumps({"verdict": verdict, "why": why}))
    return exits[0] if len(exits) == 1 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
