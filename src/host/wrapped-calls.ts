/**
 * Model calls whose stream is ours, shared by all copies of the module. The host calls the stream a moment before its hook that tells of the call, in the
 * same turn of the event loop, so that the hook knows whose call it is; what the hook tells is what the stream lacks to know whom the call is for.
 */
type Fields = Readonly<Record<string, unknown>>

/** What the host's hook tells of a call that begins. */
export type Told = { readonly event: Fields; readonly ctx: Fields }

export type WrappedCall = {
  /** `provider/model`. */
  readonly model: string
  /** The stream asks for the permit, and tells that the call began. */
  readonly isDoor: boolean
  /** It was answered in our words, and never left. */
  stopped: boolean
  readonly told: Promise<Told>
  readonly tell: (told: Told) => void
}

const remembered = 1_024

export class WrappedCalls {
  /** By the host's name of the call, which the attempts of a run use again: those that the hook has not told of, and the latest that it has. */
  readonly #taken = new Map<string, WrappedCall>()
  readonly #begun = new Map<string, WrappedCall>()
  /** Where the latest call came through its stream. */
  readonly #places = new Map<string, true>()
  readonly #models = new Map<string, true>()

  take(callId: string, { model, isDoor }: Pick<WrappedCall, "model" | "isDoor">): WrappedCall {
    const { promise, resolve } = Promise.withResolvers<Told>()
    const call: WrappedCall = { model, isDoor, stopped: false, told: promise, tell: resolve }
    remember(this.#taken, callId, call)
    return call
  }

  /** The host tells of a call. Answers it when its stream is ours, and once: another attempt may use its name for a call that has no stream of ours. */
  begins(told: Told): WrappedCall | undefined {
    const { callId, provider, model } = told.event
    if (typeof callId !== "string") return undefined
    const call = this.#taken.get(callId)
    this.#taken.delete(callId)
    if (call?.model !== `${String(provider)}/${String(model)}`) return undefined
    remember(this.#begun, callId, call)
    call.tell(told)
    return call
  }

  ended(callId: unknown): WrappedCall | undefined {
    if (typeof callId !== "string") return undefined
    const call = this.#begun.get(callId)
    this.#begun.delete(callId)
    return call
  }

  /** The next call from there is expected to come through its stream as well. */
  passes(place: string): boolean {
    return this.#places.has(place)
  }

  passed(place: string, model: string): void {
    remember(this.#places, place, true)
    remember(this.#models, model, true)
  }

  /** Another attempt begins, or a call came without: nothing is expected any more. */
  forget(place: string): void {
    this.#places.delete(place)
  }

  /** Whether calls to this model come through a stream of ours. */
  wraps(model: string): boolean {
    return this.#models.has(model)
  }
}

/** The latest are kept. */
function remember<T>(names: Map<string, T>, name: string, value: T): void {
  names.delete(name)
  names.set(name, value)
  const [oldest] = names.keys()
  if (names.size > remembered && oldest !== undefined) names.delete(oldest)
}
