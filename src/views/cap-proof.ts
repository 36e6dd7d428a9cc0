/**
 * A cap proof of one period of a budget (docs/spec/cap-proof.md), written in one pass over its part of the journal: what was written is forgotten. Whoever
 * verifies counts by the same rules, so what would not verify is a fault here.
 */
import { Fault } from "../base/fault.ts"
import { capEndText, capEntryText, capHeadText, capStatementLine, isShown, type CapHead, type CapResult } from "../format/cap-proof.ts"
import { consistencyProof } from "../format/consistency.ts"
import { peaksOf, rangeRoot } from "../format/merkle.ts"
import { factsOf } from "../journal/reader.ts"
import { CapTally } from "../verify/cap-tally.ts"
import { capRange, type CapQuestion } from "./cap-range.ts"
import { cosignedUpTo } from "./export.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { signedHead } from "./signed-head.ts"

export type WrittenCapProof = { readonly head: CapHead; readonly result: CapResult; readonly entries: number; readonly size: number }

const linesAtOnce = 256

/**
 * Hands the file over in pieces, in order, and answers what it says.
 * @throws {Fault} `cli.usage` where there is no such period; `store.damaged` where the journal contradicts itself.
 */
export async function writeCapProof(
  access: LedgerAccess,
  question: CapQuestion & { readonly generatedAt: string },
  write: (text: string) => Promise<void>,
): Promise<WrittenCapProof> {
  const { size, signer, chain } = signedHead(access)
  const { reader } = access
  const range = capRange(reader, size, question)
  const subtrees = reader.subtrees(size)
  const tree = { origin: chain.origin, size, root: rangeRoot(subtrees, 0, size) }
  const handOvers = chain.notes.length === 0 ? {} : { handOvers: chain.notes }
  const more = { ...handOvers, ...cosignedUpTo(access, size, subtrees) }
  const head: CapHead = { ...range, before: peaksOf(subtrees, range.first), checkpoint: signer.note(tree), verifierKey: signer.verifierKey, ...more }
  await write(`${capHeadText(head)}\n`)
  const tally = new CapTally(range, (sequence, what) => {
    throw new Fault("store.damaged", { file: access.files.journal, problem: `entry #${sequence}: ${what}` })
  })
  let entries = 0
  let lines: string[] = []
  for (const entry of reader.entries(range.first, size - 1)) {
    const { sequence, headerBytes, header, saltedFacts } = entry
    const told = isShown(header.type) ? saltedFacts : undefined
    lines.push(`${capEntryText(headerBytes, told)}\n`)
    tally.take(sequence, header.type, told && factsOf(entry))
    entries++
    if (lines.length === linesAtOnce) {
      await write(lines.join(""))
      lines = []
      question.onProgress?.(sequence, size)
    }
    if (tally.isOver) break
  }
  const { result } = tally
  const statement = signer.note({ ...tree, origin: capStatementLine(question.generatedAt, head, tree.origin, result) })
  const after = consistencyProof(subtrees, result.last + 1, size)
  await write(`${lines.join("")}${capEndText({ entries, after, statement })}\n`)
  return { head, result, entries, size }
}
