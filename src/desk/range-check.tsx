/** A verification, begun here and made in a process of its own; and what it found. */
import { useState } from "preact/hooks"
import { Badge, Command, Text, Wrong } from "./parts.tsx"
import { fetched, framed, toldBy, type Told } from "./told.ts"
import { Values } from "./values.tsx"

export type Report = { readonly verdict: string; readonly problems?: readonly unknown[]; readonly [name: string]: unknown }

/** Of the whole ledger, or of entries from one to another. */
export function RangeCheck({ from, to }: { readonly from?: number; readonly to?: number }) {
  const [told, setTold] = useState<Told<Report> | "asked">()
  if (framed)
    return (
      <p>
        In this frame nothing can be started.{" "}
        <Command>{from === undefined ? "sovereign-ledger verify" : `sovereign-ledger verify --from ${from} --to ${to}`}</Command>
      </p>
    )
  const ask = () => {
    setTold("asked")
    void fetched("verify", { method: "POST", body: JSON.stringify(from === undefined ? {} : { from, to }) }).then((answer) => setTold(toldBy<Report>(answer)))
  }
  return (
    <>
      <button type="button" class="action" disabled={told === "asked"} onClick={ask}>
        {told === "asked" ? "Verifying …" : from === undefined ? "Verify everything" : `Verify entry #${from}`}
      </button>
      <div role="status">{told === undefined || told === "asked" ? null : <CheckVerdict told={told} />}</div>
    </>
  )
}

export function CheckVerdict({ told }: { readonly told: Told<Report> }) {
  if (told.state === "failed") return <Wrong problem={told.problem} />
  if (told.state === "waiting") return null
  const { verdict, problems = [], schemaVersion: _version, generatedAt: _at, subject: _subject, ...rest } = told.body
  const plain = Object.fromEntries(Object.entries(rest).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value)))
  return (
    <div class="answer">
      <p class="lead">
        <Badge tone={verdict.startsWith("valid") ? "good" : verdict === "invalid" ? "bad" : "warn"}>{verdict}</Badge>
      </p>
      {problems.length === 0 ? null : (
        <ul class="plain">
          {problems.slice(0, 20).map((problem, at) => (
            <li key={at}>
              <Text>{typeof problem === "string" ? problem : JSON.stringify(problem)}</Text>
            </li>
          ))}
        </ul>
      )}
      <Values value={plain} />
    </div>
  )
}
