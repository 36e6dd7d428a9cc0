/** What is recorded and what no plugin of this host can see: said first in `status`, in the gateway's log and in the README, each with the one command that helps, if any does. */

export type BlindSpot = { readonly what: string; readonly remedy: string | null }

/** What the host's configuration says that decides it. */
export type HostStanding = {
  readonly off: string | null
  readonly remedy: string | null
  readonly mayReadConversations: boolean
  readonly recapsOff: boolean
}

export type CoverageQuestion = {
  readonly recording: "yes" | "no" | "not set up"
  /** What has to be done first, where it is not recording; then nothing else is of use. */
  readonly first: { readonly command: string; readonly gives: string } | null
  /** Null when the configuration could not be read. */
  readonly host: HostStanding | null
  /** Prompts are on record, or tool calls without any. */
  readonly conversations: "seen" | "not seen" | "unknown"
}

export type Coverage = {
  readonly recorded: string
  readonly notCovered: readonly BlindSpot[]
  /** The one command to run next, and what it is for. */
  readonly next: { readonly command: string; readonly gives: string } | null
}

export const grantCommand = "openclaw config set plugins.entries.sovereign-ledger.hooks.allowConversationAccess true --strict-json"
const recapCommand = 'openclaw config set agents.defaults.utilityModel ""'

const always = "tool calls with their results, model calls with tokens and cost, messages, sessions, subagents and jobs"

const blindSpots: readonly BlindSpot[] = [
  { what: "openclaw agent exec, which runs without any plugin hook", remedy: null },
  { what: "what the web chat shows, which can be recorded but not held back", remedy: null },
  { what: "polls sent by openclaw message poll", remedy: null },
  { what: "activity recaps of the host's utility model", remedy: recapCommand },
  { what: "other harnesses (Codex, ACP, Copilot), which have not been tried", remedy: null },
]

const unrecorded = { no: "nothing at present", "not set up": "nothing, until the ledger is set up" } as const

export function coverageOf({ recording, first, host, conversations }: CoverageQuestion): Coverage {
  const mayRead = host?.mayReadConversations ?? (conversations === "unknown" ? null : conversations === "seen")
  const notCovered = [
    ...(host !== null && host.off !== null ? [{ what: `anything at all: the host does not load the plugin (${host.off})`, remedy: host.remedy }] : []),
    ...(mayRead === false ? [{ what: "prompts and answers, for which the host has not given the permission", remedy: grantCommand }] : []),
    ...blindSpots.filter(({ remedy }) => !(host?.recapsOff === true && remedy === recapCommand)),
  ]
  const remedy = notCovered.find((spot) => spot.remedy !== null)?.remedy ?? null
  return {
    recorded: recording === "yes" ? always + (mayRead === true ? ", prompts and answers" : "") : unrecorded[recording],
    notCovered,
    next: first ?? (remedy === null ? null : { command: remedy, gives: givesOf(remedy) }),
  }
}

function givesOf(remedy: string): string {
  if (remedy === grantCommand) return "records prompts and answers, too"
  return remedy === recapCommand ? "ends the recaps that no hook sees" : "has the host load the plugin"
}
