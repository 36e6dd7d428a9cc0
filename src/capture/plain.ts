/**
 * The quick way to JSON: one cheap walk proves that a value is plain data within a bound, so that the engine's own JSON.stringify neither
 * throws, nor calls somebody's code, nor writes more than a small multiple of the bound. Texts that are not well-formed show in what it wrote:
 * asking each text and key of a value with many costs a third of writing it.
 */

/** Objects inside objects: enough for any tool's result, far below what the engine's stack can take. */
export const maxDepth = 64

/** The value as JSON; `too-large` when it is more than the bound, `not-plain` when only a walk can tell. */
export function plainJson(value: unknown, boundBytes: number, depth = 0): { readonly text: string } | "too-large" | "not-plain" {
  const left = provePlain(value, boundBytes, depth)
  if (left < 0) return left === notPlain ? "not-plain" : "too-large"
  const text = JSON.stringify(value) ?? "null"
  if (text.includes(surrogateStart) && loneSurrogate.test(text)) return "not-plain"
  return text.length * 3 <= boundBytes || Buffer.byteLength(text) <= boundBytes ? { text } : "too-large"
}

/** How JSON.stringify writes half of a pair, and nothing else, unless an even number of backslashes before it says that it is a text about one. */
const surrogateStart = String.raw`\ud`
const loneSurrogate = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/

const notPlain = Number.NEGATIVE_INFINITY

/** What is left of the bound at best, negative when the value cannot fit. */
function provePlain(value: unknown, boundLeft: number, depth: number): number {
  switch (typeof value) {
    case "string":
      // The length alone: a text that is too long is not looked at.
      return boundLeft - value.length - 2
    case "object":
      return value === null ? boundLeft - 4 : provePlainObject(value, boundLeft, depth)
    case "bigint":
      return notPlain
    default:
      return boundLeft - 1
  }
}

function provePlainObject(value: object, boundLeft: number, depth: number): number {
  if (depth >= maxDepth || "toJSON" in value) return notPlain
  let left = boundLeft - 2
  if (Array.isArray(value)) {
    if (value.length > left) return -1
    for (let index = 0; index < value.length && left >= 0; index++) left = provePlain(value[index], left, depth + 1)
    return left
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return notPlain
  const members = value as Readonly<Record<string, unknown>>
  for (const key in members) {
    left -= key.length + 3
    if (left < 0) return left
    left = provePlain(members[key], left, depth + 1)
    if (left < 0) return left
  }
  return left
}
