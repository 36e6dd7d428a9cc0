/** Receipts: signed records of single actions, for people who have no ledger. */
import { Answered, Badge, Card, Command, Empty, EventLink, Table, Text, When } from "../parts.tsx"
import { addressOf, goTo, Link } from "../place.tsx"
import type { PageProps } from "../page-row.ts"
import { questionOf, useTold } from "../told.ts"
import { count, shown } from "../words.ts"
import { Values } from "../values.tsx"

type Row = {
  readonly number: number
  readonly of: number
  readonly jti: string
  readonly occurredMs: number
  readonly action: string
  readonly tool: string | null
  readonly status: string | null
}

const pageRows = 100

export function ReceiptsPage({ about }: PageProps) {
  const [tool, offset] = [about.get("tool") ?? "", Number(about.get("offset") ?? 0)]
  const told = useTold<{ readonly receipts: readonly Row[]; readonly total: number }>(
    questionOf("receipts", { last: pageRows, offset: offset || undefined, tool }),
  )
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    goTo(addressOf("receipts", { tool: String(new FormData(event.currentTarget as HTMLFormElement).get("tool")) }), true)
  }
  return (
    <>
      <form class="filters" role="search" aria-label="Which receipts" onSubmit={submit}>
        <div class="field">
          <label for="tool">Tool</label>
          <input id="tool" name="tool" defaultValue={tool} key={tool} placeholder="exec" spellcheck={false} autocapitalize="off" />
        </div>
        <button class="action">Show</button>
      </form>
      <Answered told={told}>
        {({ receipts, total }) =>
          receipts.length === 0 ? (
            <Empty title="There is no receipt.">They are issued while the plugin's setting receipts is on.</Empty>
          ) : (
            <>
              <p class="quiet">
                {count(offset + 1)} to {count(offset + receipts.length)} of {count(total)}, newest first.
              </p>
              <Table
                caption="Receipts"
                rows={receipts}
                keyOf={({ number }) => number}
                columns={[
                  { title: "Receipt", cell: ({ number }) => <ReceiptLink number={number} /> },
                  { title: "Time", cell: ({ occurredMs }) => <When at={occurredMs} /> },
                  { title: "Action", cell: ({ action }) => <Text>{action}</Text> },
                  { title: "Tool", cell: ({ tool: name }) => <Text>{name}</Text> },
                  { title: "Outcome", cell: ({ status }) => (status === null ? "" : <Badge tone={status === "ok" ? "good" : "bad"}>{status}</Badge>) },
                  { title: "Entry", cell: ({ of }) => <EventLink sequence={of} /> },
                ]}
              />
              <p class="pager">
                {offset > 0 ? (
                  <Link to="receipts" about={{ tool, offset: Math.max(0, offset - pageRows) || undefined }}>
                    Newer
                  </Link>
                ) : null}
                {offset + receipts.length < total ? (
                  <Link to="receipts" about={{ tool, offset: offset + pageRows }}>
                    Older
                  </Link>
                ) : null}
              </p>
            </>
          )
        }
      </Answered>
    </>
  )
}

function ReceiptLink({ number }: { readonly number: number }) {
  return (
    <Link to="receipt" about={{ id: number }} class="sequence">
      {number}
    </Link>
  )
}

export function ReceiptPage({ about }: PageProps) {
  const id = about.get("id") ?? ""
  const told = useTold<{ readonly receipt: Row; readonly claims: object; readonly jws: string }>(id === "" ? undefined : `receipts/${encodeURIComponent(id)}`)
  if (id === "") return <Empty title="Which receipt?" />
  return (
    <Answered told={told}>
      {({ receipt, claims, jws }) => (
        <>
          <p class="lead">
            Receipt {receipt.number} of <EventLink sequence={receipt.of} />, <When at={receipt.occurredMs} />
          </p>
          <div class="grid">
            <Card title="What it claims" wide>
              <Values value={claims} />
            </Card>
            <Card title="As it was signed" wide>
              <pre>{shown(jws)}</pre>
              <p class="quiet">
                Whoever has the keys checks it:{" "}
                <Command>{`sovereign-ledger receipts show ${receipt.number} --jws | sovereign-ledger receipts verify - --keys jwks.json`}</Command>
              </p>
            </Card>
          </div>
        </>
      )}
    </Answered>
  )
}
