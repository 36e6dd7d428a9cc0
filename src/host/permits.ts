/**
 * Holds for model calls, as the gateway carries them between the door where they are asked for and the start of the call that uses them up. One is for one
 * call, of one run, to one model. Shared by all copies of the module: the doors fire in different ones.
 */
import { elapsedMs, pointOn, steadyClocks, type SteadyClocks, type SteadyPoint } from "../base/clock.ts"
import type { Permit } from "../ledger/doors.ts"

/** What a door was told: a permit, or why there is none. */
export type Granted = { readonly permit: Permit } | { readonly words: string }

type Model = { readonly provider?: string | undefined; readonly model?: string | undefined }

type Place = {
  /** Asked for and not used up. */
  waiting: Promise<Granted> | undefined
  granted: Granted | undefined
  grantedAt: SteadyPoint
  /** Of the call that runs. */
  used: Permit | undefined
  model: Model | undefined
  /** UTF-8 bytes the next request is known to have at most: those of the last one, its answer, and what tools gave since. */
  knownBytes: number
}

const remembered = 1_024
/**
 * The writer keeps a permit for half an hour of ledger time, which may run ahead of passing time by five minutes. One that waited longer than this, behind a tool
 * that takes its time, is exchanged for a new one. Age is told by the clocks that nobody sets, and what a machine sleeps through counts.
 */
const freshMs = 15 * 60_000
const usableMs = 24 * 60_000

/** `leftOver` is a permit that will not be used, to be given back with the question. */
export type NextCall = { readonly model: Model | undefined; readonly knownBytes: number; readonly leftOver: Permit | undefined }

/** Undefined is what cannot be told. */
export type CallSize = { readonly bytes: number | undefined; readonly maxTokens: number | undefined }

export class Permits {
  readonly #clocks: SteadyClocks
  /** By run; of compactions, which are asked for by session, by `compaction:` and the session's id. */
  readonly #places = new Map<string, Place>()

  constructor(clocks: SteadyClocks = steadyClocks) {
    this.#clocks = clocks
  }

  /** Asks once for the next call of a run, however many doors ask. */
  next(place: string, model: Model | undefined, ask: (next: NextCall) => Promise<Granted>): Promise<Granted> {
    const found = this.#at(place)
    const had = permitOf(found.granted)
    const fits = !had || (sameModel(had, model ?? found.model) && this.#ageMs(found) <= freshMs)
    return found.waiting && fits ? found.waiting : this.anew(place, model, ask)
  }

  /**
   * Asks in the place of what was asked or granted before: another attempt of the run begins, or its next request is larger than was thought. Neither a refusal
   * nor a permit of before holds any more; what is on its way is waited for, so that it can be given back and only one is held in the end.
   */
  anew(place: string, model: Model | undefined, ask: (next: NextCall) => Promise<Granted>): Promise<Granted> {
    const found = this.#at(place)
    if (model) found.model = model
    const before = found.waiting
    const question = (earlier?: Granted) => ask({ model: found.model, knownBytes: found.knownBytes, leftOver: permitOf(earlier) })
    const waiting: Promise<Granted> = (before ? before.then(question) : question()).then((granted) => {
      if (found.waiting === waiting) Object.assign(found, { granted, grantedAt: pointOn(this.#clocks) })
      return granted
    })
    found.granted = undefined
    found.waiting = waiting
    return waiting
  }

  /** Whether a permit waits that is enough for a call of this size; one that tells no size is enough for none. */
  covers(place: string, model: Model, { bytes = Infinity, maxTokens = Infinity }: CallSize): boolean {
    const found = this.#places.get(place)
    const permit = permitOf(found?.granted)
    if (!found || !permit || !sameModel(permit, model) || this.#ageMs(found) > freshMs) return false
    return bytes <= (permit.inputTokens ?? 0) && maxTokens <= (permit.outputTokens ?? 0)
  }

  /** The permit of a call that begins, used up by that; or the words it was refused with. Undefined when nobody asked, or the answer has not come. */
  use(place: string, model: Model): Granted | undefined {
    const found = this.#places.get(place)
    const granted = found?.granted
    if (!found || !granted) return undefined
    if ("words" in granted) return granted
    found.waiting = undefined
    found.granted = undefined
    if (!sameModel(granted.permit, model) || this.#ageMs(found) > usableMs) return undefined
    found.used = granted.permit
    found.model = model
    return granted
  }

  /** The permit of the call that ended. */
  ended(place: string, sentBytes: number, answeredBytes: number): Permit | undefined {
    const found = this.#places.get(place)
    if (!found) return undefined
    found.knownBytes = sentBytes + answeredBytes
    const { used } = found
    found.used = undefined
    return used
  }

  /** A tool gave this much to the next request. Answers how much is known by now. */
  adds(place: string, bytes: number): number {
    const found = this.#at(place)
    found.knownBytes += bytes
    return found.knownBytes
  }

  /** The next request from there has this many, whatever was thought before. */
  sends(place: string, bytes: number): void {
    this.#at(place).knownBytes = bytes
  }

  knows(place: string, bytes: number): void {
    const found = this.#at(place)
    found.knownBytes = Math.max(found.knownBytes, bytes)
  }

  #ageMs({ grantedAt }: Place): number {
    return elapsedMs(grantedAt, pointOn(this.#clocks))
  }

  /** The places used last are kept; of a run that is over, the writer gives the holds back. */
  #at(place: string): Place {
    const found: Place = this.#places.get(place) ?? {
      waiting: undefined,
      granted: undefined,
      grantedAt: { steadyMs: 0, uptimeMs: 0 },
      used: undefined,
      model: undefined,
      knownBytes: 0,
    }
    this.#places.delete(place)
    this.#places.set(place, found)
    const [oldest] = this.#places.keys()
    if (this.#places.size > remembered && oldest !== undefined) this.#places.delete(oldest)
    return found
  }
}

function permitOf(granted: Granted | undefined): Permit | undefined {
  return granted && "permit" in granted ? granted.permit : undefined
}

function sameModel(permit: Model, model: Model | undefined): boolean {
  return model === undefined || (permit.provider === model.provider && permit.model === model.model)
}
