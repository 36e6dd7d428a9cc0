/** Random trees and bent proofs in the hands of four verifiers: see test/spec/proof-agreement.ts and test/spec/sigstore.ts. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { bentNotes, bentProofs } from "../spec/bent-proofs.ts"
import { agreeOnNotes, agreeOnProofs, agreeOnTrees } from "../spec/proof-agreement.ts"
import { goodProofs } from "../spec/proof-cases.ts"
import { sigstoreAgreesOnBits, sigstoreAgreesOnProofs, sigstoreAgreesOnTrees } from "../spec/sigstore.ts"

const count = 10_000

export const about = `our verifier, the page's, the one in Python and Sigstore's on ${count.toLocaleString("en")} random trees and as many bent proofs and notes: [SEED]`

export async function run({ args, say }: RunOptions): Promise<object> {
  const seed = Number(args[0] ?? Math.floor(Math.random() * 2 ** 31))
  say(`seed ${seed}`)
  const ends: (() => void)[] = []
  const { keys, proofs, notes } = goodProofs({ after: (end) => ends.push(end) }, { handOvers: 2 })
  const [key = ""] = keys
  try {
    agreeOnTrees(count, seed)
    say(`${count} trees, each with about fourteen paths`)
    const stillValid = await agreeOnProofs(bentProofs(proofs, keys, count, seed))
    say(`${count} proofs; ${stillValid} are valid as they are, and all three say so`)
    const stillGood = agreeOnNotes(bentNotes(notes, [key], count, seed).map((one) => ({ ...one, key })))
    say(`${count} notes; ${stillGood} are good as they are`)
    const changed = sigstoreAgreesOnTrees(count, seed)
    const plain = goodProofs({ after: (end) => ends.push(end) }, { handOvers: 0 })
    const [plainKey = ""] = plain.keys
    const included = sigstoreAgreesOnProofs(
      bentProofs(plain.proofs, plain.keys, count, seed).map(({ text }) => text),
      plainKey,
    )
    const bits = plain.notes.reduce((sum, note) => sum + sigstoreAgreesOnBits(note, plainKey), 0)
    say(
      `the client of Sigstore's log: ${count} trees, ${changed} changed paths, ${count} bent proofs (${included} still lead to a root), ${bits} bits of notes`,
    )
    return { seed, trees: count, proofs: count, notes: count, stillValid, stillGood }
  } finally {
    for (const end of ends.reverse()) end()
  }
}
