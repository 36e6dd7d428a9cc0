/** What operators order and other programs hold: budgets that come and go, standstills, allotments, and amounts next to the limits. */
import { rates } from "./calls.ts"
import type { Chance } from "./chance.ts"
import { windowMs } from "./extensions.ts"
import { sizes } from "./sim-host.ts"
import type { World } from "./world.ts"

const minuteMs = 60_000
const periods = ["day", "day", "hour", "week", "month", "lifetime", "rolling 1h", "rolling 24h"] as const
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"] as const
const pool = "budget:pool"
const matches = [[], [], ["agent=main"], ["agent=sub*"], ["model=mock/big"], ["channel=telegram"], ["tool=web_search"], ["provider=mock"]] as const

export class Operators {
  readonly #world: World
  readonly #chance: Chance

  constructor(world: World, chance: Chance) {
    this.#world = world
    this.#chance = chance
  }

  order(): void {
    const chance = this.#chance
    const what = chance.below(13)
    const name = `b${1 + chance.below(3)}`
    const account = chance.of(["agent:main", "agent:sub-1"] as const)
    const target = chance.of(["all", account, name] as const)
    if (what > 9) return this.#allowance(what === 12 && chance.oneIn(2))
    if (what < 4) this.setBudget(name)
    else if (what === 4) this.#world.order({ do: "remove-budget", budget: name })
    else if (what === 5) this.#world.order({ do: "freeze", target, reason: "test" })
    else if (what < 8) this.#world.order({ do: "unfreeze", target, reason: "test" })
    else if (what === 8) this.#world.order({ do: "allocate", id: `t${chance.below(6)}`, account, amounts: [this.#amount()] })
    else this.#world.order({ do: "transfer", id: `t${chance.below(6)}`, from: "agent:main", to: "agent:sub-1", amounts: [this.#amount()] })
  }

  /** An owner answers what he was asked, or was asked once: in time, late, twice, or the other way round. */
  async answer(): Promise<void> {
    const chance = this.#chance
    const codes = [...this.#world.writer.state.extensions.keys(), "ZZZZZZ"]
    const extension = codes[Math.max(0, codes.length - 1 - chance.below(4))] ?? "ZZZZZZ"
    if (chance.oneIn(8)) await this.#world.pass(chance.oneIn(2) ? windowMs : windowMs - 1)
    for (let times = chance.oneIn(5) ? 2 : 1; times > 0; times--) this.#world.order({ do: chance.oneIn(4) ? "deny-extension" : "approve-extension", extension })
  }

  setBudget(name: string): void {
    const chance = this.#chance
    const per = chance.of(periods)
    const rollover = !per.startsWith("rolling") && per !== "lifetime" && chance.oneIn(3)
    const limits = chance.oneIn(5) ? [`${1 + chance.below(6)} calls`] : [this.#amount(), ...(chance.oneIn(6) ? ["9000 tokens"] : [])]
    const mode = chance.oneIn(8) ? "warn" : "block"
    this.#world.order({ do: "set-budget", budget: name, limits, per, zone: chance.of(zones), match: chance.of(matches), rollover, mode })
  }

  /** To agents and to a pool, from wherever; some would go round in a circle. */
  #allowance(ends: boolean): void {
    const chance = this.#chance
    const allowance = `a${1 + chance.below(4)}`
    if (ends) return this.#world.order({ do: "remove-allowance", allowance })
    const to = chance.of(["agent:main", "agent:main", "agent:sub-1", pool] as const)
    const from = chance.of(["budget:unallocated", "budget:unallocated", pool, "agent:main"] as const)
    if (from === to) return
    // What is set while its source is frozen waits.
    const target = chance.oneIn(2) ? from : "all"
    const isFrozen = chance.oneIn(6)
    if (isFrozen) this.#world.order({ do: "freeze", target, reason: "test" })
    const more = { zone: chance.of(zones), rollover: chance.oneIn(3) }
    this.#world.order({
      do: "set-allowance",
      allowance,
      to,
      from,
      give: [this.#amount()],
      per: chance.of(["hour", "day", "day", "week", "month"] as const),
      ...more,
    })
    if (isFrozen && chance.oneIn(2)) this.#world.order({ do: "unfreeze", target, reason: "test" })
  }

  /** A few calls' worth, a nano-dollar more or less, so that the last one fits exactly, or by no more than that. */
  #amount(): string {
    const chance = this.#chance
    let nanos = 0
    for (let calls = 1 + chance.below(5); calls > 0; calls--) {
      const { bytes, maxTokens } = chance.of(sizes)
      const { input, output } = rates[chance.oneIn(3) ? "small" : "big"]
      nanos += bytes * input * 1.25 + maxTokens * output
    }
    if (chance.oneIn(4)) nanos += 10_000_000
    return dollars(Math.max(1, nanos + chance.below(3) - 1))
  }

  /** It says what it came to when its hold is over, once or twice. */
  async #lateProgram(id: string, account: string): Promise<void> {
    const amounts = [this.#amount()]
    this.#world.order({ do: "hold", id, account, amounts, spend: { agent: account.slice(6) } })
    if (this.#chance.oneIn(2)) {
      await this.#world.pass(11 * minuteMs)
      // What it no longer holds, another takes.
      this.#world.order({ do: "hold", id: "x9", account, amounts, spend: { agent: account.slice(6) } })
    }
    this.#world.order({ do: "settle", id, account, amounts })
    if (this.#chance.oneIn(2)) this.#world.order({ do: "settle", id, account, amounts: this.#chance.oneIn(2) ? amounts : [this.#amount()] })
  }

  async program(): Promise<void> {
    const chance = this.#chance
    const id = `x${chance.below(4)}`
    const account = chance.of(["agent:main", "agent:sub-1"] as const)
    const what = chance.below(6)
    if (what === 5) return this.#lateProgram(id, account)
    if (what < 2) this.#world.order({ do: "hold", id, account, amounts: [this.#amount()], spend: { agent: account.slice(6) } })
    else if (what < 4) this.#world.order({ do: "settle", id, account, attempt: 1 + chance.below(3), amounts: [this.#amount()] })
    else this.#world.order({ do: "release", id, attempt: 1 + chance.below(3) })
  }
}

function dollars(nanos: number): string {
  return `${Math.floor(nanos / 1e9)}.${String(nanos % 1e9).padStart(9, "0")}usd`
}
