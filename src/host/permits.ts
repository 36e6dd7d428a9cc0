/**
 * Holds for model calls, as the gateway carries them between the door where they are asked for and the start of the call that uses them up. One is for one
 * call, of one run, to one model. Shared by all copies of the module: the doors fire in different ones.
 */
export type Permit = { readonly hold: string; readonly attempt: number; readonly provider?: string | undefined; readonly model?: string | undefined }

/** What a door was told: a permit, or why there is none. */
export type Granted = { readonly permit: Permit } | { readonly words: string }

type Model = { readonly provider?: string | undefined; readonly model?: string | undefined }

type Place = {
  /** Asked for and not used up. */
  waiting: Promise<Granted> | undefined
  granted: Granted | undefined
  /** Of the call that runs. */
  used: Permit | undefined
  model: Model | undefined
  /** UTF-8 bytes the next request is known to have at most: those of the last one, its answer, and what tools gave since. */
  knownBytes: number
}

const remembered = 1_024

export class Permits {
  /** By run; of compactions, which are asked for by session, by `compaction:` and the session's id. */
  readonly #places = new Map<string, Place>()

  /** Asks once for the next call of a run, however many doors ask. */
  next(
    place: string,
    model: Model | undefined,
    ask: (place: { readonly model: Model | undefined; readonly knownBytes: number }) => Promise<Granted>,
  ): Promise<Granted> {
    const found = this.#at(place)
    if (model) found.model = model
    const isFor = found.granted && "permit" in found.granted ? sameModel(found.granted.permit, found.model) : true
    if (found.waiting && isFor) return found.waiting
    found.granted = undefined
    const waiting = ask(found).then((granted) => {
      if (found.waiting === waiting) found.granted = granted
      return granted
    })
    found.waiting = waiting
    return waiting
  }

  /** The permit of a call that begins, used up by that; or the words it was refused with. Undefined when nobody asked, or the answer has not come. */
  use(place: string, model: Model): Granted | undefined {
    const found = this.#places.get(place)
    const granted = found?.granted
    if (!found || !granted) return undefined
    if ("words" in granted) return granted
    found.waiting = undefined
    found.granted = undefined
    if (!sameModel(granted.permit, model)) return undefined
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

  knows(place: string, bytes: number): void {
    const found = this.#at(place)
    found.knownBytes = Math.max(found.knownBytes, bytes)
  }

  /** A next attempt of a run begins: neither a refusal nor a permit of the last one holds for it. Answers the permit, to be given back. */
  begin(place: string): Permit | undefined {
    const found = this.#places.get(place)
    if (!found) return undefined
    const { granted } = found
    found.granted = undefined
    found.waiting = undefined
    return granted && "permit" in granted ? granted.permit : undefined
  }

  /** Forgets a run that is over. The writer gives its holds back. */
  end(place: string): void {
    this.#places.delete(place)
  }

  #at(place: string): Place {
    let found = this.#places.get(place)
    if (!found) {
      found = { waiting: undefined, granted: undefined, used: undefined, model: undefined, knownBytes: 0 }
      if (this.#places.size >= remembered) {
        const [oldest] = this.#places.keys()
        if (oldest !== undefined) this.#places.delete(oldest)
      }
      this.#places.set(place, found)
    }
    return found
  }
}

function sameModel(permit: Model, model: Model | undefined): boolean {
  return model === undefined || (permit.provider === model.provider && permit.model === model.model)
}
