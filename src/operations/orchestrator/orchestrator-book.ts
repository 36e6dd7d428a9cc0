/**
 * Delegation as the writer keeps it: its state in memory, made of the journal's events alone. Asked at the head of the commit queue, so that every verdict is on disk
 * before a tool runs, and what is to be given out again is, before anybody is told.
 */
import type { CapturedCall, MapContext } from "../../capture/hook-row.ts"
import { reference } from "../../capture/references.ts"
import { placeOfKey } from "../../capture/session-key.ts"
import { objectOf, stringOf, type JsonObject } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import { agentOf } from "../../format/session-agent.ts"
import { decideEnded, decideSendFailed, decideSessionEnded, decideStarted } from "../../policy/orchestrator/decide-course.ts"
import { bindingAt, decideTool, placeOf, somebody, type ToolVerdict } from "../../policy/orchestrator/decide-tool.ts"
import type { OrchestratorEvent, WorkerOutcome } from "../../policy/orchestrator/events.ts"
import { evolveOrchestrator } from "../../policy/orchestrator/evolve.ts"
import { isFrontKey } from "../../policy/orchestrator/orchestrator-rule.ts"
import type { OrchestratorSetting } from "../../policy/orchestrator/orchestrator-setting.ts"
import { childIn, fillSpawn, isAccepted, statusIn, targetIn, type Fill, type SpawnFill } from "../../policy/orchestrator/parameters.ts"
import type { OrchestratorState, Worker } from "../../policy/orchestrator/state.ts"
import * as texts from "../../policy/orchestrator/texts.ts"
import { withoutSecrets } from "../record.ts"
import type { SessionTexts } from "../../projections/session-texts.ts"

/** What a session is to be told, by whoever asked. */
export type RetryWord = { readonly id: string; readonly session: string; readonly message: string }

export type ToolAnswer = { readonly events: readonly NewEvent[]; readonly refusal?: string; readonly fill?: Fill; readonly warning?: string }
export type Followed = { readonly events: readonly NewEvent[]; readonly retry?: RetryWord; readonly prompt?: string }

type Parts = { readonly nowMs: () => number; readonly pseudonym: MapContext["pseudonym"]; readonly texts: SessionTexts; readonly again: () => SessionTexts }
type Picked = CapturedCall["picked"]

const mostShown = 12

export class OrchestratorBook {
  readonly #state: OrchestratorState
  readonly #parts: Parts
  #texts: SessionTexts

  constructor(state: OrchestratorState, parts: Parts) {
    this.#state = state
    this.#parts = parts
    this.#texts = parts.texts
  }

  /** A tool is about to be called. */
  tool({ picked }: CapturedCall, { rule, texts: files }: OrchestratorSetting): ToolAnswer {
    const key = stringOf(picked["session"])
    const tool = stringOf(picked["tool"])
    if (key === undefined || tool === undefined) return { events: [] }
    const params = objectOf(picked["params"])
    const session = this.#name(key)
    const front = isFrontKey(key, rule, stringOf(objectOf(picked["orchestration"])["trigger"]))
    const place = placeOf(this.#state, { session, isFrontKey: front })
    const asked = {
      ...{ place, key, channel: placeOfKey(key).channel, params, rule, delegated: this.#texts.delegated(session) },
      contract: texts.contractText(files.contract ?? texts.builtInContract, key),
      lastMessage: stringOf(objectOf(picked["orchestration"])["lastMessage"]),
    }
    const spawn = tool === "sessions_spawn" ? fillSpawn(asked) : undefined
    const { events, verdict } = decideTool(this.#state, rule, {
      ...{ atMs: this.#parts.nowMs(), session, tool, kind: picked["kind"], isFrontKey: front },
      ...{ run: this.#run(picked), call: this.#call(picked) },
      task: spawn ? this.#task(key, params, spawn) : "",
      target: this.#target(params),
      filled: spawn?.filled ?? [],
    })
    return this.#answer({ picked, key, tool, params, spawn }, verdict, events)
  }

  #answer({ picked, key, tool, params, spawn }: AskedTool, verdict: ToolVerdict, events: readonly OrchestratorEvent[]): ToolAnswer {
    const given = (content: JsonObject) => this.#given(events, picked, { session: key, ...content })
    switch (verdict.do) {
      case "pass":
        return { events: given({}) }
      case "warn": {
        const warning = `${tool} was let go on in an orchestrator's session, at attempt ${verdict.attempt} of its run`
        return { events: given({}), warning }
      }
      case "spawn":
        return { events: given({ spawn: spawnContent(params, spawn) }), ...(spawn?.fill ? { fill: spawn.fill } : {}) }
      case "address": {
        const to = this.#texts.key(verdict.to)
        const delegated = tool === "sessions_send" ? stringOf(params["message"]) : undefined
        const fill = to !== undefined && this.#target(params) === undefined ? { fill: { set: { sessionKey: to } } } : {}
        return { events: given(delegated === undefined ? {} : { delegated }), ...fill }
      }
      case "refuse": {
        const orchestrator = verdict.orchestrator === undefined ? undefined : this.#texts.key(verdict.orchestrator)
        if (verdict.why === "bound") return { events: given({}), refusal: texts.boundWords(orchestrator ?? "which session it is cannot be told") }
        if (verdict.why === "starting") return { events: given({}), refusal: texts.startingWords }
        if (verdict.attempt === undefined) return { events: given({}), refusal: texts.directWords(tool, orchestrator) }
        const hint = texts.workerHint(tool, params)
        return { events: given({ delegated: hint.task }), refusal: texts.hintWords(tool, verdict.attempt, hint) }
      }
    }
  }

  /** What a gateway tells besides: the result of a tool that starts a session or speaks to one, the end of a run or a session, what became of a word to one; or asks for a prompt. */
  follow({ picked }: CapturedCall, setting: OrchestratorSetting, asked: { readonly id: string; readonly mayAnswer: boolean }): Followed {
    switch (picked["tells"]) {
      case "result":
        return { events: this.#result(picked, setting) }
      case "ended":
        return this.#ended(picked, setting, asked)
      case "session-ended":
        return { events: this.#sessionEnded(picked) }
      case "told":
        return { events: this.#told(picked) }
      case "prompt":
        return this.#prompt(picked, setting)
      default:
        return { events: [] }
    }
  }

  /** For whom a session works, however many stand between: the key of the session that people talk to. */
  frontOf(key: string): string | undefined {
    let session = this.#name(key)
    for (let depth = 0; depth < deepest; depth++) {
      const above = this.#state.fronts.get(session) ?? this.#state.workers.get(session)?.spawner
      if (above === undefined) return depth === 0 ? undefined : this.#texts.key(session)
      session = above
    }
    return undefined
  }

  /** Contents were erased: nothing of them is kept. */
  forgetTexts(): void {
    this.#texts = this.#parts.again()
  }

  #result(picked: Picked, { rule }: OrchestratorSetting): readonly NewEvent[] {
    const key = stringOf(picked["session"])
    if (key === undefined) return []
    const [session, atMs, call] = [this.#name(key), this.#parts.nowMs(), this.#call(picked)]
    const params = objectOf(picked["params"])
    const isError = stringOf(picked["error"]) !== undefined
    if (picked["tool"] === "sessions_send") {
      const status = statusIn(picked["result"])
      if (status !== "error" && status !== "forbidden") return []
      return this.#given(decideSendFailed(this.#state, { atMs, session, target: this.#target(params) }), picked, { session: key })
    }
    const child = childIn(picked["result"])
    const events = decideStarted(this.#state, {
      ...{ atMs, session, call, isFrontKey: isFrontKey(key, rule), accepted: isAccepted(picked["result"], isError) },
      ...{ child: child && this.#name(child.key), childRun: child?.run === undefined ? undefined : this.#reference(child.run) },
      task: this.#task(key, params, { task: stringOf(params["task"]) ?? "", label: stringOf(params["label"]) }),
    })
    const known = this.#texts.asked(session, call)
    const spawn = Object.keys(known).length > 0 ? known : spawnContent(params, undefined)
    return this.#given(events, picked, { session: key, ...(child ? { child: child.key, spawn } : {}) })
  }

  #ended(picked: Picked, { rule }: OrchestratorSetting, { id, mayAnswer }: { readonly id: string; readonly mayAnswer: boolean }): Followed {
    const child = stringOf(picked["child"])
    if (child === undefined) return { events: [] }
    const run = stringOf(picked["run"])
    const { events, retry } = decideEnded(this.#state, rule, {
      ...{ atMs: this.#parts.nowMs(), child: this.#name(child), id, mayRetry: mayAnswer && this.#canTell(child) },
      ...{ run: run === undefined ? undefined : this.#reference(run), outcome: outcomeOf(picked["outcome"]) },
    })
    const message = retry && this.#retryText(retry.child, { ...retry, failedChildSession: child, outcome: outcomeOf(picked["outcome"]) })
    const session = retry && this.#texts.key(retry.session)
    const scope = this.#texts.key(events[0]?.facts.session ?? "") ?? stringOf(picked["session"])
    const given = this.#given(events, { ...picked, session: scope }, { ...(scope === undefined ? {} : { session: scope }), child })
    return retry && session !== undefined && message !== undefined && mayAnswer
      ? { events: given, retry: { id: retry.id, session, message } }
      : { events: given }
  }

  /** Whom to tell is known: it stands in contents, which can be erased. */
  #canTell(child: string): boolean {
    const worker = this.#state.workers.get(this.#name(child))
    return worker !== undefined && this.#texts.key(worker.spawner) !== undefined
  }

  #retryText(child: string, told: Pick<texts.RetryParts, "attempt" | "most" | "failedChildSession" | "outcome">): string {
    const { task, label, agentId, model, thinking, mode, thread } = this.#texts.spawn(child)
    const text = (value: unknown) => (typeof value === "boolean" ? String(value) : stringOf(value))
    const { attempt, most, failedChildSession, outcome } = told
    return texts.retryText({
      ...{ attempt, most, failedChildSession, outcome, task: text(task), label: text(label), agentId: text(agentId) },
      ...{ model: text(model), thinking: text(thinking), mode: text(mode), thread: text(thread) },
    })
  }

  #sessionEnded(picked: Picked): readonly NewEvent[] {
    const key = stringOf(picked["session"])
    if (key === undefined) return []
    const events = decideSessionEnded(this.#state, { atMs: this.#parts.nowMs(), session: this.#name(key), reason: stringOf(picked["reason"]) ?? "" })
    return this.#given(events, picked, { session: key })
  }

  #told(picked: Picked): readonly NewEvent[] {
    const [key, retry] = [stringOf(picked["session"]), stringOf(picked["retry"])]
    if (key === undefined || retry === undefined) return []
    const facts = { atMs: this.#parts.nowMs(), session: this.#name(key), retry, success: picked["success"] === true }
    const error = stringOf(picked["error"])
    return this.#given([{ type: "orchestrator.told", facts }], picked, { session: key, ...(error === undefined ? {} : { error }) })
  }

  #prompt(picked: Picked, { rule, texts: files }: OrchestratorSetting): Followed {
    const key = stringOf(picked["session"])
    if (key === undefined) return { events: [] }
    const session = this.#name(key)
    const { events, binding } = bindingAt(this.#state, rule, session, this.#parts.nowMs())
    const given = this.#given(events, picked, { session: key })
    const workers = [...this.#state.workers.values()].filter(({ spawner }) => spawner === session || spawner === binding?.orchestrator)
    const prompt = texts.frontPrompt({
      text: files.prompt ?? texts.builtInPrompt,
      maxRetries: rule.maxRetriesPerTask,
      orchestrator: binding && this.#texts.key(binding.orchestrator),
      workers: workers.slice(-mostShown).toReversed().map(this.#shown),
    })
    return { events: given, prompt }
  }

  readonly #shown = ({ child, status }: Worker): texts.Shown => {
    const { label, task } = this.#texts.spawn(child)
    return { status, key: this.#texts.key(child) ?? child, label: stringOf(label), task: stringOf(task) ?? "" }
  }

  #given(events: readonly OrchestratorEvent[], picked: Picked, content: JsonObject): readonly NewEvent[] {
    const [session, sender] = [stringOf(picked["session"]), stringOf(picked["sender"])]
    const scope = session === undefined && sender === undefined ? {} : { scope: { ...(session && { session }), ...(sender && { sender }) } }
    return events.map((event) => {
      evolveOrchestrator(this.#state, event)
      this.#texts.note(event, { content })
      const { type, facts } = event
      return withoutSecrets({ type, id: `${type}:${subjectOf(event)}`, ...scope, facts, content } as unknown as NewEvent)
    })
  }

  #name(key: string): string {
    return this.#parts.pseudonym(key)
  }

  #reference(id: string): string {
    return reference(id, this.#parts)
  }

  #run(picked: Picked): string | undefined {
    const run = stringOf(picked["run"])
    return run === undefined ? undefined : this.#reference(run)
  }

  #call(picked: Picked): string {
    const call = stringOf(picked["call"])
    return `${this.#run(picked) ?? "-"}/${call === undefined ? "-" : this.#reference(call)}`
  }

  #target(params: Picked): string | undefined {
    const { key, labelled } = targetIn(params)
    return key === undefined ? (labelled ? somebody : undefined) : this.#name(key)
  }

  /** Who gave what to whom: the same work given out again is the same task. */
  #task(spawner: string, params: Picked, { task, label }: Pick<SpawnFill, "task" | "label">): string {
    const agent = stringOf(params["agentId"]) ?? agentOf(spawner) ?? ""
    return this.#parts.pseudonym(`task:${JSON.stringify([spawner, agent, label ?? "", task.trim()])}`)
  }
}

type AskedTool = {
  readonly picked: Picked
  readonly key: string
  readonly tool: string
  readonly params: Picked
  readonly spawn: SpawnFill | undefined
}

/** The host bounds how deep sessions nest; a circle somebody made up ends here. */
const deepest = 32

const kept = ["agentId", "model", "thinking", "mode", "thread"] as const

/** Of a start what is needed to make it again. */
function spawnContent(params: Picked, spawn: SpawnFill | undefined): JsonObject {
  const task = spawn?.task ?? stringOf(params["task"])
  const label = spawn?.label ?? stringOf(params["label"])
  const others = kept.flatMap((name) => {
    const value = params[name]
    return typeof value === "string" || typeof value === "boolean" ? [[name, value] as const] : []
  })
  return { ...(task === undefined ? {} : { task }), ...(label === undefined ? {} : { label }), ...Object.fromEntries(others) }
}

const outcomes: ReadonlySet<string> = new Set(["ok", "error", "timeout", "killed", "reset", "deleted"] satisfies WorkerOutcome[])

function outcomeOf(value: unknown): WorkerOutcome {
  return typeof value === "string" && outcomes.has(value) ? (value as WorkerOutcome) : "unknown"
}

function subjectOf({ facts }: OrchestratorEvent): string {
  if ("retry" in facts) return facts.retry
  if ("call" in facts) return `${facts.session}/${facts.call}`
  if ("childRun" in facts && facts.childRun !== undefined) return facts.childRun
  return `${facts.session}@${facts.atMs}`
}
