/** sovereign-ledger uninstall */
import { existsSync } from "node:fs"
import { Fault } from "../../../base/fault.ts"
import { stringOf, type JsonObject } from "../../../base/json.ts"
import { plain } from "../../render/words.ts"
import { canAsk } from "../ask-secret.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { asker } from "../set-up/ask.ts"
import { endWriter } from "../set-up/end-writer.ts"
import { hostConfig, lookAround, writeHostConfig } from "../set-up/known.ts"
import { forgetNote } from "../set-up/note.ts"
import { hostCommand, hostSays, openclawOption, type HostCommand } from "../set-up/openclaw.ts"
import { missingOf, patchCommand, pathsOf, pluginId } from "../set-up/patch.ts"
import { deleteLedger, removalOf, removalPatch, type Removal } from "../set-up/removal.ts"

const uninstallArguments = ["plugins", "uninstall", pluginId, "--force"]

export const uninstall: CommandRow = {
  path: "uninstall",
  summary: "Take the plugin out of the host; the ledger and its key stay",
  reportsFaults: true,
  options: [
    { flags: "--yes", words: "do not ask" },
    { flags: "--dry-run", words: "change nothing: show what would go, and what stays" },
    { flags: "--delete-data <ledger id>", words: "delete the ledger, too: its id, so that no other one is meant; its key and all backups stay" },
    openclawOption,
  ],
  help: `Has the host remove the plugin (openclaw plugins uninstall), takes what setup wrote out of the host's configuration and leaves what is others', and ends the
writer in order. A list of plugins that setup made goes as a whole, if nobody changed it since. After it the host runs as before.

What was recorded stays, and so do the master key, the checkpoint beside the ledger and every backup: sovereign-ledger verify goes on to work on it.

Exit status: 0 done or nothing to do, 2 could not be done.

Examples:
  sovereign-ledger uninstall --dry-run
  sovereign-ledger uninstall --yes
  sovereign-ledger uninstall --yes --delete-data 70583a446d5c0ea3`,
  run: async (context, flags) => {
    const isDry = flags["dryRun"] === true
    if (flags["yes"] !== true && !isDry && (!canAsk() || context.json)) throw new Fault("set-up.nobody-to-ask")
    const host = hostCommand(flags)
    const removal = removalOf(await lookAround(context, flags, host))
    const doomed = doomedIn(flags, context, removal)
    if (isDry) return tell(context, removal, { doomed, isDry, ended: null })
    if (flags["yes"] !== true) await confirm(removal, doomed)
    if (removal.isInstalled) await hostSays(host, uninstallArguments)
    await takeOut(host, context.files.directory)
    const ended = await endWriter(context)
    forgetNote(context.files.directory)
    if (doomed !== null) deleteLedger(context)
    return tell(context, removal, { doomed, isDry, ended })
  },
}

/** @throws {Fault} `uninstall.wrong-ledger` */
function doomedIn(flags: Flags, { files }: CommandContext, { storeId }: Removal): string | null {
  const given = stringOf(flags["deleteData"])
  if (given === undefined) return null
  if (given !== storeId) throw new Fault("uninstall.wrong-ledger", { directory: files.directory, id: storeId ?? "not there", given })
  return given
}

async function confirm({ isInstalled, patch, staying }: Removal, doomed: string | null): Promise<void> {
  asker.begin("Sovereign Ledger: uninstall")
  const going = [
    ...(isInstalled ? ["the plugin"] : []),
    ...(patch === undefined ? [] : pathsOf(patch)),
    ...(doomed === null ? [] : [`ledger ${doomed}, for ever`]),
  ]
  asker.tell("What goes", going.length === 0 ? "nothing: the host does not know the plugin" : going.join("\n"))
  if (doomed === null) asker.tell("What stays", staying.map(({ what, path }) => `${what}: ${path}`).join("\n") || "nothing")
  const isMeant = doomed === null ? await asker.yes("Go on?", false) : (await asker.text(`Type ${doomed} to delete the ledger`, "")) === doomed
  if (!isMeant) throw new Fault("set-up.cancelled")
}

/** What the host leaves of a plugin that it removed, and what setup wrote beside it. */
async function takeOut(host: HostCommand, directory: string): Promise<void> {
  const config = await hostConfig(host)
  const patch = missingOf(config, removalPatch(directory, config))
  if (patch === undefined) return
  await writeHostConfig(host, patch)
  const rest = missingOf(await hostConfig(host), patch)
  if (rest !== undefined) throw new Fault("host.not-written", { what: `${pathsOf(rest).join(", ")} is still there` })
}

type Ended = { readonly doomed: string | null; readonly isDry: boolean; readonly ended: number | null }

async function tell({ terminal, json, nowMs, files }: CommandContext, removal: Removal, { doomed, isDry, ended }: Ended): Promise<number> {
  const { isInstalled, patch, staying, storeId } = removal
  const gone = doomed === null ? [] : [files.directory, files.headNote]
  const rest = !isDry && doomed !== null && existsSync(files.directory) ? [{ what: "what else is there", path: files.directory }] : []
  const stays = [...staying.filter(({ path }) => !gone.includes(path)), ...rest]
  const commands = commandsOf(isInstalled, patch)
  if (json) {
    const head = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), dryRun: isDry, uninstalled: isInstalled, changes: pathsOf(patch ?? {}) }
    await terminal.write(`${JSON.stringify({ ...head, commands, writerEnded: ended, deleted: doomed, storeId, staying: stays })}\n`)
    return 0
  }
  const kept = stays.map(({ what, path }) => `  ${what.padEnd(20)} ${plain(path)}`)
  const done =
    isInstalled || patch !== undefined
      ? "The plugin and what setup wrote for it are out of the host."
      : "The host does not know the plugin; nothing was to be taken out."
  const lines = isDry
    ? ["Nothing was changed. It would be done by:", "", ...commands, ...(doomed === null ? [] : ["", `and ledger ${doomed} would be deleted, for ever`])]
    : [done, ...(ended === null ? [] : [`The writer (pid ${ended}) ended in order.`]), ...(doomed === null ? [] : [`Ledger ${doomed} was deleted.`])]
  const end =
    kept.length === 0 ? ["", "Nothing stays."] : ["", isDry ? "What would stay, and every backup you made:" : "What stays, and every backup you made:", ...kept]
  await terminal.write(`${[...lines, ...end].join("\n")}\n`)
  return 0
}

function commandsOf(isInstalled: boolean, patch: JsonObject | undefined): readonly string[] {
  return [...(isInstalled ? [`openclaw ${uninstallArguments.join(" ")}`] : []), ...(patch === undefined ? [] : [patchCommand(patch)])]
}
