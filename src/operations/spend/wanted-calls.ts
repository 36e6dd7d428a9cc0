/**
 * What a spend is for, read from what a gateway told: agent, model, channel, session, job. Who asks for a run is known at its first door only, so it is
 * remembered for the calls after it, of the latest runs.
 */
import type { CapturedCall, MapContext } from "../../capture/hook-row.ts"
import { readCall, type SpendReading } from "../../capture/spend-reading.ts"
import type { NewEvent } from "../../format/event.ts"
import type { AccountName, Spend } from "../../format/facts/ledger.ts"
import { isAccountName } from "../../ledger/accounts.ts"

/** A model call or a tool call that may be made. */
export type Wanted = {
  readonly run: string | undefined
  readonly spend: Spend
  readonly account: AccountName
  readonly provider: string | undefined
  readonly model: string | undefined
  /** UTF-8 bytes of what is known to be sent; undefined when nothing is known. */
  readonly knownBytes: number | undefined
  /** All that is sent is among them. */
  readonly whole: boolean
  /** The most that may be answered, where it is known beyond the model's price. */
  readonly maxTokens: number | undefined
  readonly askedAtMs: number
  readonly compaction: boolean
  readonly tool?: string
  readonly call?: string
}

const remembered = 4_096

/** What only the first door of a run tells. */
type Remembered = Pick<Spend, "agent" | "channel" | "cron" | "payer" | "session"> & { readonly heartbeat?: true }

/** Of all heartbeats, once somebody has allotted it something. */
export const heartbeatAccount: AccountName = "cron:heartbeat"

export type WantedOptions = {
  readonly sessionId: (label: string) => string
  /** Whether an account was ever allotted anything. */
  readonly isAllotted: (account: AccountName) => boolean
}

export class WantedCalls {
  readonly #options: WantedOptions
  readonly #runs = new Map<string, Remembered>()

  constructor(options: WantedOptions) {
    this.#options = options
  }

  of(call: CapturedCall, context: MapContext): Wanted {
    return this.#wanted(readCall(call, context))
  }

  ofTool(call: CapturedCall, { facts }: NewEvent<"tool.invoked">): Wanted {
    const { agent, run, tool } = facts
    const payer = sessionOf(call.picked["payer"])
    const wanted = this.#wanted({ agent, payer, run, session: sessionOf(call.picked["session"]), askedAtMs: call.atMs })
    return { ...wanted, spend: { ...wanted.spend, tool }, tool, call: facts.call }
  }

  /** Of an event on a model call that has happened. */
  ofEvent({ scope, facts }: NewEvent, atMs: number): Wanted {
    const { agent, run, provider, model, runKind } = facts as SpendReading & { readonly runKind?: string }
    return this.#wanted({ agent, run, provider, model, session: scope?.session, compaction: runKind === "compaction", askedAtMs: atMs })
  }

  #wanted(reading: SpendReading): Wanted {
    const { run, provider, model, askedAtMs } = reading
    const known = run === undefined ? undefined : this.#runs.get(run)
    const agent = reading.agent ?? known?.agent
    const who = given({
      agent,
      payer: reading.payer ?? known?.payer,
      channel: reading.channel ?? known?.channel,
      cron: reading.job ?? known?.cron,
      session: reading.session === undefined ? known?.session : this.#options.sessionId(reading.session),
    })
    const heartbeat = reading.heartbeat ?? known?.heartbeat ?? false
    if (run !== undefined) this.remember(run, who, heartbeat)
    const spend = given({ ...who, provider, model: provider !== undefined && model !== undefined ? `${provider}/${model}` : model })
    return {
      run,
      spend,
      account: this.#accountOf(who, heartbeat),
      provider,
      model,
      knownBytes: reading.knownBytes,
      whole: reading.whole === true,
      maxTokens: reading.maxTokens,
      askedAtMs,
      compaction: reading.compaction === true,
    }
  }

  /** A job or the heartbeats spend from an account of their own where they have one; a subagent from that of the agent it works for. */
  #accountOf({ agent, cron, payer }: Spend, heartbeat: boolean): AccountName {
    const own = [...(cron === undefined ? [] : [`cron:${cron}`]), ...(heartbeat ? [heartbeatAccount] : [])]
    const ofOwn = own.find((name) => isAccountName(name) && this.#options.isAllotted(name))
    const account = ofOwn ?? `agent:${payer ?? agent ?? "unknown"}`
    return isAccountName(account) ? account : nobody
  }

  /** Also of a run that an earlier writer asked for: who it is for is told at its first door only. */
  remember(run: string, { agent, channel, cron, payer, session }: Spend, heartbeat: boolean): void {
    this.#runs.delete(run)
    this.#runs.set(run, { ...given({ agent, channel, cron, payer, session }), ...(heartbeat && { heartbeat }) })
    if (this.#runs.size <= remembered) return
    const [oldest] = this.#runs.keys()
    if (oldest !== undefined) this.#runs.delete(oldest)
  }
}

/** `agent` of a name that no account can have. */
const nobody: AccountName = "agent:unknown"

function sessionOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}

function given(fields: { readonly [K in keyof Spend]: Spend[K] | undefined }): Spend {
  const kept: { -readonly [K in keyof Spend]?: string } = {}
  for (const key in fields) {
    const value = fields[key as keyof Spend]
    if (value !== undefined) kept[key as keyof Spend] = value
  }
  return kept
}
