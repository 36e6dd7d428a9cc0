/** A signed checkpoint of a ledger, with what witnesses have put below it (https://c2sp.org/tlog-checkpoint). */
import { parseSignedCheckpoint, verifierKeyText, type SignedCheckpoint } from "../../format/checkpoint.ts"
import { wholeOf } from "../byte-source.ts"
import { toldChain } from "../key-chain.ts"
import { noteChecker } from "../signature.ts"
import { WitnessTally } from "../witness-tally.ts"
import { counted, keyIsYours, witnessDetails, type EvidenceKind, type EvidenceVerdict } from "./evidence.ts"
import { noKey, noWitness } from "./ledger-keys.ts"
import { trustedFor, type Pins } from "./pins.ts"
import { tooLarge, unreadable } from "./unknown.ts"
import { tallyNote } from "./witness-lines.ts"

const mostBytes = 1 << 20
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

export const checkpoint: EvidenceKind = {
  isOne: ({ begin }) => /^[^\n{}]{1,1000}\n\d{1,20}\n[A-Za-z0-9+/]+={0,2}\n/.test(begin),
  examine: (source, pins) => {
    const bytes = wholeOf(source, mostBytes)
    if (!bytes) return tooLarge(mostBytes)
    const note = utf8.decode(bytes)
    const parsed = parseSignedCheckpoint(note)
    if (!parsed) return { ...unreadable("it is not a well-formed signed checkpoint"), verdict: "invalid" }
    const { origin, size, root } = parsed
    const tally = new WitnessTally(pins.witnesses)
    const signed = signatureOn(note, parsed, pins)
    const problems = [...(signed.why === undefined ? [] : [signed.why]), ...tallyNote(parsed, tally)]
    const isTrusted = signed.key !== undefined
    const verdict: EvidenceVerdict = problems.length > 0 ? "invalid" : isTrusted && !tally.lacksRequired ? "valid" : "unverifiable"
    return {
      kind: "a signed checkpoint of a ledger",
      verdict,
      says:
        verdict === "valid"
          ? `The ledger signed that it has ${counted(size, "entry", "entries")}, and this is the hash of all of them.`
          : verdict === "invalid"
            ? "This is not a checkpoint that the ledger signed."
            : isTrusted
              ? noWitness
              : noKey,
      checked: ["the signature of the ledger over origin, size and root", "cosignatures of witnesses, by their pinned keys"],
      keys: signed.key === undefined ? [] : [{ key: signed.key, isPinned: true, signed: "the checkpoint" }],
      problems,
      details: [
        { name: "ledger", value: origin },
        { name: "entries", value: size.toLocaleString("en") },
        { name: "root", value: root.toString("base64") },
        ...witnessDetails(tally.rows),
      ],
      contents: [],
      notes: [],
      notProven: [
        "What the entries are: an export or a proof tells, and can be held against this root.",
        "That the ledger showed everybody the same: witnesses that cosigned it say so.",
        keyIsYours,
      ],
    }
  },
}

function signatureOn(note: string, { origin }: SignedCheckpoint, pins: Pins): { readonly key?: string; readonly why?: string } {
  const { key, handOvers = [] } = trustedFor(pins, [], origin)
  if (!key) return {}
  const own = pins.ledgers.filter(({ name }) => name === origin)
  const good = own.find((one) => noteChecker(one)(note).ok)
  if (good && handOvers.length === 0) return { key: verifierKeyText(good.name, good.publicKey) }
  const judge = (handOvers.length === 0 ? undefined : toldChain(key, handOvers)) ?? { check: noteChecker(key) }
  const checked = judge.check(note)
  const text = verifierKeyText(key.name, key.publicKey)
  return checked.ok ? { key: text } : { key: text, why: checked.why }
}
