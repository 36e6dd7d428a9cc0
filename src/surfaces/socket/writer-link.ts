/**
 * Makes sure that a writer of at least our own version serves a ledger, and opens lanes to it.
 * Six clients may do this at once: the lock lets one writer live, and the others find it.
 */
import { randomBytes } from "node:crypto"
import { Fault, faultFromJson } from "../../base/fault.ts"
import { buildVersion, codeHash, isNewer } from "../../version.ts"
import { connectToWriter, type ConnectionEvents, type WriterConnection } from "./connection.ts"
import type { GatewayPaths } from "../../operations/self-watch.ts"
import type { ClientConfig, ControlAction, ControlAnswer, Lane } from "./protocol.ts"
import { startWriter, type StartedWriter, type WriterProgram } from "./start-writer.ts"

export type LinkOptions = {
  readonly socketPath: string
  readonly role: "plugin" | "cli"
  readonly config?: ClientConfig
  /** What of the gateway's own agents should not reach for. */
  readonly protect?: GatewayPaths
  /** How to start a writer; absent for those who only look. */
  readonly program?: WriterProgram | undefined
}

const handOverWithinMs = 20_000
const silent: ConnectionEvents = { line: () => {}, closed: () => {} }

export function randomSender(): string {
  return randomBytes(8).toString("hex")
}

/** The lanes of one process: all but the last digit is its name, by which the writer knows what it asked for when it is gone (`processOf`). */
export function randomSenders(): { readonly observe: string; readonly gate: string } {
  const name = randomSender().slice(0, -1)
  return { observe: `${name}0`, gate: `${name}1` }
}

export function openLane(options: LinkOptions, lane: Lane, sender: string, events: ConnectionEvents): Promise<WriterConnection> {
  const greeting = { version: buildVersion, code: codeHash, role: options.role, lane, sender }
  const { config, protect } = options
  return connectToWriter(options.socketPath, { ...greeting, ...(config && { config }), ...(protect && { protect }) }, events)
}

/**
 * Whether another build of our own version has been asked to leave, or need not be. Kept by whoever links: each does so once at most, however slow
 * the machine is, or two of them would take turns for ever.
 */
export type OwnBuild = { asked: boolean }

/** Starts a writer, or has an older one hand over, until one that we can work with answers. Tells of the writer when it had to be started. */
export async function ensureWriter(options: LinkOptions, own: OwnBuild = { asked: true }): Promise<StartedWriter | undefined> {
  if (!options.program) {
    const serving = await openLane(options, "control", randomSender(), silent) // says why it cannot be reached: not running, or not for us
    serving.close()
    return undefined
  }
  const running = await lookForWriter(options)
  if (running && !shouldReplace(running.welcome, options.role, own)) {
    running.close()
    return undefined
  }
  if (running) await handOver(running, options)
  try {
    return await startWriter(options.program, () => servingWriter(options, own))
  } catch (error) {
    // Somebody else's writer may have won the race for the lock; then ours is not needed.
    const other = error instanceof Fault && (error.code === "store.locked" || error.code === "writer.unreachable") ? await lookForWriter(options) : undefined
    if (!other) throw error
    other.close()
    return undefined
  }
}

/** One question to the running writer; `more` goes with it. */
export async function askWriter(options: LinkOptions, action: ControlAction, timeoutMs = 10_000, more: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Fault("writer.unreachable", { directory: options.socketPath, problem: "no answer" })), timeoutMs)
    let connection: WriterConnection | undefined
    const settle = (done: () => void) => {
      clearTimeout(timer)
      connection?.close()
      done()
    }
    const line = (answer: unknown) => {
      const { result, fault } = answer as ControlAnswer
      settle(() => (fault ? reject(faultFromJson(fault)) : resolve(result)))
    }
    const closed = (why: Fault | undefined) =>
      settle(() => reject(why ?? new Fault("writer.unreachable", { directory: options.socketPath, problem: "it left" })))
    openLane(options, "control", randomSender(), { line, closed }).then(
      (opened) => {
        connection = opened
        opened.send(`${JSON.stringify({ ...more, ask: 1, do: action })}\n`)
      },
      (error: unknown) => settle(() => reject(error)),
    )
  })
}

async function lookForWriter(options: LinkOptions): Promise<WriterConnection | undefined> {
  try {
    return await openLane(options, "control", randomSender(), silent)
  } catch (error) {
    if (error instanceof Fault && error.code === "writer.unreachable") return undefined
    throw error
  }
}

/** The process id of a writer that we can work with. An older one that was faster to the lock is sent away again. */
async function servingWriter(options: LinkOptions, own: OwnBuild): Promise<number | undefined> {
  const found = await lookForWriter(options)
  if (!found) return undefined
  const replace = shouldReplace(found.welcome, options.role, own)
  if (replace) await handOver(found, options)
  found.close()
  return replace ? undefined : found.welcome.pid
}

/** A newer version replaces an older one; of two builds of one version the gateway's own wins, if it has not asked before. */
function shouldReplace(running: WriterConnection["welcome"], role: "plugin" | "cli", own: OwnBuild): boolean {
  if (isNewer(buildVersion, running.version)) return true
  if (own.asked || role !== "plugin" || buildVersion !== running.version || codeHash === running.code) return false
  own.asked = true
  return true
}

async function handOver(running: WriterConnection, options: LinkOptions): Promise<void> {
  running.send(`${JSON.stringify({ ask: 1, do: "hand-over" })}\n`)
  const until = Date.now() + handOverWithinMs
  while (Date.now() < until) {
    const still = await lookForWriter(options)
    still?.close()
    if (still?.welcome.pid !== running.welcome.pid) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  running.close()
}
