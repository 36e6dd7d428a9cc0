/** What sessions are told: the built-in prompts, which an operator's files may take the places of, and the words of refusals and retries. */

/** In a prompt file `{maxRetries}` stands for the number of retries; in a contract file `{requester}` for the key of the session that it works for. */
export const builtInPrompt = `You are the front of this conversation. Stay fast: keep your first answer short.
Do not read files, run commands or start processes yourself, and do not do long work here.
Each conversation has one hidden orchestrator, which does all real work with workers of its own. Hand it every task that is more than a direct answer.
Before you answer a question about progress, look it up there (sessions_history, sessions_list or subagents).
When a message between <orchestrator-retry> tags comes, start that work again at once with sessions_spawn, with the task it names. A task is given out again at most {maxRetries} times.`

export const builtInContract = `You are the orchestrator of the session {requester}.
- Split the task into parts that can be worked on alone.
- Start a worker with sessions_spawn for everything that needs a tool, a file, a shell or the web. Give each a short label and a whole task.
- Keep track of what is pending, running, succeeded and failed.
- Start failed work again only where that is useful. When a message between <orchestrator-retry> tags comes, start that work again at once.
- Your answers go back to the session by themselves: keep word of progress short and structured.
- End with a summary: what was changed, what failed, what comes next.
- Do no work yourself unless delegation keeps failing.`

const mark = "orchestrator-mode"

/** Of ours, and no words of a person's. */
export function isOwnText(text: string): boolean {
  return text.includes(`<${mark}>`) || text.includes("<orchestrator-retry>")
}

export type Shown = { readonly status: string; readonly key: string; readonly label: string | undefined; readonly task: string }

export type PromptParts = { readonly text: string; readonly maxRetries: number; readonly orchestrator: string | undefined; readonly workers: readonly Shown[] }

export function frontPrompt({ text, maxRetries, orchestrator, workers }: PromptParts): string {
  const address =
    orchestrator === undefined
      ? "There is no orchestrator yet: sessions_spawn starts it. It is started once."
      : `Your orchestrator is the session ${orchestrator}. More work goes to it with sessions_send {"sessionKey": "${orchestrator}", "message": "..."}; do not start another one.`
  const snapshot = workers.length === 0 ? [] : ["Workers, the one that changed last first:", ...workers.map(shownLine)]
  return [`<${mark}>`, text.replaceAll("{maxRetries}", String(maxRetries)), address, ...snapshot, `</${mark}>`].join("\n")
}

function shownLine({ status, key, label, task }: Shown): string {
  return `- ${status} ${key} ${label ?? "no-label"}: ${preview(task, longestPreview)}`
}

const longestPreview = 180

/** On one line, with an ellipsis where it is cut. */
export function preview(text: string, most: number): string {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length <= most ? line : `${line.slice(0, most - 1).trimEnd()}…`
}

/** What stands before the task of an orchestrator. */
export function contractText(text: string, requester: string): string {
  return `${text.replaceAll("{requester}", requester)}\n\nThe task:\n`
}

export const missingTask = {
  front: "Be this session's orchestrator, and go on with what the user wants.",
  orchestrator: "Hand the goal of this conversation to a worker, and report what it found.",
} as const

export function directWords(tool: string, orchestrator: string | undefined): string {
  const instead =
    orchestrator === undefined
      ? "Start an orchestrator first, with sessions_spawn, and hand it the task."
      : `Send the task to the orchestrator, with sessions_send {"sessionKey": "${orchestrator}", "message": "..."}.`
  return `Sovereign Ledger refused ${tool}: this session hands work on and does none itself. ${instead} Trying again will not help.`
}

export function boundWords(orchestrator: string): string {
  return `Sovereign Ledger refused sessions_spawn: this session has its orchestrator already, ${orchestrator}. Send it more work with sessions_send {"sessionKey": "${orchestrator}", "message": "..."}; look at its progress with session_status or sessions_history.`
}

export const startingWords =
  "Sovereign Ledger refused sessions_spawn: an orchestrator is being started for this session at this moment, and there is one for each. Wait for its result."

const longestHint = 260

/** What an orchestrator could have done instead. */
export function workerHint(tool: string, params: unknown): { readonly label: string; readonly task: string } {
  const written = JSON.stringify(params) ?? "{}"
  return { label: `worker-${tool}`, task: `Use ${tool} with ${preview(written, longestHint)}, and report what came of it.` }
}

export function hintWords(tool: string, attempt: number, hint: { readonly label: string; readonly task: string }): string {
  return `Sovereign Ledger refused ${tool} (attempt ${attempt} of this run): an orchestrator has its work done by workers. Start one: sessions_spawn ${JSON.stringify(hint)}`
}

export type RetryParts = {
  readonly failedChildSession: string
  readonly outcome: string
  readonly attempt: number
  readonly most: number
  readonly task: string | undefined
  readonly label: string | undefined
  readonly agentId: string | undefined
  readonly model: string | undefined
  readonly thinking: string | undefined
  readonly mode: string | undefined
  readonly thread: string | undefined
}

/** One `name: value` a line; what is not known has no line. */
export function retryText({ attempt, most, failedChildSession, outcome, ...spawn }: RetryParts): string {
  const fields = {
    failedChildSession,
    outcome,
    attempt: `${attempt}/${most}`,
    action: "start it again now with sessions_spawn, with this task and these parameters",
    ...spawn,
    ...(spawn.task === undefined ? { task: "(not kept; it stands in your history)" } : {}),
  }
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${oneLine(value)}`]))
  return ["<orchestrator-retry>", ...lines, "</orchestrator-retry>"].join("\n")
}

/** Nothing in a value begins a line, or ends the whole. */
function oneLine(value: string): string {
  return value.replaceAll("\r", "").replaceAll("\n", "\\n").replaceAll("</orchestrator-retry>", "<\\/orchestrator-retry>")
}
