/**
 * Has witnesses cosign what was checkpointed: the newest stored checkpoint is offered to each, in the background, with time-outs and growing pauses, and
 * what they give is kept beside it. Nothing waits for them: a ledger without its witnesses records as before, and `status` says what they say.
 */
import { randomBytes } from "node:crypto"
import { Fault } from "../base/fault.ts"
import type { NewEvent } from "../format/event.ts"
import type { Restored } from "../format/facts/ledger.ts"
import { isDisagreement, parseWitness, witnessId, type PinnedWitness } from "../format/witness.ts"
import { askWitness, type Checkpointed, type Post, type WitnessState, type WitnessWord } from "./ask-witness.ts"

type Kept = {
  /** The latest stored checkpoint. */
  readonly head: () => Checkpointed | undefined
  readonly consistency: (oldSize: number, newSize: number) => readonly Uint8Array[]
  /** The largest size each witness has cosigned, by its id. */
  readonly seenSizes: () => ReadonlyMap<string, number>
  readonly keepCosignature: (cosignature: { readonly witness: string; readonly size: number; readonly line: string }) => void
}

export type WitnessingOptions = {
  readonly nowMs: () => number
  readonly post: Post
  /** What the journal has, and where it is put. */
  readonly kept: Kept
  /** Witnesses that stay whatever the settings say. */
  readonly fixed: readonly PinnedWitness[]
  readonly record: (event: NewEvent) => void
  /** A witness knows of entries that this journal cannot have grown from. */
  readonly restored?: (found: Restored) => void
  /** What was given could not be kept. */
  readonly failed: (error: unknown) => void
  readonly firstPauseMs?: number
}

/** What is known of a witness, for `status`. */
export type WitnessStatus = {
  readonly witness: string
  readonly url: string
  readonly state: WitnessState | "not asked yet"
  /** The size it has cosigned, as far as we hold its cosignature. */
  readonly seenSize: number
  /** The size it says it has cosigned, where it disagrees. */
  readonly toldSize: number | null
  readonly atMs: number | null
  readonly problem: string | null
  readonly nextMs: number | null
}

type Asked = {
  readonly witness: PinnedWitness
  readonly id: string
  seenSize: number
  word: WitnessWord | undefined
  atMs: number | null
  failures: number
  asking: boolean
  pause: { readonly timer: NodeJS.Timeout; readonly untilMs: number } | undefined
}

const firstPauseMs = 2_000
const longestPauseMs = 300_000

export class Witnessing {
  readonly #options: WitnessingOptions
  readonly #stop = new AbortController()
  #asked: readonly Asked[] = []
  #latest: Checkpointed | undefined

  constructor(options: WitnessingOptions) {
    this.#options = options
  }

  /** Asks those that are named whatever the settings say. */
  start(): void {
    this.#latest = this.#options.kept.head()
    this.#use(this.#options.fixed)
  }

  /** Takes over the witnesses of settings, each "KEY URL". What is none is passed over: it was refused where it was written. */
  useSettings(texts: readonly string[] | undefined): void {
    if (texts) this.#use([...this.#options.fixed, ...texts.flatMap(witnessNamed)])
  }

  /** Those that were named before go on where they are. */
  #use(witnesses: readonly PinnedWitness[]): void {
    const before = new Map(this.#asked.map((one) => [keyOf(one.witness), one]))
    const seen = this.#options.kept.seenSizes()
    const named = new Map(witnesses.filter(({ url }) => url !== undefined).map((witness) => [keyOf(witness), witness]))
    this.#asked = [...named].map(([key, witness]) => before.get(key) ?? unasked(witness, seen))
    for (const one of before.values()) if (!this.#asked.includes(one)) clearTimeout(one.pause?.timer)
    for (const one of this.#asked) this.#wake(one)
  }

  /** A checkpoint was stored. Where an older one is still under way, this one follows it. */
  offer(checkpoint: Checkpointed): void {
    this.#latest = checkpoint
    for (const one of this.#asked) this.#wake(one)
  }

  get any(): boolean {
    return this.#asked.length > 0
  }

  /** Whether an answer is awaited; never for longer than the time-outs. */
  get asking(): boolean {
    return this.#asked.some(({ asking }) => asking)
  }

  status(): readonly WitnessStatus[] {
    return this.#asked.map(({ witness, id, seenSize, word, atMs, pause }) => ({
      witness: id,
      url: witness.url ?? "",
      state: word?.state ?? "not asked yet",
      seenSize,
      toldSize: word && "seenSize" in word ? word.seenSize : null,
      atMs,
      problem: word && "problem" in word ? word.problem : null,
      nextMs: pause?.untilMs ?? null,
    }))
  }

  close(): void {
    this.#stop.abort()
    for (const { pause } of this.#asked) clearTimeout(pause?.timer)
  }

  /** Asks, unless it is being asked, has a pause, or has said all there is to say. The first time it is asked in any case: it may know more than we. */
  #wake(one: Asked): void {
    const latest = this.#latest
    if (!latest || this.#stop.signal.aborted || one.asking || one.pause) return
    if (one.word?.state === "agrees" && one.seenSize >= latest.size) return
    one.asking = true
    void this.#ask(one, latest)
  }

  async #ask(one: Asked, latest: Checkpointed): Promise<void> {
    try {
      const { post, kept } = this.#options
      const proof = kept.consistency.bind(kept)
      const head = () => this.#latest ?? latest
      const word = await askWitness({ witness: one.witness, head, oldSize: one.seenSize, proof, post, signal: this.#stop.signal })
      one.asking = false
      if (this.#stop.signal.aborted) return
      this.#heard(one, word)
      this.#wake(one)
    } catch (error) {
      // What a witness gave could not be kept: the disk refused.
      one.asking = false
      this.#options.failed(error)
    }
  }

  #heard(one: Asked, word: WitnessWord): void {
    const before = one.word?.state
    one.word = word
    one.atMs = this.#options.nowMs()
    if (word.state === "agrees") {
      one.failures = 0
      one.seenSize = Math.max(one.seenSize, word.size)
      this.#options.kept.keepCosignature({ witness: one.id, size: word.size, line: word.line })
      return
    }
    this.#pause(one)
    if (!isDisagreement(word.state) || !("seenSize" in word)) return
    if (before !== word.state) this.#options.record(disagreed(one, word))
    const { seenSize, size } = word
    // Named by what it has seen: as this journal grows past it, "ahead" becomes "other history", and is no news.
    this.#options.restored?.({ evidence: `witness:${one.id}:${seenSize}`, by: "witness", finding: findingOf(word), seenSize, size })
  }

  #pause(one: Asked): void {
    const pauseMs = Math.min(longestPauseMs, (this.#options.firstPauseMs ?? firstPauseMs) * 2 ** Math.min(one.failures, 16))
    one.failures++
    const over = () => {
      one.pause = undefined
      this.#wake(one)
    }
    one.pause = { timer: setTimeout(over, pauseMs).unref(), untilMs: this.#options.nowMs() + pauseMs }
  }
}

function witnessNamed(text: string): readonly PinnedWitness[] {
  try {
    return [parseWitness(text)]
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}

function unasked(witness: PinnedWitness, seen: ReadonlyMap<string, number>): Asked {
  const id = witnessId(witness.key)
  return { witness, id, seenSize: seen.get(id) ?? 0, word: undefined, atMs: null, failures: 0, asking: false, pause: undefined }
}

function keyOf({ key, url }: PinnedWitness): string {
  return `${key.publicKey.toString("hex")} ${key.name} ${url}`
}

type Disagreement = Extract<WitnessWord, { readonly seenSize: number }>

function findingOf({ state }: Pick<Disagreement, "state">): "ahead" | "other history" {
  return state === "is ahead" ? "ahead" : "other history"
}

function disagreed({ id }: Asked, { state, seenSize, size }: Disagreement): NewEvent {
  return {
    type: "witness.disagreed",
    id: `witness.disagreed:${randomBytes(8).toString("hex")}`,
    facts: { witness: id, finding: findingOf({ state }), seenSize, size },
  }
}
