/** The flag that names witnesses, and what it comes to together with the settings. */
import { witnessId, parseWitness, type PinnedWitness } from "../../../format/witness.ts"
import type { WitnessPin } from "../../../verify/witness-tally.ts"
import type { CommandContext, Flags, OptionRow } from "../command.ts"

export const witnessOption: OptionRow = {
  flags: "--witness <key>",
  words: 'verifier key of a witness, or "KEY URL"; repeatable, beside those of the settings',
  parse: (text, before = []) => [...(before as readonly PinnedWitness[]), parseWitness(text)],
}

export function namedWitnesses(flags: Flags): readonly PinnedWitness[] {
  return (flags["witness"] as readonly PinnedWitness[] | undefined) ?? []
}

/** Those of the settings, and those of the flag, which are required to have seen the ledger. */
export function pinnedWitnesses({ witnesses }: CommandContext, flags: Flags): readonly WitnessPin[] {
  const pins = new Map(witnesses.map((text) => parseWitness(text)).map(({ key }) => [witnessId(key), { key, required: false }]))
  for (const { key } of namedWitnesses(flags)) pins.set(witnessId(key), { key, required: true })
  return [...pins.values()]
}
