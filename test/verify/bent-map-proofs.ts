/** What can be done to the text of a proof from the map of event ids: bits, pieces, members, hashes of its way, parts of other proofs. Seeded, so that it can be shown again. */
import fc from "fast-check"

type Fields = Record<string, unknown>
type Change = (text: string, other: string) => string

const place = fc.nat({ max: 1_000_000 })
const members = ["proofFormat", "proves", "id", "idSalt", "leaf", "other", "depth", "levels", "siblings", "size", "root", "committed"]
const within = ["entry", "factsSalt", "facts", "inclusion", "checkpoint", "verifierKey", "handOvers", "proves", "idSalt", "id"]

const onText: fc.Arbitrary<readonly [string, Change]> = fc.oneof(
  fc
    .tuple(place, fc.nat({ max: 6 }))
    .map(([at, bit]) => ["a bit", (text: string) => put(text, at, (unit) => String.fromCharCode(unit.charCodeAt(0) ^ (1 << bit)))] as const),
  fc
    .tuple(place, fc.constantFrom("\0", "\ud800", " ", '"', "[", "}", "é", "="))
    .map(([at, unit]) => [`${JSON.stringify(unit)} put in`, (text: string) => put(text, at, (old) => unit + old)] as const),
  fc
    .tuple(place, fc.integer({ min: 1, max: 90 }))
    .map(([at, length]) => ["a piece cut out", (text: string) => text.slice(0, at % text.length) + text.slice((at % text.length) + length)] as const),
  fc
    .tuple(place, fc.integer({ min: 1, max: 60 }))
    .map(
      ([at, length]) =>
        [
          "a piece of another",
          (text: string, other: string) =>
            text.slice(0, at % text.length) + other.slice(at % text.length, (at % text.length) + length) + text.slice((at % text.length) + length),
        ] as const,
    ),
)

const anyValue = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, 1, 16, 17, 255, 256, 257, 1e9, -1, "", "A", "AA", [], {}, "recorded", "not-recorded", "inclusion"),
  fc.base64String({ maxLength: 90 }),
  fc.uint8Array({ minLength: 32, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString("base64url")),
  fc.json().map((text): unknown => JSON.parse(text)),
)

const onMembers: fc.Arbitrary<readonly [string, Change]> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...members), anyValue)
    .map(([name, value]) => [`${name} made another`, onFields((fields) => ({ ...fields, [name]: value }))] as const),
  fc.constantFrom(...members).map((name) => [`${name} taken out`, onFields(({ [name]: _, ...rest }) => rest)] as const),
  fc.constantFrom(...members).map((name) => [`${name} of another proof`, onFields((fields, other) => ({ ...fields, [name]: other[name] }))] as const),
  fc
    .subarray(members, { minLength: 2 })
    .map(
      (names) =>
        [
          `${names.join()} of another proof`,
          onFields((fields, other) => ({ ...fields, ...Object.fromEntries(names.map((name) => [name, other[name]])) })),
        ] as const,
    ),
  fc
    .tuple(fc.constantFrom(...members), fc.constantFrom(...members))
    .map(([one, two]) => [`${one} and ${two} exchanged`, onFields((fields) => ({ ...fields, [one]: fields[two], [two]: fields[one] }))] as const),
  fc
    .tuple(fc.constantFrom(...within), anyValue)
    .map(
      ([name, value]) =>
        [
          `${name} of the root made another`,
          onFields((fields) => ({ ...fields, committed: { ...(fields["committed"] as Fields | undefined), [name]: value } })),
        ] as const,
    ),
  fc.constantFrom(...within).map(
    (name) =>
      [
        `${name} of the root of another`,
        onFields((fields, other) => ({
          ...fields,
          committed: { ...(fields["committed"] as Fields | undefined), [name]: (other["committed"] as Fields | undefined)?.[name] },
        })),
      ] as const,
  ),
)

/** On the way as hashes, written again as one is. */
const onWay: fc.Arbitrary<readonly [string, Change]> = fc.oneof(
  fc
    .tuple(place, place)
    .map(
      ([one, two]) =>
        [
          "two siblings exchanged",
          onSiblings((list) => list.with(one % list.length, list[two % list.length]).with(two % list.length, list[one % list.length])),
        ] as const,
    ),
  place.map((at) => ["a sibling emptied", onSiblings((list) => list.with(at % list.length, undefined))] as const),
  fc
    .tuple(place, fc.uint8Array({ minLength: 32, maxLength: 32 }))
    .map(([at, hash]) => ["a sibling made another", onSiblings((list) => list.with(at % list.length, Buffer.from(hash)))] as const),
  place.map((at) => ["a sibling doubled", onSiblings((list) => list.toSpliced(at % list.length, 0, list[at % list.length]))] as const),
  place.map((at) => ["a sibling taken out", onSiblings((list) => list.toSpliced(at % list.length, 1))] as const),
  fc.integer({ min: 1, max: 12 }).map((count) => ["the way cut", onSiblings((list) => list.slice(0, Math.max(1, list.length - count)))] as const),
  fc.integer({ min: 1, max: 12 }).map((count) => ["the way made longer", onSiblings((list) => [...list, ...list.slice(-count)])] as const),
)

const change = fc.oneof({ arbitrary: onText, weight: 2 }, { arbitrary: onMembers, weight: 3 }, { arbitrary: onWay, weight: 2 })

export function bentMapProofs(texts: readonly string[], count: number, seed: number): readonly { readonly what: string; readonly text: string }[] {
  const cases = fc.tuple(fc.nat(), fc.nat(), fc.array(change, { minLength: 1, maxLength: 2 }))
  return fc.sample(cases, { numRuns: count, seed }).map(([one, two, changes]) => {
    const [text = "", other = ""] = [texts[one % texts.length], texts[two % texts.length]]
    return { what: changes.map(([what]) => what).join(", "), text: changes.reduce((bent, [, apply]) => apply(bent, other), text) }
  })
}

function put(text: string, at: number, change: (unit: string) => string): string {
  if (text === "") return text
  const where = at % text.length
  return text.slice(0, where) + change(text.charAt(where)) + text.slice(where + 1)
}

function onFields(change: (fields: Fields, other: Fields) => Fields): Change {
  return (text, other) => {
    const fields = parsed(text)
    return fields ? JSON.stringify(change(fields, parsed(other) ?? {})) : text.slice(1)
  }
}

function parsed(text: string): Fields | undefined {
  try {
    return JSON.parse(text) as Fields
  } catch {
    return undefined
  }
}

type Siblings = readonly (Buffer | undefined)[]

function onSiblings(change: (siblings: Siblings) => Siblings): Change {
  return onFields((fields) => {
    const [depth, levels, packed] = [Number(fields["depth"]), fields["levels"], fields["siblings"]]
    if (!(depth > 0 && depth <= 256) || typeof levels !== "string" || typeof packed !== "string") return { ...fields, depth: 0 }
    const [bits, hashes] = [Buffer.from(levels, "base64url"), Buffer.from(packed, "base64url")]
    let used = 0
    const list = Array.from({ length: depth }, (_, at) => (((bits[at >> 3] ?? 0) >> (7 - (at & 7))) & 1 ? hashes.subarray(used, (used += 32)) : undefined))
    const next = change(list)
    const flags = Buffer.alloc((next.length + 7) >> 3)
    next.forEach((sibling, at) => sibling && (flags[at >> 3] = (flags[at >> 3] ?? 0) | (0x80 >> (at & 7))))
    const siblings = Buffer.concat(next.filter((one) => one !== undefined)).toString("base64url")
    return { ...fields, depth: next.length, levels: flags.toString("base64url"), siblings }
  })
}
