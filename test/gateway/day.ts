/**
 * A day in a gateway of its own: whatever agents, people, jobs and operators do, once each and one after the other, so that a table can say what must be
 * on record. Every part has a session of its own, named after it. The host's utility model is on: its recaps are calls that no hook shows.
 */
import assert from "node:assert/strict"
import { join } from "node:path"
import { answerApprovals, type Decision } from "./approvals.ts"
import { builtPlugin } from "./built-plugin.ts"
import type { JsonObject } from "./home.ts"
import { addJob, heartbeatJob, runJob } from "./jobs.ts"
import type { LedgerFixture } from "./ledger-fixture.ts"
import { eventually as eventuallyWithin, ledgerOf, ofType, type LedgerEvent } from "./ledger.ts"
import { applyToGateway, pluginId, reloadPlugin } from "./plugin.ts"
import { startFixture } from "./shared-gateway.ts"
import { startTelegramServer, type TelegramServer } from "./telegram-server.ts"
import { resetSession, runTurn, sendChat } from "./turn.ts"

export type DayFixture = LedgerFixture & { readonly telegram: TelegramServer }

export const dayGuard = { tools: ["exec"], deny: ["process", "sessions_history"] }
export const eveningGuard = { tools: ["exec"], deny: ["process", "sessions_history", "write"] }
/** People on Telegram: who writes, and who is written to by an agent's tool. */
export const anna = { id: 5511, firstName: "Anna", username: "anna_t" }
export const bertId = "9922"

/** Of the shape of a provider's token. */
export const secret = `ghp_${"k3Yq9ZtB7vLw".repeat(3)}`

export async function startDay(): Promise<DayFixture> {
  const [{ tarballPath, cliPath }, telegram] = await Promise.all([builtPlugin(), startTelegramServer()])
  const fixture = await startFixture({
    tarballPath,
    plugin: { config: { guard: dayGuard } },
    config: {
      agents: {
        defaults: {
          utilityModel: "mock/mock-1",
          // What the guard of the summary's quality asks for no scripted model can give: it would refuse the summary and keep the history.
          compaction: { qualityGuard: { enabled: false } },
          // With a cadence the job is enabled; a day later this gateway is gone. Without a target an answer would be looked for a recipient.
          heartbeat: { every: "24h", target: "none", prompt: "SAY NO_REPLY" },
        },
      },
    },
    prepare: async (home) => {
      const policy = { load: { paths: [join(import.meta.dirname, "policy-plugin")] }, entries: { "day-policy": { enabled: true } } }
      home.editConfig({ plugins: { allow: [pluginId, "telegram", "day-policy"], ...policy }, channels: { telegram: telegram.config } })
      await ledgerOf(home, { cliPath }).json("key", "create")
    },
  })
  const stop = async () => {
    await fixture.stop()
    await telegram.stop()
  }
  return { ...fixture, cliPath, telegram, ledger: ledgerOf(fixture.home, { cliPath }), stop }
}

/** The whole day, to the end of the gateway by SIGTERM. What goes wrong on the way, and not only in the record, fails here. */
export async function liveDay(day: DayFixture): Promise<void> {
  await talk(day)
  await askForApproval(day)
  await delegate(day)
  await runJobs(day)
  await writeOnTelegram(day)
  await forget(day)
  await meetErrors(day)
  await giveUp(day)
  await changePlugin(day)
  day.client.close()
  const { code, signal } = await day.gateway.stop()
  assert.deepEqual([code, signal], [0, null], day.gateway.readLog().split("\n").slice(-20).join("\n"))
}

function sessionKey(name: string): string {
  return `agent:main:${name}`
}

function exec(command: string): string {
  return callOf({ name: "exec", args: { command } })
}

function callOf({ name, args }: { readonly name: string; readonly args: object }): string {
  return `TOOL ${name} ${JSON.stringify(args)}`
}

function catalogued(id: string, args: object): { readonly name: "tool_call"; readonly args: object } {
  return { name: "tool_call", args: { id, args } }
}

/** However busy the machine is. */
function eventually<T>(what: string, ask: () => T | Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  return eventuallyWithin(what, ask, holds, 60_000)
}

async function talk({ client }: DayFixture): Promise<void> {
  const tools = (...calls: readonly object[]) => `TOOLS ${JSON.stringify(calls)}`
  const commands = (...words: readonly string[]) => words.map((word) => ({ name: "exec", args: { command: `echo ${word}` } }))
  for (const [name, script] of [
    ["reply", "SAY good morning"],
    ["uncounted", "NOUSAGE\nSAY nobody counts this"],
    ["core", `${exec("echo core")}\nTOOL read {"path":"no-such-file.txt"}\nSAY ran`],
    ["parallel", `${tools(...commands("one", "two"), { name: "ls", args: { path: "." } })}\nSAY ran three`],
    ["catalogue", `${tools(catalogued("agents_list", {}))}\nSAY listed`],
    ["parallel-catalogue", `${tools(catalogued("agents_list", {}), catalogued("session_status", {}))}\nSAY listed two`],
    ["denied", `TOOL process {"action":"list"}\nSAY was refused`],
    ["denied-inside", `${tools(catalogued("sessions_history", { sessionKey: sessionKey("reply") }))}\nSAY was refused inside`],
    ["rewritten", `${exec("echo rewrite-me")}\nSAY ran as rewritten`],
    ["blocked", `${exec("echo block-me")}\nSAY was blocked`],
    // The host masks in results what looks like this; a length tells that it ran whole.
    ["secret", `${exec(`printf %s ${secret} | wc -c`)}\nSAY kept a secret`],
  ] as const) {
    const { status, text } = await runTurn(client, script, { sessionKey: sessionKey(name) })
    assert.equal(status, "ok", `${name}: ${text}`)
  }
}

async function askForApproval({ client, home }: DayFixture): Promise<void> {
  const decisions: Readonly<Record<string, Decision>> = { "ask-yes": "allow-once", "ask-no": "deny" }
  const approver = await answerApprovals(home, (title) => decisions[title] ?? "none")
  for (const [name, steps] of [
    ["approved", exec("echo ask-yes")],
    ["refused-approval", exec("echo ask-no")],
    ["unanswered", exec("echo ask-nobody")],
    ["refused-inside", callOf(catalogued("sessions_spawn", { task: "ask-no" }))],
  ] as const) {
    const { status } = await sendChat(client, `${steps}\nSAY went on`, { sessionKey: sessionKey(name) })
    assert.equal(status, "ok", name)
  }
  await runTurn(client, `${exec("echo ask-yes")}\nSAY went on`, { sessionKey: sessionKey("nobody-to-ask") })
  assert.deepEqual(approver.asked, ["ask-yes", "ask-no", "ask-nobody", "ask-no"])
  approver.close()
}

async function delegate({ client, model, ledger }: DayFixture): Promise<void> {
  const task = `${exec("echo below")}\nSAY the work is done`
  const { status } = await runTurn(client, `${callOf(catalogued("sessions_spawn", { task }))}\nSAY sent`, { sessionKey: sessionKey("parent") })
  assert.equal(status, "ok")
  // The parent hears of the end in a run of its own, and only then has the subagent ended.
  await eventually("the announcement", () => model.requests.some(({ userText }) => userText.includes("A background task completed")), Boolean)
  await recorded(ledger, "parent", "subagent.ended")
}

async function runJobs({ client }: DayFixture): Promise<void> {
  const job = await addJob(client, "day-job", `${exec("echo by the clock")}\nSAY did the job`)
  assert.equal(await runJob(client, job), "ok")
  assert.equal(await runJob(client, await heartbeatJob(client)), "ok")
}

async function writeOnTelegram({ telegram, ledger }: DayFixture): Promise<void> {
  const answered = async (text: string, messages: number) => {
    const from = telegram.sent.length
    telegram.receive(anna, text)
    await eventually(
      "an answer on Telegram",
      () => telegram.sent.length,
      (sent) => sent === from + messages,
    )
  }
  await answered("SAY hello Anna", 1)
  const send = { action: "send", channel: "telegram", to: `telegram:${bertId}`, message: "Anna says hello" }
  await answered(`${callOf(catalogued("message", send))}\nSAY told him`, 2)
  // What is held back the host replaces by words of its own, which pass the hooks again.
  await answered("SAY hold-back this", 1)
  await answered("/new", 1)
  const texts = telegram.sent.map(({ chatId, text }) => `${chatId} ${text.slice(0, 20)}`)
  assert.deepEqual(texts.slice(0, 3), [`${anna.id} hello Anna`, `${bertId} Anna says hello`, `${anna.id} told him`])
  assert.ok(texts.every((text) => !text.includes("hold-back")))
  await eventually(
    "what was sent",
    () => ledger.events({ type: "message.sent" }),
    ({ length }) => length === telegram.sent.length,
  )
}

async function forget({ client }: DayFixture): Promise<void> {
  await resetSession(client, sessionKey("reply"))
  await runTurn(client, "SAY good morning again", { sessionKey: sessionKey("reply") })
  for (const word of ["one", "two", "three"]) await runTurn(client, `SAY ${word}`, { sessionKey: sessionKey("compacted") })
  // The host compacts a session of any length when it is told to.
  const { compacted } = await client.request("sessions.compact", { key: sessionKey("compacted") })
  assert.equal(compacted, true)
  await runTurn(client, "SAY four", { sessionKey: sessionKey("compacted") })
}

async function meetErrors({ client }: DayFixture): Promise<void> {
  // Errors of the server and of its limits are tried again by the host, after one and two seconds; a refused request is not.
  for (const [name, script, expected] of [
    ["broken-twice", "FAIL 500 2\nSAY it works again", "ok"],
    ["busy-once", "FAIL 429 1\nSAY there is room again", "ok"],
    ["refused", "FAIL 400\nSAY never", "error"],
  ] as const) {
    const { status } = await runTurn(client, script, { sessionKey: sessionKey(name) })
    assert.equal(status, expected, name)
  }
}

/** An aborted turn is over at once for whoever asked, with the chat state "aborted"; the run itself ends a moment later, and what it worked on is killed. */
async function giveUp({ client, model, ledger }: DayFixture): Promise<void> {
  const thinking = sendChat(client, "SLOW 60000\nSAY never", { sessionKey: sessionKey("given-up") })
  await eventually("the model is asked", () => model.requests.some(({ purpose, userText }) => purpose === "turn" && userText.includes("SLOW")), Boolean)
  assert.equal((await client.request("chat.abort", { sessionKey: sessionKey("given-up") }))["aborted"], true)
  assert.equal((await thinking).status, "aborted")
  await recorded(ledger, "given-up", "run.progressed", { phase: "error" })
  const working = sendChat(client, `${exec("sleep 60")}\nSAY never`, { sessionKey: sessionKey("given-up-at-work") })
  await recorded(ledger, "given-up-at-work", "exec.prepared")
  assert.equal((await client.request("sessions.abort", { key: sessionKey("given-up-at-work") }))["status"], "aborted")
  assert.equal((await working).status, "aborted")
  await recorded(ledger, "given-up-at-work", "run.progressed", { phase: "error" })
  await recorded(ledger, "given-up-at-work", "diagnostic.reported", { kind: "exec.process.completed" })
}

async function changePlugin({ client, home, ledger }: DayFixture): Promise<void> {
  await reloadPlugin(client)
  await applyToGateway(client, () => home.editConfig({ plugins: { entries: { [pluginId]: { config: { guard: eveningGuard } } } } }))
  const { status } = await runTurn(client, 'TOOL write {"path":"late.txt","content":"x"}\nSAY too late', { sessionKey: sessionKey("evening") })
  assert.equal(status, "ok")
  // What tells of its end comes after the turn has been answered: the gateway must not be stopped before.
  await recorded(ledger, "evening", "model.responded")
  await recorded(ledger, "evening", "run.progressed", { phase: "end" })
}

/** Waits until the part of the day has an event on record that the host reports in its own time. */
async function recorded(ledger: LedgerFixture["ledger"], name: string, type: string, where: JsonObject = {}): Promise<void> {
  const isThere = (events: readonly LedgerEvent[]) => ofType(events, type, where).length > 0
  await eventually(`${type} in ${name}`, () => ledger.events({ session: sessionKey(name), type }), isThere)
}
