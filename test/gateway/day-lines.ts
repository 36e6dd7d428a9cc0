/** What the host goes through for a turn, a call and a message, in the lines of `day-record.ts`: the words of the day's table. */

type RunOptions = {
  /** The calls the model asks for, one list an answer; another answer without calls ends the run. */
  readonly steps?: readonly (readonly string[])[]
  readonly kind?: "announce" | "subagent" | "cron" | "heartbeat"
}

export function run({ steps = [], kind }: RunOptions = {}): readonly string[] {
  const told = kind === undefined ? "" : ` runKind=${kind}`
  // The host tells the trigger of a heartbeat nowhere around its model calls.
  const toldOfCalls = kind === "heartbeat" ? "" : told
  return [
    "message.written role=user",
    `reply.requested${told}`,
    `prompt.routed${told}`,
    ...(kind === "heartbeat" ? [`heartbeat.prompted${told}`] : []),
    ...attempt(kind),
    ...steps.flatMap((calls) => [...answer("toolUse", toldOfCalls), ...calls]),
    ...answer("stop", toldOfCalls),
    `answer.drafted${told}`,
    `run.ended success=true${told}`,
    `model.responded${told}`,
    ...["finishing", "model", "end"].map((phase) => progress(phase, toldOfCalls)),
  ]
}

/** The host's own word on a run. It tells the phase `model` before each model call, and once more after the last. */
function progress(phase: string, told = ""): string {
  return `run.progressed stream=lifecycle phase=${phase}${told}`
}

/** What goes before the model is asked. */
export function attempt(kind?: RunOptions["kind"]): readonly string[] {
  const told = kind === undefined ? "" : ` runKind=${kind}`
  const trigger = kind === "cron" || kind === "heartbeat" ? kind : "user"
  return [
    progress("start", kind === "heartbeat" ? "" : told),
    `turn.prepared${told}`,
    `prompt.built${told}`,
    `run.started trigger=${trigger}${told}`,
    `prompt.submitted${told}`,
  ]
}

/** An attempt whose model call the provider refused. */
export const failedAttempt = [
  ...attempt(),
  "model.called",
  progress("model"),
  "model.returned outcome=error",
  "message.written role=assistant stopReason=error",
  "run.ended success=false",
  "model.responded",
  progress("finishing"),
]

/** The host goes on after a refused request, or gives up. */
export function triedAgain(reason: string, number: number, attempted: readonly string[]): readonly string[] {
  return [`run.progressed stream=run_status phase=retrying reason=${reason} attempt=${number}`, "message.written role=user", ...attempted]
}
export const failedForGood = [progress("model"), progress("error"), "usage.reported stopReason=error"]

export function answer(stopReason: "stop" | "toolUse", told = ""): readonly string[] {
  return [
    `model.called${told}`,
    progress("model", told),
    `model.returned outcome=completed${told}`,
    `message.written role=assistant stopReason=${stopReason}`,
    `usage.reported stopReason=${stopReason}${told}`,
  ]
}

/** A call that ran. */
export function ran(tool: string, { failed = false, rule = "" } = {}): readonly string[] {
  const process = tool === "exec" ? ["diagnostic.reported kind=exec.process.completed outcome=completed"] : []
  return [
    `tool.invoked tool=${tool} verdict=allow${rule}`,
    ...environment(tool),
    ...process,
    `tool.returned tool=${tool} failed=${failed}`,
    ...kept(tool, failed),
  ]
}

/** A call that did not. */
export function refused(tool: string, deniedBy: string, { verdict = "allow", rule = "" } = {}): readonly string[] {
  return [`tool.invoked tool=${tool} verdict=${verdict}${rule}`, ...environment(tool), `tool.denied tool=${tool} deniedBy=${deniedBy}`, ...kept(tool, true)]
}

/** A call through Tool Search; the wrapper's own end is given, because the host tells a refusal inside in two ways. */
export function catalogued(tool: string, { verdict = "verdict=allow", inner = "", outer = "" } = {}): readonly string[] {
  const failed = inner !== ""
  return [
    "tool.invoked tool=tool_call wrapper=true verdict=allow",
    `tool.invoked tool=${tool} ${verdict} inside`,
    inner || `tool.returned tool=${tool} failed=false inside`,
    `message.written role=custom tool=${tool}${failed ? " failed=true" : ""} inside`,
    outer || `tool.returned tool=tool_call wrapper=true inner=${tool} failed=false`,
    ...kept("tool_call", failed),
  ]
}

/** The host puts the environment of a command together before anybody is asked whether it may run. */
function environment(tool: string): readonly string[] {
  return tool === "exec" ? ["exec.prepared tool=exec"] : []
}

function kept(tool: string, failed: boolean): readonly string[] {
  const word = failed ? " failed=true" : ""
  return [`tool.persisted tool=${tool}${word}`, `message.written role=toolResult tool=${tool}${word}`]
}

export function cameIn(channel: string, outcome = "completed"): readonly string[] {
  return [`message.received channel=${channel}`, `message.dispatched channel=${channel}`, `reply.dispatched channel=${channel}`, processed(channel, outcome)]
}

export function processed(channel: string, outcome = "completed"): string {
  return `diagnostic.reported kind=message.processed outcome=${outcome} channel=${channel}`
}

/** The web chat reports no delivery. */
const offeredOnWebchat = ["reply.offered channel=webchat part=final", "message.offered channel=webchat"]
const delivered = ["message.sent channel=telegram success=true", "diagnostic.reported kind=message.delivery.completed channel=telegram"]
export const sentByTool = ["message.offered channel=telegram", ...delivered]
export const heldBack = ["reply.offered channel=telegram part=final", "message.offered channel=telegram"]
export const wentOut = [...heldBack, ...delivered]

const opened = "session.started resumed=false"
/** A stop of the gateway ends every session that was used since it began. */
const closed = "session.ended reason=shutdown"

/** A session of the day, from its first event to its end. */
export function session(...events: readonly (string | readonly string[])[]): readonly string[] {
  return [opened, ...events.flat(), closed]
}

/** The same, of one turn with calls. */
export function turn(...steps: readonly (readonly string[])[]): readonly string[] {
  return session(run({ steps }))
}

/** The same, of one turn that came by the web chat. */
export function chat(...calls: readonly string[]): readonly string[] {
  return session(cameIn("webchat"), run({ steps: [calls] }), offeredOnWebchat)
}

/** The beginning of a session's first turn, for turns that do not end as most do. */
export const begun = ["message.written role=user", "reply.requested", "prompt.routed"]
export const begunByChat = [...begun, ...cameIn("webchat", "skipped")]
export const succeeded = run().filter((line) => !begun.includes(line))
/** What was given up ends for whoever asked, and then for the run itself. */
export const stopped = [
  `${progress("end")} status=cancelled aborted=true`,
  "run.ended success=false aborted=true",
  "model.responded",
  progress("model"),
  `${progress("error")} aborted=true`,
]
export const unheardCall = ["model.called", progress("model"), "model.returned outcome=error"]
export const stoppedExec = [
  "tool.invoked tool=exec verdict=allow rule=guard.tools exec",
  "exec.prepared tool=exec",
  "diagnostic.reported kind=exec.process.completed outcome=failed",
  "tool.returned tool=exec failed=true",
]

export function times(count: number, ...lines: readonly string[]): readonly string[] {
  return Array.from({ length: count }, () => lines).flat()
}
