/** sovereign-ledger setup */
import { Fault } from "../../../base/fault.ts"
import { canonicalJson, type JsonObject } from "../../../base/json.ts"
import { createKey } from "../../../operations/create-key.ts"
import { buildVersion } from "../../../version.ts"
import { isKeyCommand } from "../../../vault/key-command.ts"
import { statusExit } from "../../../views/status.ts"
import { planText } from "../../render/setup-text.ts"
import { statusText } from "../../render/status-text.ts"
import { canAsk } from "../ask-secret.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { locateLedger, secretPlacesOf } from "../places.ts"
import { addNote, noteOf } from "../set-up/note.ts"
import { asker } from "../set-up/ask.ts"
import { hostConfig, lookAround, tryHostConfig, writeHostConfig } from "../set-up/known.ts"
import { hostCommand, openclawOption, type HostCommand } from "../set-up/openclaw.ts"
import { masked, missingOf, patchCommand, pathsOf, pluginId } from "../set-up/patch.ts"
import { changesOf, planOf, type Plan } from "../set-up/plan.ts"
import { questions } from "../set-up/question-list.ts"
import { pluginsIn, settingsIn, type Answer, type Known } from "../set-up/question.ts"
import { tryWebhook, type Tried } from "../set-up/test-message.ts"
import { statusNow } from "../../questions/status.ts"
import { askedOf } from "../question-command.ts"

export const setup: CommandRow = {
  path: "setup",
  summary: "Set everything up: the host's permissions, the key, what is kept, who is told, what may be spent",
  reportsFaults: true,
  options: [
    { flags: "--yes", words: "ask nothing: what no flag answers is answered as usual, or left as it is" },
    { flags: "--dry-run", words: "write nothing: show what would be written, and the command that would write it" },
    ...questions.flatMap(({ options }) => options),
    openclawOption,
  ],
  help: `Asks what has to be decided, shows it, and writes it through the host's own command (openclaw config patch), in one write that the host checks. What
stands in the host's configuration stays there: the plugin is added to plugins.allow, and where there was no such list, all that the host loads now is in it.
Run it again whenever something is to be different: what is answered already is what it proposes, and what is there already is not written again.

The URL of a web hook is a secret: without --webhook-env it stands in the host's configuration, and on a command line other users may see it.
docs/guides/setup.md says more.

Exit status: 0 done or nothing to do, 1 the web hook did not take its test message or status finds something, 2 could not be done.

Examples:
  sovereign-ledger setup
  sovereign-ledger setup --yes
  sovereign-ledger setup --yes --budget 5usd --retention-days 365 --webhook-env ALERTS_URL
  sovereign-ledger setup --yes --conversations skip --dry-run`,
  run: async (context, flags) => {
    const isAsking = flags["yes"] !== true && flags["dryRun"] !== true
    if (isAsking && (!canAsk() || context.json)) throw new Fault("set-up.nobody-to-ask")
    const host = hostCommand(flags)
    const known = await lookAround(context, flags, host)
    if (!known.plugins.some(({ id }) => id === pluginId)) throw new Fault("set-up.not-installed")
    const plan = planOf(known, await answersOf(known, isAsking))
    if (flags["dryRun"] === true) return rehearse(context, host, plan)
    const isNothing = plan.patch === undefined && !plan.createKey
    if (isAsking) await confirm(plan, isNothing, context)
    else if (!context.json) context.terminal.note(planText(plan, context.terminal))
    const tried = await tryMessage(known, plan, isAsking)
    const made = plan.createKey ? makeKey(context, plan) : undefined
    if (plan.patch !== undefined) await write(host, plan.patch, known)
    return report(context, flags, { plan, tried, made })
  },
}

async function answersOf(known: Known, isAsking: boolean): Promise<ReadonlyMap<string, Answer>> {
  if (isAsking) asker.begin(`Sovereign Ledger ${buildVersion}`)
  const answers = new Map<string, Answer>()
  for (const question of questions) {
    const told = question.told(known)
    const answer = told ?? (isAsking ? await question.ask?.(asker, known) : question.usual?.(known))
    if (answer !== undefined) answers.set(question.name, answer)
  }
  return answers
}

async function confirm(plan: Plan, isNothing: boolean, { terminal }: CommandContext): Promise<void> {
  asker.tell(isNothing ? "It is set up already" : "What will be (+ is new)", planText(plan, terminal))
  if (!isNothing && !(await asker.yes("Write it?"))) throw new Fault("set-up.cancelled")
}

/** What would be, and the commands that would do it. */
async function rehearse({ terminal, json, nowMs }: CommandContext, host: HostCommand, plan: Plan): Promise<number> {
  if (plan.patch !== undefined) await tryHostConfig(host, plan.patch)
  const commands = [...(plan.createKey ? ["sovereign-ledger key create"] : []), ...(plan.patch === undefined ? [] : [patchCommand(plan.patch)])]
  if (json) {
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), dryRun: true, ...shownPlan(plan), commands }
    await terminal.write(`${JSON.stringify(body)}\n`)
    return 0
  }
  const end = commands.length === 0 ? "Nothing is to be done." : `Nothing was written; the host would take it. It would be done by:\n\n${commands.join("\n")}`
  await terminal.write(`${planText(plan, terminal)}\n\n${end}\n`)
  return 0
}

function shownPlan(plan: Plan) {
  const { patch, createKey, rows, warnings } = plan
  return { changes: changesOf(plan), patch: patch === undefined ? null : masked(patch), createKey, answers: rows, warnings }
}

async function tryMessage({ flags, context }: Known, { patch, config }: Plan, isAsking: boolean): Promise<Tried | undefined> {
  const isNew = patch !== undefined && pathsOf(patch).some((path) => path.includes(".notificationWebhook"))
  const told = flags["webhookTest"]
  if (told === "skip" || (told === undefined && !isNew) || settingsIn(config)["notificationWebhook"] === undefined) return undefined
  if (isAsking && told === undefined && !(await asker.yes("Send the web hook a test message first?"))) return undefined
  const tried = await tryWebhook(settingsIn(config), process.env, context.nowMs)
  if (isAsking && tried) {
    asker.say(`${tried.receiver}: ${tried.words}`)
    if (!tried.took && !(await asker.yes("Write it all the same?", false))) throw new Fault("set-up.cancelled")
  }
  return tried
}

type Made = { readonly storeId: string; readonly verifierKey: string; readonly where: string }

function makeKey(context: CommandContext, { config }: Plan): Made {
  const { keyCommand: named } = settingsIn(config)
  const keyCommand = isKeyCommand(named) ? named : context.keyCommand
  const { keys, where } = createKey(context.files, context.keyFileFor, { nowMs: context.nowMs, version: buildVersion, keyCommand })
  return { storeId: keys.store.storeId, verifierKey: keys.store.verifierKey, where }
}

/** What the host took is looked for in what it wrote: a list that somebody changed at the same moment is not silently lost. */
async function write(host: HostCommand, patch: JsonObject, { config, context }: Known): Promise<void> {
  const before = await hostConfig(host)
  if (canonicalJson(pluginsIn(before)) !== canonicalJson(pluginsIn(config))) {
    throw new Fault("host.not-written", { what: "its part about plugins changed meanwhile, and nothing was written" })
  }
  await writeHostConfig(host, patch)
  const rest = missingOf(await hostConfig(host), patch)
  if (rest !== undefined) throw new Fault("host.not-written", { what: `${pathsOf(rest).join(", ")} is not what it should be` })
  addNote(context.files.directory, noteOf(config, patch))
}

type Done = { readonly plan: Plan; readonly tried: Tried | undefined; readonly made: Made | undefined }

/** Ends with `status`, of the ledger as the new settings place it. */
async function report(context: CommandContext, flags: Flags, { plan, tried, made }: Done): Promise<number> {
  const { terminal, json } = context
  const after = contextAfter(context, flags)
  const status = await statusNow(askedOf(after).asked)
  const exit = tried?.took === false ? 1 : statusExit(status)
  if (json) {
    const head = { schemaVersion: 1, generatedAt: new Date(after.nowMs).toISOString(), dryRun: false, ...shownPlan(plan) }
    await terminal.write(`${JSON.stringify({ ...head, key: made ?? null, webhook: tried ?? null, status })}\n`)
    return exit
  }
  const isNothing = plan.patch === undefined && !plan.createKey
  const lines = [
    isNothing ? "Everything was there already; nothing was written." : `Done: ${[...changesOf(plan), ...(made ? ["a key"] : [])].length} changes.`,
    ...(made ? [`Master key: ${made.where}; keep a copy of it elsewhere: sovereign-ledger key backup FILE`] : []),
    ...(tried ? [`Web hook ${tried.receiver}: ${tried.words}.`] : []),
    ...(plan.warnings.length > 0 ? plan.warnings : []),
  ]
  await terminal.write(`${lines.join("\n")}\n\n${statusText(status, terminal)}`)
  return exit
}

function contextAfter(context: CommandContext, flags: Flags): CommandContext {
  const { dataDir, keyFile, keyCommand, headNote, socket } = flags as Readonly<Record<string, string | undefined>>
  const location = locateLedger({ dataDir, keyFile, keyCommand, headNote, socket }, process.env)
  const { terminal, json, clocks, placesFor } = context
  const { hostSecret } = placesFor("")
  return {
    ...location,
    get places() {
      return { ...secretPlacesOf(location, process.env), hostSecret }
    },
    ...{ terminal, json, clocks, placesFor, nowMs: Date.now() },
  }
}
