/** Views that show an answer as it is: one line each. */
import { BodyView } from "../body-view.tsx"
import { Answered, Choice } from "../parts.tsx"
import { addressOf, goTo } from "../place.tsx"
import type { PageProps } from "../page-row.ts"
import { questionOf, useTold } from "../told.ts"

const spans = [
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
] as const

export function AnomaliesPage({ about }: PageProps) {
  const since = about.get("since") ?? "24h"
  const told = useTold<object>(questionOf("anomalies", { since }))
  return (
    <>
      <form class="filters" aria-label="Of when" onSubmit={(event) => event.preventDefault()}>
        <Choice label="Of the last" value={since} options={spans} choose={(value) => goTo(addressOf("anomalies", { since: value }), true)} />
      </form>
      <Answered told={told}>{(body) => <BodyView body={body} without={["settings", "window"]} />}</Answered>
    </>
  )
}

const kinds = ["", "plugins", "skills", "tools", "workspace", "crons"] as const

export function InventoryPage({ about }: PageProps) {
  const kind = about.get("kind") ?? ""
  const told = useTold<object>(questionOf("inventory", { kind, limit: kind === "" ? undefined : 1_000 }))
  return (
    <>
      <form class="filters" aria-label="Of what" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="Of what"
          value={kind}
          options={kinds.map((one) => [one, one === "" ? "everything" : one] as const)}
          choose={(value) => goTo(addressOf("inventory", { kind: value }), true)}
        />
      </form>
      <Answered told={told}>{(body) => <BodyView body={body} without={["limit", "kind"]} />}</Answered>
    </>
  )
}
