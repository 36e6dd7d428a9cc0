/** Whether what is on record is what was recorded: the verdict of the verifier, and proofs of others held against the ledger. */
import { useState } from "preact/hooks"
import type { Status } from "../bodies.ts"
import { Answered, Card, Command, Figure, When } from "../parts.tsx"
import { fetched, framed, toldBy, useTold, type Told } from "../told.ts"
import { count } from "../words.ts"
import { CheckVerdict, RangeCheck, type Report } from "../range-check.tsx"

export function ProofsPage() {
  const status = useTold<Status>("status")
  return (
    <div class="grid">
      <Card title="Signed" wide>
        <Answered told={status}>
          {({ integrity, storage, keys }) => (
            <>
              <dl class="figures">
                <Figure label="Entries">{count(storage.entries)}</Figure>
                <Figure label="Last checkpoint" note={integrity.lastCheckpoint ? <When at={integrity.lastCheckpoint.storedAt} /> : undefined}>
                  {integrity.lastCheckpoint ? count(integrity.lastCheckpoint.size) : "none yet"}
                </Figure>
                <Figure label="Since then">{count(integrity.entriesSinceCheckpoint)}</Figure>
                <Figure label="Note outside" tone={integrity.headNote === "agrees" ? undefined : "warn"}>
                  {integrity.headNote}
                </Figure>
                <Figure label="Witnesses">{count(integrity.witnesses.length)}</Figure>
                <Figure label="Anchors">{count(integrity.anchors.length)}</Figure>
              </dl>
              {keys.verifierKey === null ? null : (
                <p class="quiet">
                  Whoever checks without us needs this key, by another way than from us: <code>{keys.verifierKey}</code>
                </p>
              )}
            </>
          )}
        </Answered>
      </Card>
      <Card title="Verify the ledger">
        <p>Every entry, the chain, the tree, each checkpoint and each content, in a process of its own. A million entries take some seconds.</p>
        <RangeCheck />
      </Card>
      <Card title="Check a proof">
        <ProofCheck />
      </Card>
    </div>
  )
}

function ProofCheck() {
  const [text, setText] = useState("")
  const [told, setTold] = useState<Told<Report> | "asked">()
  if (framed)
    return (
      <p>
        In this frame nothing can be started. <Command>sovereign-ledger smt verify PROOF</Command>
      </p>
    )
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setTold("asked")
    void fetched("smt/verify-proof", { method: "POST", body: text }).then((answer) => setTold(toldBy<Report>(answer)))
  }
  return (
    <form onSubmit={submit}>
      <div class="field">
        <label for="proof">A proof that an event is on record, or that it is not (smt proof), as JSON</label>
        <textarea id="proof" value={text} onInput={(event) => setText(event.currentTarget.value)} spellcheck={false} />
      </div>
      <p>
        <button class="action" disabled={told === "asked" || text.trim() === ""}>
          {told === "asked" ? "Checking …" : "Check"}
        </button>
      </p>
      <div role="status">{told === undefined || told === "asked" ? null : <CheckVerdict told={told} />}</div>
    </form>
  )
}
