/** Cosignatures that were met, counted by witness: those of pinned witnesses are checked, of others it is only known that they say so. */
import type { VerifierKey } from "../format/checkpoint.ts"
import { parseCosignature } from "../format/cosignature.ts"
import { witnessId } from "../format/witness.ts"
import { cosignatureChecker } from "./cosignature.ts"
import type { WitnessSeen } from "./verdict.ts"

export type WitnessPin = {
  readonly key: VerifierKey
  /** Nothing is called valid that this witness has not seen. */
  readonly required: boolean
}

type Seen = { readonly pinned: boolean; cosignatures: number; upTo: number; timeS: number | null }

export class WitnessTally {
  readonly #checks: ReadonlyMap<string, ReturnType<typeof cosignatureChecker>>
  readonly #required: readonly string[]
  readonly #seen: Map<string, Seen>

  constructor(pins: readonly WitnessPin[]) {
    this.#checks = new Map(pins.map(({ key }) => [witnessId(key), cosignatureChecker(key)]))
    this.#required = pins.filter(({ required }) => required).map(({ key }) => witnessId(key))
    this.#seen = new Map([...this.#checks.keys()].map((id) => [id, { pinned: true, cosignatures: 0, upTo: 0, timeS: null }]))
  }

  /** Counts a line that is said to be by this witness on a checkpoint, or answers what is wrong with it. */
  take(witness: string, line: string, checkpoint: { readonly size: number; readonly text: string }): string | undefined {
    const parsed = parseCosignature(line)
    if (!parsed || witnessId(parsed) !== witness) return "is not one"
    const checked = this.#checks.get(witness)?.(line, checkpoint.text)
    if (checked?.ok === false) return `cannot be trusted: ${checked.why}`
    const one = this.#seen.get(witness) ?? { pinned: false, cosignatures: 0, upTo: 0, timeS: null }
    one.cosignatures++
    if (checkpoint.size >= one.upTo) Object.assign(one, { upTo: checkpoint.size, timeS: parsed.timeS })
    this.#seen.set(witness, one)
    return undefined
  }

  /** What each witness has seen; pinned witnesses that have seen nothing are there with 0. */
  get rows(): readonly WitnessSeen[] {
    return [...this.#seen].map(([witness, { pinned, cosignatures, upTo, timeS }]) => ({
      witness,
      cosignatures,
      upTo,
      at: timeS === null ? null : new Date(timeS * 1000).toISOString(),
      checked: pinned,
    }))
  }

  /** Somebody asked for the word of a witness, and there is none. */
  get lacksRequired(): boolean {
    return this.#required.some((witness) => this.#seen.get(witness)?.cosignatures === 0)
  }
}
