/** Files that are no evidence of a kind that is known, in words that help on. Nothing is ever unpacked: what expands cannot fill memory. */
import type { Finding, Look } from "./evidence.ts"

/** How files begin that hold others, as latin1. */
const packed: readonly (readonly [string, string])[] = [
  ["\u001f\u008b", "gzip"],
  ["\u0028\u00b5\u002f\u00fd", "zstd"],
  ["\u00fd7zXZ", "xz"],
  ["BZh", "bzip2"],
]

export function unknown({ begin, end }: Look): Finding {
  const by = packed.find(([magic]) => begin.startsWith(magic))?.[1]
  if (by !== undefined) return nothingOf(`It is compressed (${by}). Unpack it, and give the file that was in it.`)
  if (/^\s*\{/.test(begin) && /"(?:keys|kty)"\s*:/.test(begin))
    return nothingOf("It is a file of keys, not evidence. If you got it by another way than the evidence, pin it.")
  if (begin.startsWith("sovereign-ledger/hand-over/"))
    return nothingOf("It is a hand-over of a ledger's signing key, which is checked inside the files that need it.")
  if (begin === "" && end === "") return nothingOf("It is empty.")
  return nothingOf("It is none of the kinds of evidence that this verifier knows.")
}

export function tooLarge(mostBytes: number): Finding {
  return nothingOf(`It is larger than ${mostBytes} bytes, and none of its kind is.`)
}

/** Of a file that could not be read to its end. */
export function unreadable(problem: string): Finding {
  return nothingOf(`It could not be checked to its end: ${problem}.`)
}

function nothingOf(says: string): Finding {
  return {
    kind: "no evidence that is known",
    verdict: "unverifiable",
    says,
    checked: [],
    keys: [],
    problems: [],
    details: [],
    contents: [],
    notes: [],
    notProven: ["Anything: nothing was checked."],
  }
}
