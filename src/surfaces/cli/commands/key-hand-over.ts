/** sovereign-ledger key hand-over */
import { Fault } from "../../../base/fault.ts"
import { openKeys } from "../../../operations/create-key.ts"
import { handOverAlone, type HandedOver } from "../../../operations/hand-over-key.ts"
import { makeSuccessor } from "../../../vault/successor.ts"
import { buildVersion } from "../../../version.ts"
import { askWriter, type LinkOptions } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow } from "../command.ts"

export const keyHandOver: CommandRow = {
  path: "key hand-over",
  summary: "Let a new signing key take the place of the one that signs now",
  help: `For when the signing key may be known to somebody, or has signed long enough. Nothing else changes: master key, contents and every proof stay.
Both keys sign the hand-over, which is an entry of the journal; from there on the old key signs nothing, and its seed is gone from keys.json.
Who trusts the old key can go on with it: exports carry the hand-overs, and verify --offline follows them to the key that signs. Who has the new key
and an older file is given the hand-overs beside it: key status --json, for verify --offline FILE --key KEY --hand-overs STATUS.
Needs the master key. A running writer does it; where none runs, this command does.

Afterwards make a new backup (key backup): an older one holds a key that signs nothing any more.

Example:
  sovereign-ledger key hand-over --json | jq -r .handOver > hand-over.note`,
  run: async (context) => {
    const done = await handOver(context)
    await context.terminal.write(context.json ? `${JSON.stringify({ schemaVersion: 1, ...done })}\n` : words(done))
    return 0
  },
}

async function handOver(context: CommandContext): Promise<HandedOver> {
  const { keys } = openKeys(context.files, context.places)
  const link: LinkOptions = { socketPath: context.socket, role: "cli" }
  if (!(await isServed(link))) return handOverAlone(context.files, context.places, { nowMs: context.nowMs, version: buildVersion })
  return (await askWriter(link, "replace-signer", 30_000, { successor: makeSuccessor(keys) })) as HandedOver
}

/** Asked first, and by itself: whether a writer that stops answering later has done it is told by `key status`, not guessed. */
async function isServed(link: LinkOptions): Promise<boolean> {
  try {
    await askWriter(link, "status", 5_000)
    return true
  } catch (error) {
    if (error instanceof Fault && error.code === "writer.unreachable") return false
    throw error
  }
}

function words({ sequence, size, previousKey, nextKey, handOver: note }: HandedOver): string {
  return `The signing key was handed over at entry #${sequence}.
  old key  ${previousKey}
           signed up to size ${sequence}, and signs nothing any more
  new key  ${nextKey}
           signs from size ${size} on

Make a new backup of the keys: sovereign-ledger key backup FILE

Tell whoever checks your exports, statements or checkpoints: the new key, and that a checkpoint larger than ${sequence} under the old key alone is a forgery.
Who trusts the old key needs nothing else: exports and statements carry the hand-over. Witnesses and monitors that know one key must be given the new one.
Both keys signed this:

${note}`
}
