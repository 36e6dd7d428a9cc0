/**
 * A plugin that is not ours, as a gateway has some: it decides about calls and messages by a word in them. It is loaded from this folder by
 * `plugins.load.paths`, which the host allows for sources; an installed plugin has to be compiled.
 */
type Call = { readonly toolName?: unknown; readonly params?: { readonly command?: unknown } }
type Message = { readonly content?: unknown }
type PolicyApi = { readonly on: (hook: string, handler: (event: Call & Message) => unknown) => void }

/** The longest the one that nobody answers waits; the host takes any time down to a second. */
const unansweredMs = 1000
const answeredMs = 60_000

export default {
  id: "day-policy",
  name: "Day policy",
  register(api: PolicyApi) {
    // A call through Tool Search is decided about inside: outside its parameters only quote what is meant.
    api.on("before_tool_call", ({ toolName, params }) => (toolName === "tool_call" ? undefined : decide(JSON.stringify(params), params)))
    api.on("message_sending", ({ content }) => (String(content).includes("hold-back") ? { cancel: true, cancelReason: "held back" } : undefined))
  },
}

function decide(words: string, params: Call["params"]): unknown {
  if (words.includes("rewrite-me")) return { params: { ...params, command: String(params?.command).replace("rewrite-me", "rewritten") } }
  if (words.includes("block-me")) return { block: true, blockReason: "The policy of this gateway." }
  const asks = /ask-\w+/.exec(words)?.[0]
  if (asks === undefined) return undefined
  // Whoever answers is told by the title what to answer; onResolution is the plugin's own business and not needed.
  const timeoutMs = asks === "ask-nobody" ? unansweredMs : answeredMs
  return { requireApproval: { title: asks, description: words, severity: "info", allowedDecisions: ["allow-once", "deny"], timeoutMs } }
}
