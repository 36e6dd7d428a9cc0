/** What is recorded while one looks: heard from the server, and told to whatever view shows it. Views that add things up are asked for anew, at most once in a while. */
import { useEffect, useState } from "preact/hooks"
import type { LedgerEvent } from "./bodies.ts"
import { refresh } from "./told.ts"

export type News = { readonly size: number; readonly events: readonly LedgerEvent[]; readonly skipped: number }
export type Standing = "on" | "off" | "waiting"

const askedAgainMs = 2_000
/** Standings, rates and days go on without any event. */
const looksAgainMs = 30_000

const hearers = new Set<(news: News) => void>()
const watchers = new Set<() => void>()
let standing: Standing = "waiting"
let size = -1
let due: number | undefined

export function useNews(hear: (news: News) => void): void {
  useEffect(() => {
    hearers.add(hear)
    return () => void hearers.delete(hear)
  }, [hear])
}

export function useListening(): Standing {
  const [, redraw] = useState(0)
  useEffect(() => {
    const watch = () => redraw((n) => n + 1)
    watchers.add(watch)
    return () => void watchers.delete(watch)
  }, [])
  return standing
}

/** Until what it answers is called. */
export function listening(wanted: boolean): () => void {
  if (!wanted) return () => {}
  const source = new EventSource("api/live")
  source.addEventListener("open", () => stand("on"))
  source.addEventListener("error", () => stand("off"))
  source.addEventListener("news", ({ data }: MessageEvent<string>) => heard(JSON.parse(data) as News))
  source.addEventListener("problem", () => soon())
  const timer = setInterval(() => {
    if (!document.hidden) refresh()
    // A browser gives up for good where the answer was no stream: the login is gone, or there are too many.
    if (source.readyState === EventSource.CLOSED) location.reload()
  }, looksAgainMs)
  return () => {
    clearInterval(timer)
    source.close()
  }
}

function heard(news: News): void {
  const missed = size >= 0 && news.events.length + news.skipped < news.size - size
  if (news.events.length > 0 || missed) {
    for (const hear of hearers) hear(missed ? { ...news, skipped: news.size - size - news.events.length } : news)
    soon()
  }
  size = news.size
}

function soon(): void {
  due ??= window.setTimeout(() => {
    due = undefined
    // What is followed row by row is not asked for as a whole.
    refresh((question) => !question.startsWith("events"))
  }, askedAgainMs)
}

function stand(now: Standing): void {
  const cameBack = standing === "off" && now === "on"
  standing = now
  for (const watch of watchers) watch()
  if (cameBack) refresh()
}
