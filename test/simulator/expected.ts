/** What the writer should make of each line it is given, by the predictor alone: lines are read here a second time, by their documented meaning. */
import { parseAllowance } from "../../src/ledger/allowance-rule.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Spend } from "../../src/format/facts/ledger.ts"
import { boundOf } from "./bound.ts"
import { Calls, type ModelName, type Tokens } from "./calls.ts"
import { nanosOf } from "./counters.ts"
import type { Drawer, Extension } from "./extensions.ts"
import { Predictor, type Answer } from "./predictor.ts"

type Line = { readonly n: number; readonly h: string; readonly t: number; readonly p: Readonly<Record<string, unknown>> }
type Who = Pick<Spend, "agent" | "channel" | "payer">

const permitMs = 30 * 60_000
const toolMs = 24 * 3_600_000

/** An estimate is held with a tenth more. */
export const toolPrices = { web_search: { moneyNanos: 10_000_000 }, render: { moneyNanos: 22_000_000, wallMs: 33_000 } } as const

export class Expected {
  readonly ledger = new Predictor()
  readonly #calls = new Calls(this.ledger)
  #runs = new Map<string, Who>()
  /** As they are known to people, by their codes. */
  readonly codes = new Map<string, Extension>()
  readonly #marks = new Map<string, number>()
  #now = 0
  /** Lines that were told for the first time. */
  told = 0

  at(ledgerMs: number): void {
    this.#now = ledgerMs
  }

  asked(id: string, { h, t, p, n }: Line): unknown {
    this.#mark(id.slice(0, id.lastIndexOf("-")), n)
    if (h === "before_tool_call") return this.#tool(`tool:${id}`, t, p)
    const instead = typeof p["instead"] === "string" ? this.ledger.openHold(p["instead"], Number(p["insteadAttempt"])) : undefined
    if (instead?.door === "model" && instead.begunAtMs === undefined) {
      this.#tick()
      this.ledger.release(instead)
    }
    const model = modelIn(p)
    const who = this.#who(String(p["run"]), p)
    return this.#answer({
      door: "model",
      id: `model:${id}`,
      account: `agent:${who.payer ?? who.agent}`,
      amounts: boundOf(model, p),
      spend: { ...who, provider: "mock", model: `mock/${model}` },
      ttlMs: permitMs,
      run: String(p["run"]),
      askedAtMs: t,
      against: `spent:model/mock/${model}`,
      drawer: drawerIn(p),
    })
  }

  #tool(id: string, t: number, p: Line["p"]): unknown {
    const tool = String(p["tool"]) as keyof typeof toolPrices
    const who = this.#who(String(p["run"]), p)
    // Nothing is held while nothing may refuse.
    if (!this.isHard) return { verdict: "allow", hold: undefined, attempt: undefined, asks: false }
    const answer = this.#answer({
      door: "tool",
      id,
      account: `agent:${who.payer ?? who.agent}`,
      amounts: { tokens: 0, calls: 1, ...toolPrices[tool] },
      spend: { ...who, tool },
      ttlMs: toolMs,
      run: String(p["run"]),
      call: String(p["call"]),
      askedAtMs: t,
      against: `spent:tools/${tool}`,
      drawer: drawerIn(p),
    })
    return { ...answer, hold: undefined, attempt: undefined }
  }

  #answer(asked: Parameters<Predictor["hold"]>[0]): { verdict: string; hold: string | undefined; attempt: number | undefined; asks: boolean } {
    const before = this.ledger.openHold(asked.id)
    const denied = (asks: boolean) => ({ verdict: "deny", hold: undefined, attempt: undefined, asks })
    // Whoever waits for an owner waits, however often he asks.
    if (before?.draw && !before.draw.extension.wasGranted) return denied(true)
    if (!before) this.#tick()
    const answer: Answer = this.ledger.hold(asked)
    if ("hold" in answer) return { verdict: "allow", hold: answer.hold, attempt: answer.attempt, asks: false }
    return denied(this.#asks(asked, answer.refused[0]?.why))
  }

  /** An owner is asked for what ran out; a tool is held beforehand. */
  #asks(asked: Parameters<Predictor["hold"]>[0], why: string | undefined): boolean {
    const { ledger } = this
    const { drawer, door } = asked
    const lacks = why?.startsWith("over-") ? ledger.lacks(asked) : undefined
    if (!lacks || !drawer || door === "api") return false
    const extension = ledger.extensions.ask(lacks, { ...drawer, door }, ledger.nowMs)
    if (extension && door === "tool") ledger.hold({ ...asked, drawer: { ...drawer, named: extension } })
    return extension !== undefined
  }

  get isHard(): boolean {
    const { counters, accounts, frozen } = this.ledger
    const blocks = [...counters.values()].some((counter) => counter.blocks || counter.frozen)
    return frozen || blocks || [...accounts.values()].some((account) => account.frozen || Object.values(account.allotted).some((amount) => amount > 0))
  }

  hears(sender: string, { n, h, p, t }: Line): void {
    if (!this.#mark(sender, n)) return
    if (h !== "extension-answered") this.told++
    this.#tick()
    const [hold, attempt] = [String(p["hold"] ?? ""), Number(p["holdAttempt"] ?? 0)]
    const run = String(p["run"])
    switch (h) {
      case "model_call_started":
        return this.#calls.begun(hold, attempt)
      case "model_call_ended":
        return this.#calls.ended(hold, attempt, {
          completed: p["outcome"] === "completed",
          aborted: p["error"] === "aborted",
          requestBytes: Number(p["requestBytes"] ?? 0),
          responseBytes: Number(p["responseBytes"] ?? 0),
          tookMs: Number(p["durationMs"]),
        })
      case "call-stopped":
        return this.#calls.stopped(hold, attempt)
      case "transcript": {
        const who = this.#who(run, p)
        const model = modelIn(p)
        const failed = p["stopReason"] === "error" || p["stopReason"] === "aborted"
        const spend = { ...who, provider: "mock", model: `mock/${model}` }
        return this.#calls.used(
          { report: String(p["message"]), run, agent: who.payer ?? who.agent ?? "unknown", model, tokens: p["usage"] as Tokens, failed },
          spend,
        )
      }
      case "after_tool_call": {
        const denied = (p["result"] as { details?: { status?: string } })?.details?.status === "blocked"
        return this.#calls.toolEnded(run, String(p["call"]), denied, Number(p["durationMs"]), JSON.stringify(p["result"]).length)
      }
      case "agent_end":
        return this.#calls.runEnded(run, t)
      case "extension-answered": {
        const extension = this.codes.get(String(p["extension"]))
        if (extension?.door === "tool") this.#owner(extension, p["decision"] === "allow-once" ? "granted" : "denied")
      }
    }
  }

  departed(name: string): void {
    this.#tick()
    this.#calls.departed(name)
  }

  timePassed(): void {
    const { extensions, allowances } = this.ledger
    const isDue = extensions.isDue(this.#now)
    if (isDue || this.ledger.open().length > 0 || allowances.isDue(this.#now)) this.#tick()
    if (isDue) extensions.due(this.#now)
    this.#calls.due()
  }

  restarted(): void {
    this.#calls.restarted()
    this.#runs = new Map()
    for (const { door, run, spend } of this.ledger.open()) if (door !== "api" && run !== undefined) this.#who(run, spend)
  }

  ordered(order: Readonly<Record<string, unknown>>): unknown {
    const done = { done: true }
    const { ledger } = this
    // A standstill comes before what begins at its time.
    if (order["do"] === "freeze") ledger.at(this.#now)
    else this.#tick()
    switch (order["do"]) {
      case "set-budget":
        ledger.setBudget(parseBudget({ name: String(order["budget"]), ...(order as { limits: string[]; per: string }) }))
        return done
      case "remove-budget":
        return ledger.counters.delete(String(order["budget"])) ? done : { refused: "budget-unknown" }
      case "freeze":
      case "unfreeze":
        return this.#freeze(String(order["target"]), order["do"] === "freeze") ? done : { refused: "budget-unknown" }
      case "set-allowance":
        return answerOf(
          ledger.allowances.set(parseAllowance({ name: String(order["allowance"]), ...(order as { to: string; give: string[]; per: string }) }), ledger.nowMs),
        )
      case "remove-allowance":
        return answerOf(ledger.allowances.remove(String(order["allowance"])))
      case "allocate":
      case "transfer":
        return this.#move(order)
      case "hold": {
        const amounts = nanosOf(order["amounts"])
        const account = String(order["account"])
        const spend = order["spend"] as Spend
        const asked = { door: "api" as const, id: String(order["id"]), account, amounts, spend, ttlMs: 600_000, askedAtMs: 0, against: "spent:unattributed" }
        const answer = ledger.hold(asked)
        return "hold" in answer ? done : { refused: answer.refused[0]?.why }
      }
      case "approve-extension":
      case "deny-extension": {
        const said = this.#owner(this.codes.get(String(order["extension"])), order["do"] === "approve-extension" ? "granted" : "denied")
        return said === "done" ? done : { refused: said }
      }
      case "settle":
      case "release":
        return this.#end(order)
      default:
        throw new Error(`no such order: ${String(order["do"])}`)
    }
  }

  /** What was held for it beforehand goes back with a denial. */
  #owner(extension: Extension | undefined, answer: "granted" | "denied"): string {
    const said = this.ledger.extensions.answer(extension, answer, this.ledger.nowMs)
    if (said === "done" && answer === "denied") for (const hold of this.ledger.open()) if (hold.draw?.extension === extension) this.ledger.release(hold)
    return said
  }

  #freeze(target: string, freezes: boolean): boolean {
    const { ledger } = this
    if (target === "all") ledger.frozen = freezes
    else if (target.includes(":")) ledger.account(target).frozen = freezes
    else {
      const counter = ledger.counters.get(target)
      if (!counter) return false
      counter.frozen = freezes
    }
    // What waited for it is handed out at once.
    if (!freezes) ledger.allowances.open(ledger.nowMs)
    return true
  }

  #move(order: Readonly<Record<string, unknown>>): unknown {
    const id = String(order["id"])
    const said = JSON.stringify(order)
    const before = this.ledger.transfers.get(id)
    if (before !== undefined) return before === said ? { done: true } : { refused: "id-taken" }
    const [from, to] = order["do"] === "allocate" ? ["budget:unallocated", String(order["account"])] : [String(order["from"]), String(order["to"])]
    const refused = this.ledger.move(from, to, nanosOf(order["amounts"]))
    if (refused !== undefined) return { refused }
    this.ledger.transfers.set(id, said)
    return { done: true }
  }

  #end(order: Readonly<Record<string, unknown>>): unknown {
    const id = String(order["id"])
    const attempt = Number(order["attempt"] ?? 1)
    const ofIt = this.ledger.holds.filter((one) => one.id === id)
    const hold = ofIt.find((one) => one.attempt === attempt)
    if (!hold) return { refused: "hold-unknown" }
    // Of an id, the one that is open and the one that closed last are known.
    if (hold.state !== "open" && hold !== ofIt.findLast(({ state }) => state !== "open")) return { refused: "hold-closed" }
    const amounts = order["do"] === "settle" ? nanosOf(order["amounts"]) : undefined
    if (amounts === undefined) {
      if (hold.state === "open") this.ledger.release(hold)
      else if (hold.state !== "released") return { refused: "hold-closed" }
      return { done: true }
    }
    if (hold.state === "released") return { refused: "hold-closed" }
    const isOfIt = hold.account === order["account"]
    if (hold.state === "settled") return isOfIt && JSON.stringify(hold.actual) === JSON.stringify(amounts) ? { done: true } : { refused: "id-taken" }
    if (!isOfIt) return { refused: "malformed" }
    this.ledger.settle(hold, amounts)
    return { done: true }
  }

  #who(run: string, told: { readonly [D in keyof Who]?: unknown }): Who {
    const who: { -readonly [D in keyof Who]: Who[D] } = { ...this.#runs.get(run) }
    for (const name of ["agent", "payer", "channel"] as const) if (typeof told[name] === "string") who[name] = told[name]
    this.#runs.set(run, who)
    return who
  }

  /** Ledger time is that of what is decided last, and by then what begins with it has begun. */
  #tick(): void {
    this.ledger.allowances.open(this.ledger.at(this.#now))
  }

  #mark(sender: string, n: number): boolean {
    if (n <= (this.#marks.get(sender) ?? 0)) return false
    this.#marks.set(sender, n)
    return true
  }
}

function answerOf(refused: string | undefined): unknown {
  return refused === undefined ? { done: true } : { refused }
}

function drawerIn(p: Line["p"]): Drawer {
  return { run: String(p["run"]), session: String(p["session"]) }
}

function modelIn(p: Line["p"]): ModelName {
  return p["model"] as ModelName
}
