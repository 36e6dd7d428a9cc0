/** sovereign-ledger vault rotate */
import { resolve } from "node:path"
import { Fault } from "../../../base/fault.ts"
import type { MasterStepLine } from "../../../operations/replace-master.ts"
import { cancelRotation, rotateMaster, type Rotated } from "../../../operations/rotate-master.ts"
import { readKeyFile } from "../../../vault/master-key.ts"
import { askWriter, ensureWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { askerOf, credentialOption, linkOf, unlessRefused } from "../ledger-order.ts"

const answerWithinMs = 15_000

export const vaultRotate: CommandRow = {
  path: "vault rotate",
  summary: "Let a new master key take the place of the one that opens the ledger",
  options: [
    { flags: "--new-key-file <file>", words: "a file with the new key or passphrase (default: a random key)" },
    { flags: "--cancel", words: "give up a rotation that has begun" },
    credentialOption,
  ],
  help: `Three small keys in keys.json are wrapped under the new master key; no data page is touched, so it takes the same moment at any size, beside a
running gateway. The entry master.replaced says when. The key file is replaced in one step.

A key that comes from a key command, the host's secret store or the environment cannot be replaced by a command of ours: give the new one by
--new-key-file. From then on both open the ledger, until the new one stands where it is looked for and the command is run once more.

Cut off anywhere, it loses nothing: run it again, and it goes on. The old key opens nothing that is written from here on, but still opens copies of
keys.json from before: make new backups and destroy the old ones. If somebody may have both the old key and such a copy, his copy of the data keys stays
good until they are replaced too.

Examples:
  sovereign-ledger vault rotate
  sovereign-ledger vault rotate --new-key-file new.key
  sovereign-ledger vault rotate --cancel`,
  run: async (context, flags) => {
    const done = await rotate(context, flags)
    await context.terminal.write(context.json ? `${JSON.stringify({ schemaVersion: 1, ...done })}\n` : words(done))
    return 0
  },
}

async function rotate(context: CommandContext, flags: Flags): Promise<Rotated> {
  const { files, places } = context
  const newKey = newKeyIn(flags)
  const asker = await askerOf(flags)
  const link = linkOf(context)
  let isServed = false
  const ask = async (line: MasterStepLine) => {
    // Only here: nothing is started for what is refused before anything changes.
    if (!isServed) await ensureWriter(link)
    isServed = true
    return unlessRefused(await askWriter(link, "replace-master", answerWithinMs, { ...line, ...asker }))
  }
  return flags["cancel"] === true ? cancelRotation(files, places, { ask }) : rotateMaster(files, places, { ask, newKey })
}

function newKeyIn(flags: Flags): { readonly text: string; readonly where: string } | undefined {
  const file = flags["newKeyFile"] as string | undefined
  if (file === undefined) return undefined
  if (flags["cancel"] === true) throw new Fault("cli.usage", { problem: "--cancel takes no new key." })
  const where = resolve(file)
  const text = readKeyFile(where)
  if (text === undefined) throw new Fault("store.unreadable", { file: where, problem: "it is not there" })
  return { text, where }
}

function words({ state, source, where, previousFingerprint, fingerprint }: Rotated): string {
  const keys = (before: string, after: string) => `  ${before.padEnd(12)}${previousFingerprint}\n  ${after.padEnd(12)}${fingerprint}   ${source} (${where})\n`
  switch (state) {
    case "rotated":
    case "completed":
      return `${state === "rotated" ? "A new master key opens the ledger." : "The rotation that had begun is complete: the new master key opens the ledger."}
${keys("old key", "new key")}
The old one opens it no more, but still opens copies of keys.json from before. Make new backups, and destroy the old ones:
  sovereign-ledger key backup FILE
  sovereign-ledger backup create --to DIRECTORY
`
    case "waiting":
      return `Two master keys open the ledger now.
  old key     ${previousFingerprint}   ${source} (${where})
  new key     ${fingerprint}

Put the new one where the old one stands (${where}), and then complete the rotation:
  sovereign-ledger vault rotate
`
    case "given up":
      return `The rotation was given up; one master key opens the ledger.
  given up    ${previousFingerprint}
  stays       ${fingerprint}   ${source} (${where})
`
  }
}
