/** What no plugin of this host can see: said first in `status`, in the gateway's log and in the README, each with the one command that helps, if any does. */

export type BlindSpot = { readonly what: string; readonly remedy: string | null }

export const blindSpots: readonly BlindSpot[] = [
  { what: "openclaw agent exec runs without any plugin hook", remedy: null },
  { what: "what the web chat shows cannot be held back, only recorded", remedy: null },
  { what: "polls sent by openclaw message poll pass no hook", remedy: null },
  { what: "activity recaps of the host's utility model pass no hook", remedy: 'openclaw config set agents.defaults.utilityModel ""' },
  { what: "other harnesses (Codex, ACP, Copilot) have not been tried", remedy: null },
]
