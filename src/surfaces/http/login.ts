/**
 * Who may read: whoever brings the token, in a header or, from a browser, in a cookie that stands for it. The cookie holds no token and cannot be made without it,
 * and no page can read it; it goes on standing when the server begins anew, and ends with the token or after half a day. Wrong tokens are answered slowly, and after
 * some of them not at all for a while.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import type { IncomingMessage } from "node:http"
import type { Refused } from "./access-rules.ts"

const cookieForMs = 12 * 3_600_000
const slowerByMs = 200
const slowestMs = 2_000
const mostWrong = 10
const forgottenAfterMs = 60_000
const mostPeers = 1_000

const challenge = { "WWW-Authenticate": 'Bearer realm="sovereign-ledger"' }
const absent: Refused = { status: 401, words: "Send the token: Authorization: Bearer TOKEN. Where it is, serve says when it starts.", headers: challenge }

export type LoginClock = { readonly nowMs: () => number; readonly wait: (ms: number) => Promise<unknown> }

const ownClock: LoginClock = { nowMs: () => Date.now(), wait: (ms) => sleep(ms) }

export class Login {
  readonly #token: string
  readonly #clock: LoginClock
  readonly #wrong = new Map<string, { count: number; sinceMs: number }>()

  constructor(token: string, clock: LoginClock = ownClock) {
    this.#token = token
    this.#clock = clock
  }

  /** Undefined where who asks is logged in. */
  async refused(request: IncomingMessage): Promise<Refused | undefined> {
    if (this.#isCookie(request.headers.cookie)) return undefined
    const told = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1]
    return told === undefined ? absent : this.#tried(request, told)
  }

  /** A cookie for who posted the token, or why there is none. `isSecure`: it came over TLS, and the cookie is to go no other way. */
  async cookie(request: IncomingMessage, told: string, isSecure: boolean): Promise<Refused | { readonly cookie: string }> {
    const refused = await this.#tried(request, told)
    if (refused) return refused
    const until = String(this.#clock.nowMs() + cookieForMs)
    return { cookie: this.#cookieText(`${until}.${this.#sealOf(until)}`, cookieForMs / 1_000, isSecure) }
  }

  /** What makes a browser forget it. */
  noCookie(): string {
    return this.#cookieText("", 0, false)
  }

  async #tried({ socket }: IncomingMessage, told: string): Promise<Refused | undefined> {
    const peer = socket.remoteAddress ?? ""
    const before = this.#wrongOf(peer)
    if (before && before.count >= mostWrong) {
      const seconds = Math.max(1, Math.ceil((before.sinceMs + forgottenAfterMs - this.#clock.nowMs()) / 1_000))
      return { status: 429, words: `Too many wrong tokens came from there. Try again in ${seconds} s.`, headers: { "Retry-After": String(seconds) } }
    }
    if (isSame(told, this.#token)) return undefined
    const wrong = before ?? { count: 0, sinceMs: this.#clock.nowMs() }
    wrong.count++
    if (this.#wrong.size < mostPeers) this.#wrong.set(peer, wrong)
    await this.#clock.wait(Math.min(slowestMs, wrong.count * slowerByMs))
    return { ...absent, words: "That is not the token. Where it is, serve says when it starts." }
  }

  #wrongOf(peer: string): { count: number; sinceMs: number } | undefined {
    const nowMs = this.#clock.nowMs()
    for (const [name, { sinceMs }] of this.#wrong) if (nowMs - sinceMs > forgottenAfterMs) this.#wrong.delete(name)
    return this.#wrong.get(peer)
  }

  #isCookie(header: string | undefined): boolean {
    const found = (header ?? "").split(";").flatMap((pair) => {
      const [name, value] = pair.trim().split("=", 2)
      return name === this.#cookieName() ? [value ?? ""] : []
    })
    return found.some((value) => {
      const [until = "", seal = ""] = value.split(".", 2)
      return /^\d{1,16}$/.test(until) && Number(until) > this.#clock.nowMs() && isSame(seal, this.#sealOf(until))
    })
  }

  /** Of this token: cookies of two servers on one machine do not write over each other. */
  #cookieName(): string {
    return `sovereign_ledger_${createHash("sha256").update(`cookie ${this.#token}`).digest("hex").slice(0, 8)}`
  }

  #sealOf(until: string): string {
    return createHmac("sha256", `sovereign-ledger page ${this.#token}`).update(until).digest("base64url")
  }

  #cookieText(value: string, seconds: number, isSecure: boolean): string {
    return `${this.#cookieName()}=${value}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`
  }
}

/** Compared by their hashes, which takes the same time for every wrong one. */
function isSame(told: string, own: string): boolean {
  return timingSafeEqual(createHash("sha256").update(told).digest(), createHash("sha256").update(own).digest())
}
