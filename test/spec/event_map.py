"""The map of event ids, written from docs/spec/map.md alone: roots, ways, and the check of a proof's way. Reads one question a line, as JSON, and answers each."""
import base64
import hashlib
import json
import sys

EMPTY = bytes(32)


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf(key, value):
    return sha256(b"\x20" + key + value)


def node(left, right):
    return EMPTY if left == EMPTY and right == EMPTY else sha256(b"\x21" + left + right)


def bit(key, at):
    return key[at // 8] >> (7 - at % 8) & 1


def root(pairs, depth=0):
    """Of pairs that begin with the same `depth` bits, whatever their order."""
    if not pairs:
        return EMPTY
    if len(pairs) == 1 and depth >= 18:
        return leaf(*next(iter(pairs.items())))
    halves = [{key: value for key, value in pairs.items() if bit(key, depth) == side} for side in (0, 1)]
    return node(root(halves[0], depth + 1), root(halves[1], depth + 1))


def way(pairs, key):
    """Depth, siblings from the root down, and the pair at the place, if any."""
    siblings, depth = [], 0
    while not (depth >= 18 and len(pairs) <= 1):
        here = {one: value for one, value in pairs.items() if bit(one, depth) == bit(key, depth)}
        there = {one: value for one, value in pairs.items() if bit(one, depth) != bit(key, depth)}
        siblings.append(root(there, depth + 1))
        pairs, depth = here, depth + 1
    return depth, siblings, next(iter(pairs.items()), None)


def unpack(text):
    if not isinstance(text, str):
        raise ValueError("not a text")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != text:
        raise ValueError("not in its one encoding")
    return data


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def check(proof):
    """Steps 4 and 5 of "What a verifier does", and the encodings they need; raises ValueError when something does not fit."""
    salt, depth, levels, packed, target = (
        unpack(proof["idSalt"]), proof["depth"], unpack(proof["levels"]), unpack(proof["siblings"]), unpack(proof["root"]))
    if not whole(depth) or not 18 <= depth <= 256 or len(salt) != 32 or len(target) != 32 or len(levels) != (depth + 7) // 8:
        raise ValueError("a member is not what it must be")
    flags = [bit(levels, at) for at in range(8 * len(levels))]
    if any(flags[depth:]) or len(packed) != 32 * sum(flags):
        raise ValueError("levels and siblings do not fit")
    hashes = iter([packed[at:at + 32] for at in range(0, len(packed), 32)])
    siblings = [next(hashes) if flag else EMPTY for flag in flags[:depth]]
    if any(flag and sibling == EMPTY for flag, sibling in zip(flags, siblings)):
        raise ValueError("a sibling is said not to be empty, and is")
    key = sha256(b"\x12" + salt + proof["id"].encode())
    at_place = EMPTY
    if proof["proves"] == "recorded":
        value = unpack(proof["leaf"])
        if len(value) != 32:
            raise ValueError("no leaf")
        at_place = leaf(key, value)
    elif "other" in proof:
        other = unpack(proof["other"])
        if len(other) != 64:
            raise ValueError("no other key")
        if other[:32] == key or any(bit(other, i) != bit(key, i) for i in range(depth)):
            raise ValueError("the other key does not hang there")
        at_place = leaf(other[:32], other[32:])
    if depth > 18 and siblings[-1] == EMPTY:
        raise ValueError("the place is too deep")
    for at in range(depth - 1, -1, -1):
        at_place = node(siblings[at], at_place) if bit(key, at) else node(at_place, siblings[at])
    if at_place != target:
        raise ValueError("it leads to another root")


def answer(question):
    if "proof" in question:
        try:
            check(question["proof"])
            return {"good": True}
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            return {"good": False, "why": str(problem)}
    pairs = {}
    for key, value in question["pairs"]:
        pairs.setdefault(bytes.fromhex(key), bytes.fromhex(value))
    said = {"root": root(pairs).hex(), "ways": []}
    for key in question.get("keys", []):
        depth, siblings, place = way(pairs, bytes.fromhex(key))
        said["ways"].append({"depth": depth, "siblings": [one.hex() for one in siblings], "place": [part.hex() for part in place] if place else None})
    return said


def vectors():
    """Maps with keys that share few, some, and nearly all of their bits; the value of each is the SHA-256 of its key. Siblings stand as the SHA-256 of all, one after the other."""
    made = lambda *words: sha256(" ".join(map(str, words)).encode())
    near = [made("near")[:-1] + bytes([last]) for last in (0, 1, 2, 128)]
    deep = [bytes(31) + bytes([last]) for last in (0, 1)]
    cases = [[], [made("one")], deep, near, [made("few", i) for i in range(5)], [made("some", i) for i in range(40)], near + deep + [made("many", i) for i in range(300)]]
    for keys in cases:
        pairs = [[key.hex(), sha256(key).hex()] for key in keys]
        asked = [key.hex() for key in keys[:4]] + [made("absent", i).hex() for i in range(3)] + [bytes(32).hex(), (b"\xff" * 32).hex(), near[0].hex()]
        question = {"pairs": pairs, "keys": asked}
        said = answer(question)
        for one in said["ways"]:
            one["siblings"] = sha256(bytes.fromhex("".join(one["siblings"]))).hex()
        yield {"present": [key.hex() for key in keys], "keys": asked, **said}


if __name__ == "__main__":
    if sys.argv[1:] == ["--vectors"]:
        print("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in vectors()) + "\n]")
    else:
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line))))
