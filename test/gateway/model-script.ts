/**
 * The scripted model's language: what a user message tells the model to do, one step a line.
 *
 *   TOOL exec {"command":"echo hi"}            one tool call
 *   TOOLS [{"name":"exec","args":{…}}, …]      several tool calls in one assistant turn
 *   SAY some text                              the final reply (default: "done")
 *   SLOW 500                                   wait so many ms before every answer to this message
 *   NOUSAGE                                    answer without a usage block
 *   FAIL 500 [times]                           refuse with that HTTP status, the first n times (default: always)
 *
 * Stateless but for FAIL counts, which are kept per script (make the SAY text unique): which step is due follows from
 * how many tool-calling assistant turns stand after the last user message. The host puts things before the text of a
 * message and adds messages of its own, so a step may stand anywhere in a line and the host's context does not count.
 */
export type ScriptedCall = { readonly name: string; readonly args: Readonly<Record<string, unknown>> }

export type ScriptedAnswer = { readonly kind: "text"; readonly text: string } | { readonly kind: "calls"; readonly calls: readonly ScriptedCall[] }

export type Script = {
  readonly steps: readonly (readonly ScriptedCall[])[]
  readonly finalText: string
  readonly delayMs: number
  readonly usage: boolean
  readonly fail: { readonly status: number; readonly times: number } | undefined
}

/** What a request is for. For itself the host asks for a summary of a history to be compacted, and for activity recaps by its utility model. */
export type Purpose = "turn" | "compaction" | "recap"

export type ChatMessage = { readonly role: string; readonly content?: unknown; readonly tool_calls?: readonly unknown[] }

const internalContext = /<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>[\s\S]*?<<<END_OPENCLAW_INTERNAL_CONTEXT>>>/g
const subagentAnnouncement = /^(?:\[[^\]]*\] )?A background task completed\./
const stepPattern = /\b(TOOLS?|SAY|SLOW|NOUSAGE|FAIL)(?: +(.*?))? *$/

export function parseScript(text: string): Script {
  const steps: ScriptedCall[][] = []
  let finalText = "done"
  let delayMs = 0
  let usage = true
  let fail: Script["fail"]
  // It quotes the subagent's task, which must not be done a second time by the parent.
  if (subagentAnnouncement.test(text)) return { steps, finalText: "The subagent is done.", delayMs, usage, fail }
  const again = retriedCall(text)
  if (again) return { steps: [[again]], finalText: "started again", delayMs, usage, fail }
  // The host's own requests quote what people said, too.
  if (purposeOf(text) !== "turn") return { steps, finalText: "They talked.", delayMs, usage, fail }
  for (const line of text.split("\n")) {
    const [, verb, rest = ""] = stepPattern.exec(line) ?? []
    if (verb === "TOOL") steps.push([parseCall(rest)])
    else if (verb === "TOOLS") steps.push(parseCalls(rest))
    else if (verb === "SAY") finalText = rest
    else if (verb === "SLOW") delayMs = Number(rest)
    else if (verb === "NOUSAGE") usage = false
    else if (verb === "FAIL") {
      const [status = "500", times = "Infinity"] = rest.split(" ").filter((part) => part !== "")
      fail = { status: Number(status), times: Number(times) }
    }
  }
  return { steps, finalText, delayMs, usage, fail }
}

/** An orchestrator that is told to start failed work again does so. */
function retriedCall(text: string): ScriptedCall | undefined {
  const [, fields = ""] = /<orchestrator-retry>\n([\s\S]*?)\n<\/orchestrator-retry>/.exec(text) ?? []
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(fields)?.[1]
  const [task, label] = [field("task"), field("label")]
  if (task === undefined) return undefined
  return { name: "tool_call", args: { id: "sessions_spawn", args: { task: task.replaceAll("\\n", "\n"), ...(label === undefined ? {} : { label }) } } }
}

export function purposeOf(text: string): Purpose {
  if (text.startsWith("<conversation>")) return "compaction"
  return text.startsWith('{"previousRecap"') ? "recap" : "turn"
}

/** The step that is due in this conversation: a batch of tool calls, or the final text. */
export function nextAnswer(script: Script, messages: readonly ChatMessage[]): ScriptedAnswer {
  const lastUser = messages.findLastIndex((message) => userText(message) !== "")
  const taken = messages.slice(lastUser + 1).filter((message) => (message.tool_calls?.length ?? 0) > 0).length
  const calls = script.steps[taken]
  return calls === undefined ? { kind: "text", text: script.finalText } : { kind: "calls", calls }
}

export function lastUserText(messages: readonly ChatMessage[]): string {
  return messages.map(userText).findLast((text) => text !== "") ?? ""
}

/** What the user said: the host appends user messages that hold nothing but its own context. */
function userText(message: ChatMessage): string {
  const { role, content } = message
  if (role !== "user") return ""
  const parts: readonly { readonly text?: unknown }[] = Array.isArray(content) ? content : [{ text: content }]
  const texts = parts.map((part) => (typeof part.text === "string" ? part.text : ""))
  return texts.join("\n").replaceAll(internalContext, "").trim()
}

function parseCall(text: string): ScriptedCall {
  const space = text.indexOf(" ")
  if (space === -1) return { name: text, args: {} }
  return { name: text.slice(0, space), args: JSON.parse(text.slice(space + 1)) as ScriptedCall["args"] }
}

function parseCalls(text: string): ScriptedCall[] {
  return JSON.parse(text) as ScriptedCall[]
}
