/**
 * `npm run demo`: what this plugin does, shown on a real OpenClaw gateway in a home of its own. The model is scripted
 * and on loopback, nothing leaves the machine and nothing is left behind. Exits non-zero when an expectation fails.
 */
import { cp, open, stat } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { connectGateway, type GatewayClient } from "../test/gateway/gateway-client.ts"
import { startGateway } from "../test/gateway/gateway.ts"
import { createHome, type GatewayHome } from "../test/gateway/home.ts"
import { endLeftovers } from "../test/gateway/leftovers.ts"
import { startModelServer, type ModelServer } from "../test/gateway/model-server.ts"
import { mustSucceed, runCommand, type CommandResult } from "../test/gateway/openclaw-cli.ts"
import { installPlugin, pluginConfig } from "../test/gateway/plugin.ts"
import { runTurn } from "../test/gateway/turn.ts"
import { buildPackage } from "./build.ts"
import { createReport, type DemoReport } from "./demo-report.ts"

type Ledger = (dataDirectory: string, ...command: readonly string[]) => Promise<CommandResult>

const report = createReport(10)
process.exitCode = await main(report)

async function main(report: DemoReport): Promise<number> {
  console.log("Sovereign Ledger: a sealed, provable record of what OpenClaw agents do.")
  const model = await startModelServer()
  const home = await createHome({ modelBaseUrl: model.baseUrl })
  try {
    await demonstrate(report, home, model)
  } catch (cause) {
    report.expect(false, cause instanceof Error ? cause.message : String(cause))
  } finally {
    await home.remove()
    await model.stop()
  }
  const seconds = (report.elapsedMs / 1000).toFixed(1)
  if (report.failures.length === 0) console.log(`\nAll of it held, in ${seconds} s. Every process is ended, every file of the demo is removed.`)
  else console.log(`\n${report.failures.length} expectation(s) failed, after ${seconds} s:\n  ${report.failures.join("\n  ")}`)
  return report.failures.length === 0 ? 0 : 1
}

async function demonstrate(report: DemoReport, home: GatewayHome, model: ModelServer): Promise<void> {
  const dataDirectory = join(home.stateDirectory, "sovereign-ledger")

  report.step("Pack the plugin", "The same file that would be published; the repository itself is not what runs.")
  const { tarballPath, cliPath } = await buildPackage()
  const ledger: Ledger = (directory, ...command) =>
    runCommand(process.execPath, [cliPath, ...command, "--data-dir", directory], { environment: home.environment })

  report.step("Install it and create a key", "`openclaw plugins install`, as a user does. The key seals and signs; without one nothing is recorded.")
  const [key] = await Promise.all([mustSucceed("key create", ledger(dataDirectory, "key", "create")), installPlugin(home, tarballPath)])
  home.editConfig(pluginConfig({ config: { guard: { tools: ["exec"], deny: ["process"] } } }))
  report.output(key.stdout)

  report.step("Start a real OpenClaw gateway", "On loopback, with its own home. Guarded tool: exec (waits for its record). Denied tool: process.")
  const gateway = await startGateway(home)
  const client = await connectGateway(home)
  report.note(`gateway ${gateway.pid} is ready after ${(gateway.startDurationMs / 1000).toFixed(1)} s`)

  await runTurns(report, client, model)
  await runIntoCap(report, client, model, (...command) => ledger(dataDirectory, ...command))

  report.step("Read the record", "`sovereign-ledger events list`: who asked, what ran, what was refused, what it cost.")
  const events = await mustSucceed("events list", ledger(dataDirectory, "events", "list"))
  report.output(events.stdout, { maxLines: 80 })

  report.step("Verify it, while the gateway runs", "Every entry, the hash tree, the signed checkpoints: recomputed from the files.")
  const live = await ledger(dataDirectory, "verify")
  report.output(live.stdout + live.stderr)
  report.expect(live.exitCode === 0, "the record is valid")

  report.step("Stop the gateway", "The record is complete without a clean shutdown; this one is clean.")
  client.close()
  const exit = await gateway.stop()
  await endLeftovers(home.directory, 5000)
  report.expect(exit.code === 0, `the gateway ended after ${Math.round(exit.durationMs)} ms`)

  await tamper(report, ledger, dataDirectory, join(home.directory, "tampered", "sovereign-ledger"))
}

async function runTurns(report: DemoReport, client: GatewayClient, model: ModelServer): Promise<void> {
  report.step("Let an agent work", "A reply, tool calls one by one and two at once, a denied call, a subagent.")
  const reply = await runTurn(client, "SAY Hello from the scripted model.")
  report.expect(reply.status === "ok" && reply.text.startsWith("Hello"), `a reply: "${reply.text}"`)

  const tool = await runTurn(client, 'TOOL exec {"command":"echo recorded before it ran"}\nSAY I ran a command.')
  report.expect(tool.status === "ok" && toolSaw(model, "recorded before it ran"), "a guarded tool call ran, after its record was on disk")

  const both = '[{"name":"exec","args":{"command":"echo first"}},{"name":"exec","args":{"command":"echo second"}}]'
  const parallel = await runTurn(client, `TOOLS ${both}\nSAY I ran two at once.`)
  report.expect(parallel.status === "ok" && toolSaw(model, "second"), "two tool calls in one step")

  const denied = await runTurn(client, 'TOOL process {"action":"list"}\nSAY I was refused.')
  const refusal = lastToolText(model)
  report.expect(denied.status === "ok" && /sovereign ledger|denied|not allowed/i.test(refusal), `a denied tool call; the agent was told: "${refusal}"`)

  await runTurn(client, 'TOOL tool_call {"id":"sessions_spawn","args":{"task":"SAY The subagent did its part."}}\nSAY I sent a subagent.', {
    sessionKey: "agent:main:delegation",
  })
  const announced = await until(() => model.requests.some(({ userText }) => /A background task completed\./.test(userText)), 20_000)
  report.expect(announced, "a subagent was started, worked and reported back")
  // The announcing turn is still being closed by the host.
  await sleep(500)
}

async function runIntoCap(
  report: DemoReport,
  client: GatewayClient,
  model: ModelServer,
  ledger: (...command: readonly string[]) => Promise<CommandResult>,
): Promise<void> {
  report.step(
    "Set a budget, and run into it",
    "`sovereign-ledger budget set`: what a call may cost at most is set aside before it leaves. What has no room does not leave.",
  )
  await mustSucceed("budget set", ledger("budget", "set", "daily", "--limit", "2usd"))
  const room = await runTurn(client, "SAY There is room for this.", { sessionKey: "agent:main:capped" })
  report.expect(room.status === "ok", `within the budget: "${room.text}"`)
  await mustSucceed("budget set", ledger("budget", "set", "daily", "--limit", "0.02usd"))
  const asked = model.requests.length
  const refused = await runTurn(client, "SAY Nobody reads this.", { sessionKey: "agent:main:capped" })
  report.expect(refused.text.includes("Sovereign Ledger stopped this call"), `over it, and whoever asked reads: "${refused.text}"`)
  report.expect(model.requests.length === asked, "the model's own log shows no request after the refusal")
  const budgets = await mustSucceed("budget list", ledger("budget", "list"))
  report.output(budgets.stdout, { maxLines: 8 })
  await mustSucceed("budget remove", ledger("budget", "remove", "daily"))
}

async function tamper(report: DemoReport, ledger: Ledger, dataDirectory: string, copy: string): Promise<void> {
  report.step("Copy the record and verify the copy", "Reading needs no gateway and no running writer: files and key are enough.")
  await cp(dataDirectory, copy, { recursive: true })
  const untouched = await ledger(copy, "verify")
  report.output(untouched.stdout + untouched.stderr, { maxLines: 12 })
  report.expect(untouched.exitCode === 0, "the untouched copy is valid")

  report.step("Tamper with the copy", "One changed byte in the middle, as somebody with access to the disk could do.")
  const changed = await flipByte(join(copy, "journal.db"))
  report.note(`byte ${changed.position} of ${changed.sizeBytes} in journal.db is now another one`)
  const tampered = await ledger(copy, "verify")
  report.output(tampered.stdout + tampered.stderr, { maxLines: 12 })
  report.expect(tampered.exitCode === 1, "the tampered copy is found out (exit 1)")
}

async function flipByte(path: string): Promise<{ readonly position: number; readonly sizeBytes: number }> {
  const { size: sizeBytes } = await stat(path)
  const position = Math.trunc(sizeBytes / 2)
  const file = await open(path, "r+")
  try {
    const byte = Buffer.alloc(1)
    await file.read(byte, 0, 1, position)
    byte[0] = (byte[0] ?? 0) ^ 0xff
    await file.write(byte, 0, 1, position)
  } finally {
    await file.close()
  }
  return { position, sizeBytes }
}

function toolSaw(model: ModelServer, text: string): boolean {
  return lastToolText(model).includes(text)
}

/** The tool result the model was shown last. */
function lastToolText(model: ModelServer): string {
  const message = model.requests.at(-1)?.messages.findLast(({ role }) => role === "tool")
  const { content } = message ?? {}
  if (typeof content === "string") return content
  return Array.isArray(content) ? content.map((part: { readonly text?: string }) => part.text ?? "").join("\n") : ""
}

async function until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + timeoutMs
  while (!holds() && Date.now() < deadlineMs) await sleep(50)
  return holds()
}
