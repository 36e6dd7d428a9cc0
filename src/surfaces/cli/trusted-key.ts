/** The key by which a file of a stranger is checked. */
import { parseVerifierKey } from "../../format/checkpoint.ts"
import { keyStoreExists, readKeyStore } from "../../vault/key-store.ts"
import type { Trusted } from "../../verify/key-chain.ts"
import type { CommandContext, Flags, OptionRow } from "./command.ts"
import { toldHandOvers } from "./told-hand-overs.ts"

/** @param words how its words begin: when it is to be given. */
export function keyOption(words: string): OptionRow {
  return {
    flags: "--key <verifier key>",
    words: `${words} the operator gave you (name+hash+key), the newest or an older one; without it the key of the ledger in --data-dir, if there is one`,
    parse: (text) => parseVerifierKey(text) && text,
  }
}

export const handOversOption: OptionRow = {
  flags: "--hand-overs <file>",
  words: "with --key: hand-overs of the ledger, as key status --json tells them; for a file of a time before the key",
}

/** The key that was given, or that of the ledger at hand; and the hand-overs that were told beside it, or those of that ledger. */
export function trustedKey(context: CommandContext, flags: Flags): Trusted {
  const ours = keyStoreExists(context.files.directory) ? readKeyStore(context.files.directory) : undefined
  const text = (flags["key"] as string | undefined) ?? ours?.verifierKey
  const handOvers = flags["handOvers"] === undefined ? ours?.handOvers : toldHandOvers(flags["handOvers"] as string)
  return { key: text === undefined ? undefined : parseVerifierKey(text), handOvers }
}
