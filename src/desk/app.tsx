/** The frame of every view: what there is at the side, where one is, and what is told of the server. */
import { useEffect, useRef, useState } from "preact/hooks"
import type { Routes } from "./bodies.ts"
import { listening, useListening } from "./live.ts"
import { pages } from "./page-list.ts"
import type { PageRow } from "./page-row.ts"
import { Empty } from "./parts.tsx"
import { Link, usePlace } from "./place.tsx"
import { framed, useTold } from "./told.ts"

const groups = ["Now", "Record", "Money", "Evidence", "Rules"] as const

export function App() {
  const { page, about } = usePlace()
  const routes = useTold<Routes>("")
  const offered = pages.filter(({ route }) => route === undefined || routes.body?.routes.some((told) => told.route === route))
  const row = offered.find(({ name }) => name === page)
  const heading = useRef<HTMLHeadingElement>(null)
  const [isOpen, setOpen] = useState(false)
  const arrived = useRef(false)
  useEffect(() => {
    document.title = `${row?.title ?? "Nothing here"} · Sovereign Ledger`
    setOpen(false)
    // Where a reader of screens goes on reading; not when the document itself was just opened.
    if (arrived.current) heading.current?.focus()
    arrived.current = true
  }, [page, row?.title])
  useEffect(() => listening(!framed), [])
  const View = row?.view
  return (
    <div class={framed ? "frame framed" : "frame"}>
      <a class="skip" href="#main">
        Skip to what is shown
      </a>
      <header class="side">
        <div class="brand">
          <Link to="home" label="Sovereign Ledger, overview">
            <Mark />
            <span>Sovereign Ledger</span>
          </Link>
          <button type="button" class="menu" aria-expanded={isOpen} aria-controls="pages" onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Close" : "Menu"}
          </button>
        </div>
        <nav id="pages" aria-label="Pages" class={isOpen ? "open" : ""}>
          {groups.map((group) => (
            <Group key={group} name={group} rows={offered.filter((one) => one.group === group)} page={page} />
          ))}
          <Foot />
        </nav>
      </header>
      <main id="main">
        <h1 tabIndex={-1} ref={heading}>
          {row?.title ?? "Nothing here"}
        </h1>
        {View ? (
          <View about={about} />
        ) : routes.state === "waiting" ? (
          <div class="waiting" />
        ) : (
          <Empty title="There is no such page.">
            <Link to="home">Go to the overview</Link>
          </Empty>
        )}
      </main>
    </div>
  )
}

function Group({ name, rows, page }: { readonly name: string; readonly rows: readonly PageRow[]; readonly page: string }) {
  if (rows.length === 0) return null
  return (
    <>
      <h2>{name}</h2>
      <ul>
        {rows.map((row) => (
          <li key={row.name}>
            <Link to={row.name} current={row.name === page}>
              {row.title}
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}

function Foot() {
  const live = useListening()
  if (framed)
    return (
      <p class="foot">
        <a href={location.search || "?page=home"}>Look again</a>
      </p>
    )
  const words = { on: "Live", off: "Not connected; trying again", waiting: "Connecting" }[live]
  return (
    <div class="foot">
      <p role="status" class={`live ${live}`}>
        {words}
      </p>
      <button type="button" class="plain" onClick={() => void logOut()}>
        Log out
      </button>
    </div>
  )
}

/** A form would not do: without a referrer it comes from a page without an origin, which is refused. */
async function logOut(): Promise<void> {
  await fetch("logout", { method: "POST", redirect: "manual" })
  location.reload()
}

function Mark() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <rect x="3.5" y="3" width="17" height="18" rx="3" />
      <path d="M8 8h8M8 12h8M8 16h4" />
    </svg>
  )
}
