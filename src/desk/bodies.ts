/** The bodies of answers, as far as they are shown (docs/reference/commands.md: what --json prints). Amounts are decimal texts of nano-dollars. */
export type Amounts = Readonly<Record<string, string>>

export type Budget = {
  readonly rule: {
    readonly name: string
    readonly mode: string
    readonly period: { readonly per: string; readonly spanMs?: number }
    readonly match?: Readonly<Record<string, string>>
  }
  readonly limit: Amounts
  readonly spent: Amounts
  readonly held: Amounts
  readonly left: Amounts
  readonly resetsAtMs?: number
  readonly frozen?: string
}

export type Cut = { readonly cut: string; readonly words: string; readonly at: string }

export type Status = {
  readonly generatedAt: string
  readonly version: string
  readonly directory: string
  readonly recording: "on" | "ready" | "off" | "not set up"
  readonly problem: { readonly message: string; readonly remedy: string } | null
  readonly next: string | null
  readonly coverage: {
    readonly recorded: string
    readonly notCovered: readonly { readonly what: string; readonly remedy: string | null }[]
    readonly next: { readonly command: string; readonly gives: string } | null
  }
  readonly keys: { readonly source: string | null; readonly warning: string | null; readonly verifierKey: string | null; readonly origin: string | null }
  readonly writer: { readonly pid?: number; readonly version?: string } | null
  readonly storage: {
    readonly bytes: number
    readonly bytesADay: number | null
    readonly entries: number
    readonly oldest: string | null
    readonly newest: string | null
  }
  readonly integrity: {
    readonly lastSequence: number
    readonly lastCheckpoint: { readonly size: number; readonly storedAt: string } | null
    readonly entriesSinceCheckpoint: number
    readonly headNote: string
    readonly witnesses: readonly { readonly state: string }[]
    readonly anchors: readonly { readonly state: string }[]
    readonly restored: readonly { readonly acceptedAt: string | null }[]
  }
  readonly gaps: { readonly count: number; readonly events: number; readonly last: { readonly at: string; readonly reason: string } | null }
  readonly alerts: {
    readonly since: string
    readonly count: number
    readonly newest: readonly { readonly sequence: number; readonly at: string; readonly type: string; readonly description: string }[]
  }
  readonly money: {
    readonly budgets: readonly Budget[]
    readonly openHolds: number
    readonly frozen: readonly { readonly what: string; readonly name: string; readonly reason: string }[]
    readonly cuts: readonly Cut[]
  }
  readonly clock: { readonly state: string } | null
}

export type SpendSums = {
  readonly calls: number
  readonly failed: number
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly tokens: number
  readonly costNanos: string
  readonly unpriced: number
  readonly averageLatencyMs: number | null
}

export type Spend = {
  readonly window: { readonly from: string; readonly to: string; readonly timeZone: string }
  readonly rows: readonly (SpendSums & { readonly keys: Readonly<Record<string, string>> })[]
  readonly more: number
  readonly total: SpendSums
}

export type Burner = { readonly name: string; readonly share: number }

export type Forecast = {
  readonly budgets: readonly {
    readonly name: string
    readonly resetsAt: string | null
    readonly frozen: string | null
    readonly units: readonly {
      readonly unit: string
      readonly limit: string
      readonly spent: string
      readonly left: string
      readonly perHour: { readonly lastHour: string; readonly lastDay: string; readonly sameHours: string | null }
      readonly verdict: "gone" | "goes" | "lasts" | "idle" | "unclear"
      readonly goneAt: string | null
      readonly atEnd: string | null
      readonly burners: { readonly agents: readonly Burner[]; readonly models: readonly Burner[]; readonly jobs: readonly Burner[] }
    }[]
  }[]
}

export type LedgerEvent = {
  readonly sequence: number
  readonly id: string
  readonly type: string
  readonly category: string
  readonly createdAt: string
  readonly sessionId: string | null
  readonly sender: string | null
  readonly description: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly preview: string | null
}

export type EventWhole = LedgerEvent & {
  readonly verification: "verified" | "pending" | "tampered"
  readonly hash: string
  readonly previousHash: string
  readonly scopeId: string
  readonly content: unknown
  readonly contentState: "open" | "none" | "erased" | "unreadable" | "removed"
}

export type Events = { readonly events: readonly LedgerEvent[]; readonly total: number }

export type Routes = { readonly routes: readonly { readonly route: string; readonly summary: string }[] }
