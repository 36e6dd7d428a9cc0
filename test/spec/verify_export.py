#!/usr/bin/env python3
"""Verifies an export of Sovereign Ledger: python3 verify_export.py [--key=VERIFIER_KEY] [--witness=VERIFIER_KEY] FILE...

Written from docs/spec/export.md, journal.md and witness.md alone, to prove that they are enough. Standard library, and python3-cryptography for Ed25519.
The table of words is read from the page itself. One line of JSON a file; exit status for one file: 0 valid, 1 invalid, 2 unverifiable.
"""
import json
import os
import re
import sys
from datetime import datetime, timedelta, timezone

sys.dont_write_bytecode = True  # the source tree is nobody's cache
from journal_format import ZERO, Refused, base64_bytes, check_signature, checkpoint_of, header_of, need, number, one_spelling, parsed
from key_chain import KeyChain, facts_are
from journal_format import is_consistent, root_from, sha, spelled, tree_root, utf8, verifier_key
from verify_cosignature import LATEST, check as check_cosignature, key_of as witness_key

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "spec", "export.md")


class NoExport(Exception):
    """There is nothing that could be checked: unverifiable."""


def words_table():
    with open(PAGE, encoding="utf-8") as file:
        block = re.search(r"^## Words of a row$.*?^```\n(.*?)^```", file.read(), re.S | re.M)[1]
    return {line.split()[0]: re.split(r"\s{2,}", line, maxsplit=3)[1:] for line in block.splitlines()}


def is_number(value):
    return isinstance(value, float)


def sentence(template, facts):
    def fact(match):
        value = facts.get(match[1])
        return value if isinstance(value, str) else number(value) if is_number(value) else match[2] or "?"

    def tokens():
        names = (("inputTokens", "input"), ("outputTokens", "output"), ("cacheReadTokens", "cached"), ("cacheWriteTokens", "cache-written"))
        parts = [f"{number(facts[name])} {word}" for name, word in names if is_number(facts.get(name)) and facts[name] > 0]
        nanos = facts.get("reportedNanos")
        cost = isinstance(nanos, str) and re.fullmatch("[0-9]{1,30}", nanos)
        return "no usage told" if not parts else " + ".join(parts) + " tokens" + (", " + dollars(int(nanos)) if cost else "")

    def chosen(match):
        value = {"true": True, "false": False}.get(match[2], match[2].strip('"'))
        yes = facts.get(match[1]) == value and type(facts.get(match[1])) is type(value)
        return match[3] if yes else match[4] or ""

    while "[" in template:  # the innermost first
        template = re.sub(r'\[(\w+)=([\w"]+):([^\[\]|]*)(?:\|([^\[\]|]*))?\]', chosen, template)
    took = f" in {number(facts['durationMs'])} ms" if is_number(facts.get("durationMs")) else ""
    pieces = re.split(r"(<\w+>)", template)
    special = {
        "<model>": lambda: sentence("{provider}/{model}", facts),
        "<took>": lambda: took,
        "<tokens>": tokens,
        "<moved>": lambda: moved(facts),
        "<credential>": lambda: "operator's credential " + ("taken away" if facts.get("verifier") == "" else "set"),
        "<over>": lambda: ", above what was held" if "over" in facts else "",
        "<short>": lambda: ", less than its quota" if "short" in facts else "",
        "<budget>": lambda: f" (budget {facts['budget']})" if isinstance(facts.get("budget"), str) else "",
        "<resolver>": lambda: f" by {facts['resolver']}" if isinstance(facts.get("resolver"), str) else "",
        "<rule>": lambda: sentence("{name}", facts["rule"] if isinstance(facts.get("rule"), dict) else {}),
    }
    return "".join(special[piece]() if piece in special else re.sub(r"\{(\w+)(?:\|([^}]*))?\}", fact, piece) for piece in pieces)


def moved(facts):
    sums = {}
    movements = facts.get("movements")
    for movement in movements if isinstance(movements, list) else []:
        amounts = movement.get("amounts") if isinstance(movement, dict) else None
        for unit, amount in (amounts if isinstance(amounts, dict) else {}).items():
            if re.fullmatch("[A-Za-z]+", unit) and isinstance(amount, str) and re.fullmatch("[0-9]{1,30}", amount):
                sums[unit] = sums.get(unit, 0) + int(amount)
    one = {"calls": "call", "tokens": "token"}
    counted = lambda unit, amount: f"{amount} {one.get(unit, unit) if amount == 1 else unit}"
    words = [dollars(amount) if unit == "moneyNanos" else counted(unit, amount) for unit, amount in sums.items() if amount > 0]
    return ", ".join(words) or "nothing"


def dollars(nanos):
    fraction = ("%09d" % (nanos % 10**9)).rstrip("0")
    return f"${nanos // 10**9}.{fraction.ljust(2, '0')}"


def row_line(row, header, facts, texts, words):
    time = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=header["time"])
    nonempty = lambda value: value if isinstance(value, str) and value != "" else None
    line = {
        "id": facts["id"],
        "sequence": header["sequence"],
        "source": nonempty(facts.get("via")),
        "machineId": nonempty(row.get("machineId")),
        "sessionId": nonempty(row.get("sessionId")),
        "orgId": None,
        "userId": nonempty(row.get("userId")),
        "eventType": words[0],
        "type": header["type"],
        "category": words[1],
        "description": words[2],
        "contentHash": None if header["content"] == ZERO else header["content"].hex(),
        "previousHash": header["previous"].hex(),
        "createdAt": time.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (header["time"] % 1000),
        "metadata": {name: value for name, value in facts.items() if name != "id"},
        **({} if "content" not in texts else {"content": texts["content"]}),
        "anchor": None,
        "proven": row["proven"],
    }
    return spelled(line)


class Export:
    def __init__(self, end, checkpoint, chain):
        self.complete, self.checkpoint, self.chain = end["complete"], checkpoint, chain
        self.leaves, self.last, self.time, self.unknown, self.table, self.handed = [], -1, 0, set(), words_table(), set()
        self.anchors = (0, None)

    def row(self, line):
        row = parsed(line)
        need(isinstance(row, dict) and isinstance(row.get("proven"), dict), "a row has no proven bytes")
        proven = row["proven"]
        names = ["entry", "factsSalt", "facts"] + (["contentSalt", "content"] if "content" in proven else []) + ([] if self.complete else ["inclusion"])
        need(list(proven) == names, "the members of proven are not the ones they must be")
        entry = self.bytes(proven["entry"])
        header = header_of(entry)
        texts = {}
        for name, tag in (("facts", b"\x10"), ("content", b"\x11")):
            if name not in proven:
                continue
            need(isinstance(proven[name], str), f"{name} is no text")
            salt = self.bytes(proven[name + "Salt"])
            need(len(salt) == 16 and sha(tag, salt, utf8(proven[name])) == header[name], f"the {name} are not those of the header")
            texts[name] = one_spelling(proven[name], name)
        facts = texts["facts"]
        need(isinstance(facts.get("id"), str) and facts["id"] != "", "the facts have no id")
        need((header["sequence"] == 0) == (header["type"] == "journal.opened"), "a journal begins with one journal.opened")
        if header["sequence"] == 0:
            need(facts.get("format") == 1 and facts.get("format") is not True and facts.get("origin") == self.checkpoint["origin"], "entry 0 is another journal's")
            need(facts.get("verifierKey") == self.chain.texts[0], "entry 0 names another key than the first one")
        self.handed_over(header, facts)
        if self.complete and header["type"] == "checkpoint.anchored":
            self.anchored(header["sequence"], facts)
        self.place(header, proven)
        self.compare(line, row, header, facts, texts)

    def handed_over(self, header, facts):
        listed = self.chain.at(header["sequence"])
        if header["type"] == "signer.replaced":
            need(listed and facts_are(listed, facts), "a hand-over is none of those in the end line")
            self.handed.add(header["sequence"])
        if self.complete and listed:
            need(tree_root(self.leaves) == listed["root"], "a hand-over was signed over other entries")

    def anchored(self, sequence, facts):
        """Each names the one before it, and is about the tree that its checkpoint was signed over."""
        checkpoint = checkpoint_of(facts["note"]) if isinstance(facts.get("note"), str) else None
        need(checkpoint and checkpoint["origin"] == self.checkpoint["origin"], "an anchor is about no checkpoint of this log")
        check_signature(checkpoint, self.chain.in_force(checkpoint["size"]))
        size = checkpoint["size"]
        need(size == facts.get("size") and 0 < size <= sequence and tree_root(self.leaves[:size]) == checkpoint["root"], "an anchor is about other entries")
        need(facts.get("number") == self.anchors[0] + 1 and facts.get("previous") == self.anchors[1], "an anchor is missing, or out of place")
        proof = anchor_proof(facts)
        self.anchors = (facts["number"], sha(proof).hex())

    def bytes(self, text):
        raw = base64_bytes(text, True) if isinstance(text, str) else None
        need(raw is not None, "not canonical base64url")
        return raw

    def place(self, header, proven):
        sequence = header["sequence"]
        if self.complete:
            need(sequence == len(self.leaves), "the sequence is another one")
            need(header["time"] >= self.time, "the time runs backwards")
            need(header["previous"] == (self.leaves[-1] if self.leaves else ZERO), "the chain is broken")
            self.leaves.append(header["leaf"])
        else:
            need(sequence > self.last, "rows are repeated or out of order")
            need(isinstance(proven["inclusion"], list), "no proof")
            path = [self.bytes(one) for one in proven["inclusion"]]
            need(root_from(header["leaf"], sequence, self.checkpoint["size"], path) == self.checkpoint["root"], "the proof does not lead to the root")
        self.last, self.time = sequence, header["time"]

    def compare(self, line, row, header, facts, texts):
        kind = header["type"]
        unknown = [kind, kind.split(".")[0], "an event of a newer version"]
        known = self.table.get(kind)
        for words in [unknown] + ([[known[0], known[1], sentence(known[2], facts)]] if known else []):
            if row_line(row, header, facts, texts, words) == line:
                return
        told = [row.get("eventType"), row.get("category"), row.get("description")]
        need(known is None and all(isinstance(one, str) for one in told), "the readable fields do not say what is proven")
        need(row_line(row, header, facts, texts, told) == line, "the readable fields do not say what is proven")
        self.unknown.add(kind)


def end_of(line):
    try:
        end = parsed(line, dict)  # a name that stands twice shows when the line is spelled again
    except Refused as error:
        raise NoExport(f"the last line is not JSON: {error}") from error
    kinds = {"exportFormat": float, "rows": float, "complete": bool, "checkpoint": str, "verifierKey": str}
    told = isinstance(end, dict) and "handOvers" in end
    if told and not (isinstance(end["handOvers"], list) and end["handOvers"] and all(isinstance(note, str) for note in end["handOvers"])):
        raise NoExport("the hand-overs are no list of notes")
    if not isinstance(end, dict) or any(type(end.get(name)) is not kind for name, kind in kinds.items()) or end["exportFormat"] != 1:
        raise NoExport("the last line is not the end of an export of format 1")
    checkpoint = checkpoint_of(end["checkpoint"])
    if not checkpoint:
        raise NoExport("the checkpoint is not well formed")
    seen = "cosigned" in end
    if seen and not (isinstance(end["cosigned"], list) and end["cosigned"] and all(map(is_cosigned, end["cosigned"]))):
        raise NoExport("what witnesses cosigned is no list of notes")
    shown = "anchored" in end
    if shown and not (isinstance(end["anchored"], list) and end["anchored"] and all(map(is_anchored, end["anchored"]))):
        raise NoExport("what was anchored is no list of notes")
    names = list(kinds) + ["handOvers"] * told + ["cosigned"] * seen + ["anchored"] * shown
    return end, list(end) == names and spelled(end) == line, checkpoint


ANCHORED = {"kind": str, "authority": str, "size": float, "atMs": float, "reference": str, "note": str, "proof": str, "consistency": list}


def is_anchored(one):
    kinds = isinstance(one, dict) and all(type(one.get(name)) is kind and one[name] != "" for name, kind in ANCHORED.items())
    whole = kinds and all(one[name] >= 0 and one[name] == int(one[name]) for name in ("size", "atMs"))
    return whole and one["kind"] in ("rfc3161", "digital-evidence") and all(isinstance(text, str) for text in one["consistency"])


def anchor_proof(facts):
    """A time-stamp token holds the SHA-256 hash of the checkpoint; whether it is good is for openssl ts -verify and the authority's certificate."""
    proof = base64_bytes(facts["proof"], False) if isinstance(facts.get("proof"), str) else None
    need(proof, "the proof of an anchor is not base64")
    need(facts.get("kind") != "rfc3161" or sha(utf8(facts["note"])) in proof, "a time-stamp is about something else")
    return proof


def check_anchored(anchored, whole):
    for one in anchored:
        need(list(one) == list(ANCHORED), "what was anchored is not in its one spelling")
        seen = checkpoint_of(one["note"])
        need(seen and seen["origin"] == whole["origin"] and seen["size"] == one["size"] <= whole["size"], "what was anchored does not belong here")
        path = [base64_bytes(text, True) for text in one["consistency"]]
        need(None not in path and is_consistent(seen["size"], whole["size"], seen["root"], whole["root"], path), "an anchored tree is another one")
        anchor_proof(one)


def is_cosigned(one):
    kinds = isinstance(one, dict) and isinstance(one.get("note"), str) and isinstance(one.get("consistency"), list)
    return kinds and all(isinstance(text, str) for text in one["consistency"])


def check_cosigned(cosigned, whole, witness):
    """How many cosignatures of the witness there are."""
    before, found = 0, 0
    for one in cosigned:
        need(list(one) == ["note", "consistency"], "a cosigned checkpoint is not in its one spelling")
        seen = checkpoint_of(one["note"])
        need(seen and seen["origin"] == whole["origin"] and before < seen["size"] <= whole["size"], "a cosigned checkpoint does not belong here")
        before = seen["size"]
        path = [base64_bytes(text, True) for text in one["consistency"]]
        need(None not in path and is_consistent(before, whole["size"], seen["root"], whole["root"], path), "a cosigned tree is another one")
        lines = [line for line in one["note"].split("\n")[4:-1] if len(base64_bytes(line.split(" ")[2], False)) == 76 and cosigned_time(line) is not None]
        need(lines, "nobody cosigned it")
        for line in lines:
            if witness and cosignature_by(witness, line):
                need("timeS" in check_cosignature(*witness, line, seen["text"]), "a cosignature is wrong")
                found += 1
    return found


def cosigned_time(line):
    time = int.from_bytes(base64_bytes(line.split(" ")[2], False)[4:12], "big")
    return time if time <= LATEST else None


def cosignature_by(witness, line):
    name, identity = witness[:2]
    return line.split(" ")[1] == name and base64_bytes(line.split(" ")[2], False)[:4] == identity


def lines_of(data):
    for raw in data.split(b"\n"):
        line = raw[:-1] if raw.endswith(b"\r") else raw
        if line:
            yield line


def verify(path, key_text, witness_text=None):
    with open(path, "rb") as file:
        lines = list(lines_of(file.read()))
    try:
        end, canonical, checkpoint = end_of(lines[-1].decode("utf-8"))
    except (IndexError, UnicodeDecodeError) as error:
        raise NoExport("the file has no last line that can be read") from error
    need(canonical, "the end line is not in its one spelling")
    key = verifier_key(key_text) if key_text else None
    chain = KeyChain(end.get("handOvers", []), checkpoint["origin"], end["verifierKey"])
    need(chain.size < checkpoint["size"] or not chain.hand_overs, "a hand-over is none of the checkpoint's entries")
    need(chain.texts[-1] == end["verifierKey"], "the hand-overs do not lead to the key that signed")
    need(key is None or key in chain.keys, "the file names another key")
    check_signature(checkpoint, chain.in_force(checkpoint["size"]))
    witness = witness_key(witness_text) if witness_text else None
    witnessed = check_cosigned(end.get("cosigned", []), checkpoint, witness)
    check_anchored(end.get("anchored", []), checkpoint)
    export = Export(end, checkpoint, chain)
    for index, line in enumerate(lines[:-1]):
        try:
            export.row(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise Refused(f"row {index + 1} is not UTF-8") from error
        except Refused as error:
            raise Refused(f"row {index + 1}: {error}") from error
    need(len(lines) - 1 == end["rows"], "the end line counts other rows")
    if export.complete:
        need(all(one["size"] in export.handed for one in chain.hand_overs), "a hand-over is no entry")
        need(len(export.leaves) == checkpoint["size"] and tree_root(export.leaves) == checkpoint["root"], "the tree is not the checkpoint's")
    if export.unknown:
        return "unverifiable", f"types this verifier does not know: {', '.join(sorted(export.unknown))}"
    if witness and not witnessed:
        return "unverifiable", "the witness has not seen it"
    return ("valid", "") if key else ("unverifiable", "no key that anybody vouched for")


def answer(path, key, witness=None):
    try:
        return verify(path, key, witness)
    except Refused as error:
        return "invalid", str(error)
    except NoExport as error:
        return "unverifiable", str(error)


def main(arguments):
    key = arguments.pop(0).removeprefix("--key=") if arguments[0].startswith("--key=") else None
    witness = arguments.pop(0).removeprefix("--witness=") if arguments[0].startswith("--witness=") else None
    exits = []
    for path in arguments:
        verdict, why = answer(path, key, witness)
        exits.append({"valid": 0, "invalid": 1, "unverifiable": 2}[verdict])
        print(json.dumps({"verdict": verdict, "why": why}))
    return exits[0] if len(exits) == 1 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
