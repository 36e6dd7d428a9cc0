/**
 * Values no payload should hold and one day does, and how often to try.
 * They are made when they are used: the library looks into what it hands out, and not all of these can be looked into.
 */
import fc from "fast-check"
import { anyCharacter } from "../any-character.ts"

/** `SOAK=1` tries ten times as many. */
export function runs(count: number): { readonly numRuns: number } {
  return { numRuns: process.env["SOAK"] === "1" ? count * 10 : count }
}

const text = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 60 }),
  fc.string({ unit: fc.constantFrom("\ud800", "\udc00", "\u0000", "…", "[", "]", "more", "9", "é"), maxLength: 12 }),
  fc.nat({ max: 9000 }).map((length) => "long ".repeat(length)),
  fc.constantFrom("…[cut from 9]", "…[3 more]", "…[too deep]", "__proto__", "toJSON", "constructor"),
)

/** The large ones are made once: most of the time went into making them. Nobody may change what the host hands over. */
const bytes = Buffer.alloc(300_000, 7)
const holes = new Array<unknown>(1e6)
const boxed = new Object("x".repeat(1e6))

const odd = fc.constantFrom<() => unknown>(
  () => undefined,
  () => Symbol("s"),
  () => () => "called",
  () => 10n ** 90n,
  () => Number.NEGATIVE_INFINITY,
  () => -0,
  () => new Date(Number.NaN),
  () => bytes,
  () => new AbortController().signal,
  () => new Error("e", { cause: new Error("cause") }),
  () => new WeakMap(),
  () => Promise.resolve(1),
  () => Object.create(null),
  () => Object.freeze([Object.freeze({})]),
  () => holes,
  () => boxed,
  () =>
    Object.defineProperty({}, "bad", {
      enumerable: true,
      get: () => {
        throw new Error("no")
      },
    }),
  () => ({
    toJSON: () => {
      throw new Error("no")
    },
  }),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  () => {
    const { proxy, revoke } = Proxy.revocable([], {})
    revoke()
    return proxy
  },
  () => new Proxy([], { get: (_, key) => (key === "length" ? Number.NaN : undefined) }),
  () =>
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no")
        },
      },
    ),
  () => {
    const cycle: unknown[] = []
    cycle.push(cycle, { cycle })
    return cycle
  },
  () => Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], "deep"),
  () => JSON.parse('{"__proto__":{"a":1}}') as unknown,
)

type Make = () => unknown

/** Anything at all: the library's own zoo, and ours, inside each other. */
export const nasty: fc.Arbitrary<Make> = fc.letrec<{ value: Make }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text.map((text) => () => text),
    odd,
    fc
      .anything({
        withBigInt: true,
        withBoxedValues: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withSparseArray: true,
        withNullPrototype: true,
        withObjectString: true,
      })
      .map((value) => () => value),
    fc.array(tie("value"), { maxLength: 6 }).map((items) => () => items.map((make) => make())),
    fc.array(fc.tuple(text, tie("value")), { maxLength: 6 }).map((fields) => () => Object.fromEntries(fields.map(([key, make]) => [key, make()]))),
    fc.tuple(tie("value"), tie("value")).map(
      ([key, value]) =>
        () =>
          new Map([[key(), value()]]),
    ),
  ),
})).value
