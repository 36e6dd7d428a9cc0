/**
 * One schedule from one seed: what runs, operators, programs and accidents do by turns to a ledger. The same seed is the same schedule. At the end every run is
 * over, time has passed, and nothing may be held any more.
 */
import assert from "node:assert/strict"
import type { Machine } from "./any-writer.ts"
import { Chance } from "./chance.ts"
import { Operators } from "./operators.ts"
import { SimHost, type Run } from "./sim-host.ts"
import { World } from "./world.ts"

export type Outcome = { readonly seed: number; readonly steps: number; readonly faults: number; readonly calls: number; readonly refused: number }

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const fewestFaults = 3

/** Around days of 23 and 25 hours, ends of months and of years. */
const starts = [
  "2026-03-28T22:40Z",
  "2026-10-24T22:10Z",
  "2026-11-30T22:55Z",
  "2026-12-31T23:50Z",
  "2028-02-28T23:30Z",
  "2026-04-04T14:20Z",
  "2026-11-25T11:50Z",
].map((text) => Date.parse(text)) as unknown as readonly [number, ...number[]]

export async function runSchedule(seed: number, machine?: Machine): Promise<Outcome> {
  const schedule = new Schedule(new Chance(seed), machine)
  try {
    return { seed, ...(await schedule.run()) }
  } catch (error) {
    throw new Error(`schedule ${seed}\n${schedule.story()}`, { cause: error })
  }
}

const endLines = 20

/** Of a story, whose first line names the schedule. */
export function endOf(story: string): string {
  const lines = story.split("\n")
  return lines.length <= endLines ? story : [lines[0], `… ${lines.length - endLines} lines; all of them: --whole`, ...lines.slice(-endLines)].join("\n")
}

class Schedule {
  readonly #chance: Chance
  readonly #world: World
  readonly #host: SimHost
  readonly #operators: Operators
  #faults = 0

  constructor(chance: Chance, machine: Machine | undefined) {
    this.#chance = chance
    this.#world = new World(chance.of(starts) + chance.below(3) * hourMs, machine)
    this.#host = new SimHost(this.#world, chance)
    this.#operators = new Operators(this.#world, chance)
  }

  story(): string {
    return this.#world.story()
  }

  async run(): Promise<Omit<Outcome, "seed">> {
    const chance = this.#chance
    await this.#world.begin()
    for (let rules = 1 + chance.below(3); rules > 0; rules--) this.#operators.setBudget(`b${rules}`)
    await this.#world.commit()
    const steps = 40 + chance.below(3)
    for (let step = 0; step < steps; step++) await this.#step()
    while (this.#faults + this.#host.faults < fewestFaults) await this.#fault()
    await this.#end()
    this.#world.putBack()
    const { faults, calls, refused } = this.#host
    return { steps, faults: this.#faults + faults, calls, refused }
  }

  async #step(): Promise<void> {
    const chance = this.#chance
    this.#host.step()
    const what = chance.below(100)
    if (what < 55) this.#host.go(chance.of(this.#host.runs as readonly [Run, ...Run[]]))
    else if (what < 62) await this.#operators.answer()
    else if (what < 70) this.#operators.order()
    else if (what < 76) await this.#operators.program()
    else if (what < 90) await this.#pass()
    else await this.#fault()
    // What comes close together shares a commit.
    if (chance.oneIn(3)) await this.#world.commit()
  }

  async #pass(): Promise<void> {
    const chance = this.#chance
    const spans = [1, 2_500, 5_001, 40_000, 11 * minuteMs, 31 * minuteMs, hourMs, 7 * hourMs, dayMs, 31 * dayMs] as const
    await this.#world.pass(spans[Math.min(chance.below(spans.length), chance.below(spans.length))] ?? 1)
  }

  async #fault(): Promise<void> {
    const chance = this.#chance
    const world = this.#world
    const what = chance.below(9)
    if (what !== 5) this.#faults++
    if (what === 8) return this.#host.dies()
    if (what === 7) return this.#host.gateway.givesUp()
    if (what < 2) await world.commit("before")
    else if (what < 4) await world.commit("after")
    else if (what === 4) await world.commit()
    else if (what === 5) {
      await world.commit()
      world.keepSnapshot()
      return
    } else {
      const ms = chance.of([1, 3_000, 0, hourMs, dayMs, 31 * dayMs] as const)
      const sign = chance.oneIn(2) ? 1 : -1
      // A little, and only the gateway's differs; much, and somebody has set the machine's, or has put it right.
      if (ms === 1 || ms === 3_000) world.clocks.skewMs += sign * ms
      else await world.setClock(sign * ms)
      return
    }
    if (chance.oneIn(3)) await world.pass(chance.of([5_001, 31 * minuteMs, dayMs] as const))
    await world.restart()
  }

  /** Everything that was to be told is told, every run is over, and time passes. */
  async #end(): Promise<void> {
    const world = this.#world
    await world.commit()
    if (!world.writer.isAlive) await world.restart()
    this.#host.tellsTheRest()
    for (const run of this.#host.runs) {
      if (run.state === "calling") this.#host.callEnds(run)
      this.#host.runEnds(run)
    }
    this.#host.tellsTheRest()
    await world.commit()
    for (const ms of [5_001, 40 * minuteMs, 25 * hourMs]) {
      await world.pass(ms)
      await world.commit()
    }
    assert.deepEqual([...world.writer.state.holds.keys()], [], "nothing is held in the end")
    for (const { held, rule } of world.writer.state.budgets.values())
      assert.ok(
        Object.values(held).every((amount) => amount === 0n),
        `nothing is held in ${rule.name}`,
      )
    await world.restart()
  }
}
