/**
 * Which session asked for which: a subagent's session is begun by another one, and what it spends is that one's spending, however many begin others in turn.
 * Known from the hooks that tell of a subagent before its first turn, of the latest sessions of this process; or from a history, of all its sessions.
 */
import { agentOf } from "./session-agent.ts"

const ofAProcess = 4_096
/** The host bounds how deep subagents nest; a circle somebody made up ends here. */
const deepest = 32

export class Parents {
  readonly #parents = new Map<string, string>()
  readonly #most: number

  constructor(most = ofAProcess) {
    this.#most = most
  }

  note(child: unknown, parent: unknown): void {
    if (typeof child !== "string" || typeof parent !== "string" || child === parent) return
    this.#parents.delete(child)
    this.#parents.set(child, parent)
    const [oldest] = this.#parents.keys()
    if (this.#parents.size > this.#most && oldest !== undefined) this.#parents.delete(oldest)
  }

  parentOf(session: unknown): string | undefined {
    return typeof session === "string" ? this.#parents.get(session) : undefined
  }

  /** The agent of the session at the beginning of it all; undefined for a session that nobody began. */
  payerOf(session: unknown): string | undefined {
    if (typeof session !== "string") return undefined
    let first = session
    for (let depth = 0; depth < deepest; depth++) {
      const parent = this.#parents.get(first)
      if (parent === undefined) break
      first = parent
    }
    return first === session ? undefined : agentOf(first)
  }
}
