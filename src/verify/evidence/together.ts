/**
 * Bundles of one ledger that are given together. Each is good by itself; where two have the same numbers they have the same receipts, or the issuer signed two things
 * of one number, and neither can be relied on.
 */
import type { Numbered } from "../peac/completeness-check.ts"
import { counted, type Finding } from "./evidence.ts"

export type Given = { readonly file: string; readonly finding: Finding }

const mostTold = 20

/** The findings in their order, less good by what the others say. Of what nothing is to be said it is the same object. */
export function heldTogether(all: readonly Given[]): readonly Finding[] {
  return all.map((one, at) => {
    const others = all.filter((_, other) => other !== at)
    const seen = others.flatMap((other) => compared(one.finding.numbered, other) ?? [])
    const problems = seen.flatMap(({ problem }) => problem ?? []).slice(0, mostTold)
    const notes = seen.flatMap(({ note }) => note ?? []).slice(0, mostTold)
    if (problems.length === 0 && notes.length === 0) return one.finding
    const { finding } = one
    const told = { ...finding, problems: [...finding.problems, ...problems], notes: [...finding.notes, ...notes] }
    return problems.length === 0
      ? told
      : { ...told, verdict: "invalid", says: "This bundle and another one that was given have different receipts of one number." }
  })
}

function compared(own: Numbered | undefined, { file, finding: { numbered } }: Given): { readonly problem?: string; readonly note?: string } | undefined {
  if (!own || numbered?.log !== own.log || numbered.last < own.first || own.last < numbered.first) return undefined
  const common = [...own.hashes].filter(([number]) => numbered.hashes.has(number))
  const [first, last] = [common.at(0)?.[0], common.at(-1)?.[0]]
  if (first === undefined) return undefined
  const other = common.find(([number, hash]) => numbered.hashes.get(number) !== hash)
  if (other) return { problem: `receipt ${other[0]} of ${own.log} is another one in ${file}` }
  return { note: `${counted(common.length, "receipt")} of it, from number ${first} to ${last}, ${common.length === 1 ? "is" : "are"} in ${file}, too.` }
}
