/** Twenty thousand changes of evidence, judged by the one-file verifier as it is built and by the sources under Node. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { goodEvidence } from "../verify/one-file/built.ts"
import { mutate, type Mutations } from "../verify/one-file/mutations.ts"

const cases = 20_000
const atOnce = 1_000

export const about = `${cases} changes of receipts, bundles, proofs, cap proofs and exports: one verdict of both verifiers, none called good that says something else`

export async function run({ args, say }: RunOptions): Promise<readonly Mutations[]> {
  const endings: (() => void)[] = []
  try {
    const evidence = await goodEvidence({ after: (end) => void endings.push(end) }, 3)
    const seed = Number(args[1] ?? Date.now() % 1_000_000)
    const done: Mutations[] = []
    for (let n = 0; n * atOnce < Number(args[0] ?? cases); n++) {
      done.push(await mutate(evidence, { cases: atOnce, seed: seed + n }))
      say(`${(n + 1) * atOnce}, seed ${seed + n}: ${JSON.stringify(done.at(-1)?.verdicts)}, ${done.at(-1)?.stillGood} still good`)
    }
    return done
  } finally {
    for (const end of endings.reverse()) end()
  }
}
