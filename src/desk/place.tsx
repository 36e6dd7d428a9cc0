/** Where in the page somebody is: its name and what it is about, in the address, so that every view can be kept, sent and gone back to. */
import type { ComponentChildren } from "preact"
import { useEffect, useState } from "preact/hooks"
import { framed } from "./told.ts"

export type Place = { readonly page: string; readonly about: URLSearchParams }

type About = Readonly<Record<string, string | number | undefined>>

const hearers = new Set<() => void>()

export function placeNow(): Place {
  const about = new URLSearchParams(location.search)
  const page = about.get("page") ?? "home"
  about.delete("page")
  about.delete("ask")
  return { page, about }
}

export function usePlace(): Place {
  const [place, setPlace] = useState(placeNow)
  useEffect(() => {
    const hear = () => setPlace(placeNow())
    hearers.add(hear)
    addEventListener("popstate", hear)
    return () => {
      hearers.delete(hear)
      removeEventListener("popstate", hear)
    }
  }, [])
  return place
}

export function addressOf(page: string, about: About = {}): string {
  const query = new URLSearchParams({ page })
  for (const [name, value] of Object.entries(about)) if (value !== undefined && value !== "") query.set(name, String(value))
  return `?${query.toString()}`
}

/** `keepsPlace`: another look at the same view, which is nowhere to go back to. */
export function goTo(address: string, keepsPlace = false): void {
  if (framed) return keepsPlace ? location.replace(address) : location.assign(address)
  if (keepsPlace) history.replaceState(null, "", address)
  else history.pushState(null, "", address)
  for (const hear of hearers) hear()
}

type LinkProps = {
  readonly to: string
  readonly about?: About
  readonly class?: string
  readonly current?: boolean
  readonly label?: string
  readonly children: ComponentChildren
}

/** A link as any other: it can be opened in a tab of its own. */
export function Link({ to, about = {}, class: className, current, label, children }: LinkProps) {
  const address = addressOf(to, about)
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || framed) return
    event.preventDefault()
    goTo(address)
  }
  return (
    <a href={address} class={className} onClick={follow} aria-current={current ? "page" : undefined} aria-label={label}>
      {children}
    </a>
  )
}
