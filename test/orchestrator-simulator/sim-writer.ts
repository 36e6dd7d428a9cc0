/** A writer that keeps delegation in memory and its journal beside it, and is killed where it hurts: before it decides, before its commit, before its answer. */
import { callOf, type ObserveLine } from "../../src/operations/observed-line.ts"
import type { Admission } from "../../src/operations/admit-tool-call.ts"
import { admit } from "../../src/operations/gates.ts"
import { Delegation } from "../../src/operations/orchestrator/delegation.ts"
import { OrchestratorBook } from "../../src/operations/orchestrator/orchestrator-book.ts"
import type { MapContext } from "../../src/capture/hook-row.ts"
import type { NewEvent } from "../../src/format/event.ts"
import type { OrchestratorEvent } from "../../src/policy/orchestrator/events.ts"
import { evolveOrchestrator } from "../../src/policy/orchestrator/evolve.ts"
import type { OrchestratorSetting } from "../../src/policy/orchestrator/orchestrator-setting.ts"
import { emptyOrchestrator } from "../../src/policy/orchestrator/state.ts"
import { SessionTexts } from "../../src/projections/session-texts.ts"

export const accidents = ["killed first", "killed before the commit", "killed before the answer"] as const
export type Accident = (typeof accidents)[number]

/** Names nobody, and is the same for the same text. */
const pseudonym = (text: string) => `p-${text}`
const context: MapContext = { pseudonym, judgeTool: () => ({ guarded: false, verdict: "allow" }) }

export class SimWriter {
  readonly #nowMs: () => number
  readonly #journal: NewEvent[] = []
  #delegation!: Delegation
  #setting: OrchestratorSetting | undefined
  readonly #written: unknown

  constructor(nowMs: () => number, written: unknown) {
    this.#nowMs = nowMs
    this.#written = written
    this.#restart()
  }

  get journal(): readonly NewEvent[] {
    return this.#journal
  }

  /** A question with its number, as a client asks it: once more on a new connection when its writer was killed. */
  ask(id: string, line: string, accident?: Accident): Admission["answer"] {
    if (accident === "killed first") this.#restart()
    if (accident === "killed before the commit") {
      this.#decide(id, line)
      this.#restart()
    }
    const decided = this.#decide(id, line)
    this.#commit(decided)
    if (accident !== "killed before the answer") return decided.answer
    this.#restart()
    const again = this.#decide(id, line)
    this.#commit(again)
    return again.answer
  }

  #decide(id: string, line: string): Admission {
    const spending = { notes: () => {}, doors: { hard: false } }
    const place = { id, spending, outbound: {}, delegation: { book: this.#delegation, setting: this.#setting } }
    return admit(callOf(JSON.parse(`{"n":1${line}`) as ObserveLine), context, place as unknown as Parameters<typeof admit>[2])
  }

  #commit({ events }: Admission): void {
    this.#journal.push(...events.filter(({ type }) => type.startsWith("orchestrator.")))
  }

  /** From the journal alone. */
  #restart(): void {
    const stored = this.#journal.map((event) => JSON.parse(JSON.stringify(event)) as OrchestratorEvent & Pick<NewEvent, "content">)
    const state = emptyOrchestrator()
    for (const event of stored) evolveOrchestrator(state, event)
    const again = () => {
      const texts = new SessionTexts((sequence) => stored[sequence]?.content)
      for (const [sequence, event] of stored.entries()) texts.note(event, { sequence })
      return texts
    }
    this.#delegation = new Delegation(() => new OrchestratorBook(state, { nowMs: this.#nowMs, pseudonym, texts: again(), again }))
    this.#setting = this.#delegation.settingOf({ written: this.#written })
  }
}
