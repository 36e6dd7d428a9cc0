/**
 * Where each row of a transcript took place. Of a session that is of one channel, and says so in its key, that is one place. In one that channels share, the
 * main session of an agent mostly, each message says by which it came, from a certain version of the host on: before the first that does, rows are of the
 * place that the list of sessions tells; from it on, what answers a message without a channel is of none.
 */
import { placeOfKey } from "../../capture/session-key.ts"
import { turnOf, type Turn } from "../../capture/turn.ts"
import type { SessionPlace } from "./place.ts"
import type { TranscriptRow } from "./read-row.ts"

/** Of one session, at a time. */
const mostPlaces = 64

export function isShared({ key, kind }: SessionPlace): boolean {
  return kind === undefined && (key === undefined || placeOfKey(key).channel === undefined)
}

export class Turns {
  readonly #place: SessionPlace
  readonly #isShared: boolean
  readonly #places = new Map<string, SessionPlace>()
  #hasTold = false
  #current: SessionPlace

  constructor(place: SessionPlace) {
    this.#place = place
    this.#isShared = isShared(place)
    this.#current = place
  }

  /** Rows are told in their order. The same place is the same object, while a session has not many. */
  at({ message }: TranscriptRow): SessionPlace {
    const turn = this.#isShared ? turnOf(message) : undefined
    if (turn?.channel !== undefined) this.#hasTold = true
    if (turn !== undefined && this.#hasTold) this.#current = this.#placeOf(turn)
    return this.#current
  }

  #placeOf({ channel, sender }: Turn): SessionPlace {
    const name = JSON.stringify([channel, sender])
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const { channel: _, chatType: __, sender: ___, ...shared } = this.#place
    const place = { ...shared, ...(channel === undefined ? {} : { channel }), ...(sender === undefined ? {} : { sender }) }
    if (this.#places.size >= mostPlaces) this.#places.clear()
    this.#places.set(name, place)
    return place
  }
}
