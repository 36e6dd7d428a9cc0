/** Random trees and bent proofs in the hands of three verifiers: see test/spec/proof-agreement.ts. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { bentNotes, bentProofs } from "../spec/bent-proofs.ts"
import { agreeOnNotes, agreeOnProofs, agreeOnTrees } from "../spec/proof-agreement.ts"
import { goodProofs } from "../spec/proof-cases.ts"

const count = 10_000

export const about = `our verifier, the page's and the one in Python on ${count.toLocaleString("en")} random trees and as many bent proofs and notes: [SEED]`

export async function run({ args, say }: RunOptions): Promise<object> {
  const seed = Number(args[0] ?? Math.floor(Math.random() * 2 ** 31))
  say(`seed ${seed}`)
  const ends: (() => void)[] = []
  const { key, proofs, notes } = goodProofs({ after: (end) => ends.push(end) })
  try {
    agreeOnTrees(count, seed)
    say(`${count} trees, each with about fourteen paths`)
    const stillValid = await agreeOnProofs(bentProofs(proofs, key, count, seed))
    say(`${count} proofs; ${stillValid} are valid as they are, and all three say so`)
    const stillGood = agreeOnNotes(bentNotes(notes, key, count, seed).map((one) => ({ ...one, key })))
    say(`${count} notes; ${stillGood} are good as they are`)
    return { seed, trees: count, proofs: count, notes: count, stillValid, stillGood }
  } finally {
    for (const end of ends.reverse()) end()
  }
}
