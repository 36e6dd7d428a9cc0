"""The key chain of docs/spec/journal.md, "Hand-over". Written from that page alone; see verify_export.py."""
import base64
import re

from journal_format import base64_bytes, is_signed, need, number, verifier_key

FACTS = ("size", "root", "previousKey", "nextKey", "previousSignature", "nextSignature")


def hand_over_of_note(note):
    """A well-formed hand-over; what does not fit is refused."""
    lines = note.split("\n")
    need(len(lines) == 10 and lines[6] == "" and lines[9] == "" and lines[0] == "sovereign-ledger/hand-over/1", "a hand-over is not well formed")
    origin, size, root, keys = lines[1], lines[2], base64_bytes(lines[3], False), [verifier_key(lines[4]), verifier_key(lines[5])]
    need(re.fullmatch("[1-9][0-9]{0,15}", size) and int(size) < 2**53 and root is not None and len(root) == 32, "a hand-over has no size or root")
    need(all(key and key["name"] == origin for key in keys), "a hand-over has a key of another name")
    signatures = []
    for line, key in zip(lines[7:9], keys):
        match = re.fullmatch(r"\u2014 (\S+) (\S+)", line)
        raw = match and base64_bytes(match[2], False)
        need(raw and len(raw) == 68 and match[1] == origin and raw[:4] == key["id"], "a hand-over has a signature line that is none")
        signatures.append(raw[4:])
    return {"size": int(size), "root": root, "keys": keys, "texts": lines[4:6], "signatures": signatures, "text": "\n".join(lines[:6]) + "\n"}


def facts_are(hand_over, facts):
    """Whether an entry's facts tell of this hand-over."""
    lines = hand_over["text"].split("\n")
    bare = [base64_of(signature) for signature in hand_over["signatures"]]
    told = [number(facts["size"]) if isinstance(facts.get("size"), float) else None] + [facts.get(name) for name in FACTS[1:]]
    return told == [lines[2], lines[3], lines[4], lines[5], *bare]


def base64_of(raw):
    return base64.b64encode(raw).decode()


class KeyChain:
    def __init__(self, notes, origin, last_text):
        self.hand_overs = [hand_over_of_note(note) for note in notes]
        self.texts = [self.hand_overs[0]["texts"][0] if self.hand_overs else last_text]
        first = verifier_key(self.texts[0])
        need(first and first["name"] == origin, "the first key is none of this log")
        self.keys, size = [first], 0
        for one in self.hand_overs:
            previous, following = one["keys"]
            need(previous == self.keys[-1], "a hand-over is by a key that does not sign then")
            need(following["id"] not in [key["id"] for key in self.keys], "a hand-over is to a key that has signed before")
            need(one["size"] > size, "hand-overs are out of order")
            for key, signature in zip(one["keys"], one["signatures"]):
                need(is_signed(key, one["text"], signature), "a hand-over is not signed by both of its keys")
            self.keys.append(following)
            self.texts.append(one["texts"][1])
            size = one["size"]
        self.size = size

    def in_force(self, size):
        for one in self.hand_overs:
            if size <= one["size"]:
                return one["keys"][0]
        return self.keys[-1]

    def at(self, sequence):
        return next((one for one in self.hand_overs if one["size"] == sequence), None)
