/**
 * What the ledger told: answers by the question that was asked, as its API has them (`spend?by=model`). Where the page was served by itself it asks for them; where it
 * stands in a frame that may fetch nothing, they came with the document, and what is missing is asked for by opening it anew with the questions in its address.
 */
import { useEffect, useState } from "preact/hooks"

export type Problem = { readonly status: number; readonly words: string; readonly remedy: string }

export type Told<T> =
  | { readonly state: "waiting"; readonly body?: undefined }
  | { readonly state: "told"; readonly body: T; readonly stale?: Problem }
  | { readonly state: "failed"; readonly body?: undefined; readonly problem: Problem }

type Answer = { readonly status: number; readonly body: unknown }

type Inlined = {
  readonly framed?: boolean
  readonly answers?: Readonly<Record<string, Answer>>
}

type Kept = { told: Told<unknown>; readonly hearers: Set<() => void>; asking: boolean; again: boolean }

const inlined = inlinedIn(document.querySelector("#told")?.textContent ?? "")
export const framed = inlined.framed === true
const kept = new Map<string, Kept>()
const mostAsked = 12

/** Heard when the login is gone. */
let onLoggedOut = (): void => location.reload()

export function whenLoggedOut(heard: () => void): void {
  onLoggedOut = heard
}

/** Undefined asks nothing. */
export function useTold<T>(question: string | undefined): Told<T> {
  const [, redraw] = useState(0)
  useEffect(() => {
    if (question === undefined) return undefined
    const entry = entryOf(question)
    const hear = () => redraw((n) => n + 1)
    entry.hearers.add(hear)
    if (entry.told.state !== "told" || !framed) ask(question)
    return () => void entry.hearers.delete(hear)
  }, [question])
  return question === undefined ? { state: "waiting" } : (entryOf(question).told as Told<T>)
}

/** Asks anew what is shown at present. */
export function refresh(matches: (question: string) => boolean = () => true): void {
  if (framed) return
  for (const [question, { hearers }] of kept) {
    if (hearers.size > 0 && matches(question)) ask(question)
    else if (hearers.size === 0) kept.delete(question)
  }
}

/** One answer, not kept. */
export async function fetched(question: string, init: RequestInit = {}): Promise<Answer> {
  try {
    const response = await fetch(`api/${question}`, { ...init, credentials: "same-origin" })
    if (response.status === 401) onLoggedOut()
    return { status: response.status, body: (await response.json()) as unknown }
  } catch {
    return {
      status: 0,
      body: { error: "The ledger does not answer.", remedy: "It may have been stopped: sovereign-ledger serve starts it. This page asks again by itself." },
    }
  }
}

export function toldBy<T>({ status, body }: Answer): Told<T> {
  if (status === 200) return { state: "told", body: body as T }
  const { error, remedy } = (body ?? {}) as { error?: string; remedy?: string }
  return { state: "failed", problem: { status, words: error ?? "There is no answer.", remedy: remedy ?? "" } }
}

/** Parameters that are empty are left out. */
export function questionOf(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams(Object.entries(parameters).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, String(value)]])))
  return query.size === 0 ? path : `${path}?${query.toString()}`
}

function entryOf(question: string): Kept {
  const found = kept.get(question)
  if (found) return found
  const answer = inlined.answers?.[question]
  const made: Kept = { told: answer ? toldBy(answer) : { state: "waiting" }, hearers: new Set(), asking: false, again: false }
  kept.set(question, made)
  return made
}

function ask(question: string): void {
  if (framed) return openWith(question)
  const entry = entryOf(question)
  if (entry.asking) {
    entry.again = true
    return
  }
  entry.asking = true
  void fetched(question).then((answer) => {
    entry.asking = false
    const told = toldBy(answer)
    // What was told once stays in sight while nothing new can be had.
    entry.told = told.state === "failed" && entry.told.state === "told" && isPassing(told.problem) ? { ...entry.told, stale: told.problem } : told
    for (const hear of entry.hearers) hear()
    if (entry.again) {
      entry.again = false
      ask(question)
    }
  })
}

function isPassing({ status }: Problem): boolean {
  return status === 0 || status === 503
}

let wanted: Set<string> | undefined

/** All that a view asks for in one go is one address. */
function openWith(question: string): void {
  if (inlined.answers && question in inlined.answers) return
  if (wanted) return void wanted.add(question)
  const all = new Set([question])
  wanted = all
  setTimeout(() => {
    const address = new URLSearchParams(location.search)
    address.delete("ask")
    // What every view is told is there without being asked for.
    for (const one of [...Object.keys(inlined.answers ?? {}), ...all].filter((one) => one !== "").slice(-mostAsked)) address.append("ask", one)
    location.replace(`?${address.toString()}`)
  }, 0)
}

function inlinedIn(text: string): Inlined {
  try {
    return JSON.parse(text) as Inlined
  } catch {
    return {}
  }
}
