/**
 * What stands in contents and is needed again: keys of sessions, what a worker was started with, what an orchestrator was asked for last. Kept in memory as long as it may
 * be; what was known before this writer, or is to be looked up again after an erasure, is read from the entry that has it, where that can still be opened.
 */
import { objectOf, type JsonObject } from "../base/json.ts"
import type { OrchestratorEvent } from "../policy/orchestrator/events.ts"
import { keepNewest } from "../policy/orchestrator/state.ts"

type Held = { readonly field: string } & ({ readonly content: JsonObject } | { readonly sequence: number })

/** The content of an entry; undefined when it is erased or gone. */
export type ReadContent = (sequence: number) => JsonObject | undefined

const mostHeld = 50_000

export class SessionTexts {
  readonly #held = new Map<string, Held>()
  readonly #read: ReadContent

  constructor(read: ReadContent) {
    this.#read = read
  }

  note(event: OrchestratorEvent, where: { readonly content: JsonObject } | { readonly sequence: number }): void {
    for (const [name, field] of fieldsOf(event)) {
      if ("content" in where && where.content[field] === undefined) continue
      // A key stays the same; the session that started another one has its key for longer than that one itself.
      if (field !== "spawn" && field !== "delegated" && this.#held.has(name)) continue
      keepNewest(this.#held, name, { field, ...where }, mostHeld)
    }
  }

  /** The key of a session. */
  key(session: string): string | undefined {
    const key = this.#get(`session:${session}`)
    return typeof key === "string" ? key : undefined
  }

  /** What a session was started with. */
  spawn(child: string): Readonly<Record<string, unknown>> {
    return objectOf(this.#get(`spawn:${child}`))
  }

  /** What a start that has no result yet was asked for with. */
  asked(session: string, call: string): JsonObject {
    return objectOf(this.#get(`asked:${session}|${call}`)) as JsonObject
  }

  /** What an orchestrator was asked for last. */
  delegated(orchestrator: string): string | undefined {
    const text = this.#get(`delegated:${orchestrator}`)
    return typeof text === "string" ? text : undefined
  }

  #get(name: string): unknown {
    const held = this.#held.get(name)
    if (!held) return undefined
    return ("content" in held ? held.content : this.#read(held.sequence))?.[held.field]
  }
}

/** What of its content an event is looked up for later: a name, and the field. */
function fieldsOf({ type, facts }: OrchestratorEvent): readonly (readonly [string, string])[] {
  const session = [`session:${facts.session}`, "session"] as const
  switch (type) {
    case "orchestrator.requested":
      return [session, [`asked:${facts.session}|${facts.call}`, "spawn"]]
    case "orchestrator.bound":
      return [session, [`session:${facts.child}`, "child"], [`spawn:${facts.child}`, "spawn"]]
    case "orchestrator.joined":
      return [session, [`session:${facts.child}`, "child"], [`spawn:${facts.child}`, "spawn"]]
    case "orchestrator.refused":
      return facts.role === "orchestrator" ? [session, [`delegated:${facts.session}`, "delegated"]] : [session]
    case "orchestrator.filled":
      return facts.kept ? [session, [`delegated:${facts.session}`, "delegated"], [`delegated:${facts.to}`, "delegated"]] : [session]
    default:
      return []
  }
}
