/** sovereign-ledger doctor */
import { chmodSync, existsSync, rmSync, statfsSync } from "node:fs"
import { Fault } from "../../../base/fault.ts"
import { objectOf, stringOf } from "../../../base/json.ts"
import { parseConfig } from "../../../config.ts"
import { buildVersion, codeHash } from "../../../version.ts"
import { doctorExit, examine } from "../../../views/doctor/examine.ts"
import type { Examined, Finding, HostFacts } from "../../../views/doctor/finding.ts"
import type { WatchQuestion } from "../../../views/watch.ts"
import { doctorText } from "../../render/doctor-text.ts"
import { socketPath } from "../../socket/socket-path.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { hostConfigOf, readHostConfig, readStanding } from "../host-config.ts"
import { runningWriter } from "../running-writer.ts"
import { hostCommand, hostPlugins, openclawOption } from "../set-up/openclaw.ts"
import { pluginId } from "../set-up/patch.ts"
import { settingsIn } from "../set-up/question.ts"
import { referencesTold } from "../set-up/plan.ts"
import { keyStoreExists } from "../../../vault/key-store.ts"

const sinceMs = 86_400_000

export const doctor: CommandRow = {
  path: "doctor",
  summary: "What is wrong, and the command that mends it",
  reportsFaults: true,
  options: [
    { flags: "--fix", words: "mend what can do no harm: modes of the ledger's own files, a socket that was left over, tables that are made anew anyway" },
    { flags: "--no-host", words: "do not ask the host's command, which takes seconds" },
    openclawOption,
  ],
  help: `Looks at the host (is the plugin there, loaded, of this version, with settings that do something), at the ledger's files (whose they are, who may read
them, room on the disk, what is left over), at the writer, and at what nobody looks at every day: web hooks that refuse, budgets that cannot refuse,
anchors and witnesses that went silent. Each finding has the command that mends it. Everything that watch checks is checked, too.

It changes nothing without --fix. Exit status: 0 all is well, 1 something is wrong, 2 something could not be looked at.

Examples:
  sovereign-ledger doctor
  sovereign-ledger doctor --fix
  sovereign-ledger doctor --json | jq '.findings[] | select(.state == "wrong")'`,
  run: async (context, flags) => {
    const { examined, question } = await lookAt(context, flags)
    const first = examine(examined, question).findings
    const fixed = flags["fix"] === true ? first.filter(mended) : []
    // What was mended may have kept others from being looked at.
    const findings = fixed.length === 0 ? first : examine(examined, question).findings
    if (context.json) {
      const head = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), version: buildVersion, directory: context.files.directory }
      await context.terminal.write(`${JSON.stringify({ ...head, fixed: fixed.map(shown), findings: findings.map(shown) })}\n`)
    } else await context.terminal.write(doctorText(findings, fixed, context.terminal))
    return doctorExit({ findings })
  },
}

function shown({ name, state, words, remedy }: Finding) {
  return { name, state, words, remedy }
}

function mended({ fix, state }: Finding): boolean {
  if (state !== "wrong" || fix === undefined) return false
  try {
    for (const path of fix.paths) {
      if (fix.mode === "removed") rmSync(path, { force: true })
      else chmodSync(path, fix.mode)
    }
    return true
  } catch {
    return false // it stays on the list, with the command for somebody who may
  }
}

async function lookAt(context: CommandContext, flags: Flags): Promise<{ readonly examined: Examined; readonly question: WatchQuestion }> {
  const { files, nowMs, clocks, socket } = context
  const writer = await runningWriter(socket)
  const standing = readStanding(hostConfigOf(process.env, files.directory))
  const isService = socket !== socketPath(files.directory)
  const question = { files, nowMs, clocks, sinceMs: nowMs - sinceMs, host: standing, writer, isService, except: new Set<string>() }
  const examined: Examined = {
    host: { ...(await hostFacts(context, flags)), mayReadConversations: standing instanceof Fault ? null : standing.mayReadConversations },
    ...{ files, nowMs, socket, isService, writer, version: buildVersion, code: codeHash, environment: process.env },
    uid: process.getuid?.() ?? null,
    keyFile: keyFileOf(context),
    leftBytes: existsSync(files.directory) ? leftOn(files.directory) : null,
  }
  return {
    examined,
    question: {
      ...question,
      get places() {
        return context.places
      },
    },
  }
}

function leftOn(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

/** Null where keys.json cannot be read: then nobody knows which one it is. */
function keyFileOf(context: CommandContext): string | null {
  try {
    return keyStoreExists(context.files.directory) && context.keyCommand === undefined ? context.places.keyFile : null
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

async function hostFacts({ files }: CommandContext, flags: Flags): Promise<Omit<HostFacts, "mayReadConversations">> {
  const settings = settingsOf(hostConfigOf(process.env, files.directory))
  const known = { settings, invalid: settings === null ? null : problemIn(settings) }
  if (flags["host"] === false) return { ...known, problem: null, plugin: undefined }
  try {
    const plugin = (await hostPlugins(hostCommand(flags))).find(({ id }) => id === pluginId)
    return { ...known, problem: null, plugin: plugin === undefined ? null : { version: stringOf(plugin.version) } }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { ...known, problem: error, plugin: undefined }
  }
}

function settingsOf(file: string): Readonly<Record<string, unknown>> | null {
  try {
    return objectOf(settingsIn(readHostConfig(file)))
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

function problemIn(settings: Readonly<Record<string, unknown>>): Fault | null {
  try {
    parseConfig(referencesTold(settings))
    return null
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}
