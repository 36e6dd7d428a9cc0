/**
 * The shared gateway for suites about spending: the scripted model behind providers of several ids, and orders to the ledger as a command gives them. Each
 * suite leaves no budget behind.
 */
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { socketPath } from "../../src/surfaces/socket/socket-path.ts"
import type { JsonObject } from "./home.ts"
import { eventually, ofType, type LedgerEvent } from "./ledger.ts"
import { modelProviders } from "./model-providers.ts"
import type { ModelRequest } from "./model-server.ts"
import { noHoldOpen } from "./open-holds.ts"
import { sharedLedger, type SharedLedger } from "./shared-ledger.ts"

export type CapFixture = SharedLedger & Spending

export type Spending = {
  /** Asks the writer as a command does. */
  order(what: JsonObject, more?: JsonObject): Promise<JsonObject>
  /** The budget `daily`, over everything. */
  budget(limit: string): Promise<JsonObject>
  removeBudget(name: string): Promise<JsonObject>
  /** Waits until no hold is open. */
  settled(): Promise<void>
  /** Everything the ledger posted as spent on models of the providers of these suites, in nano-dollars. */
  postedNanos(): Promise<bigint>
  /** What the model's own log says that it came to, at the prices of the host's configuration. */
  countedNanos(): bigint
  /** From now on the session's turns go to this model. */
  useModel(session: string, model: string): Promise<unknown>
}

export async function capFixture(): Promise<CapFixture> {
  const shared = await sharedLedger()
  return { ...shared, ...(await spendingOf(shared)) }
}

/** The same of a gateway of one's own. */
export async function spendingOf({ ledger, client, model }: Pick<SharedLedger, "ledger" | "client" | "model">): Promise<Spending> {
  await eventually(
    "a writer",
    () => ledger.writer(),
    (writer) => writer !== null,
  )
  const order = async (what: JsonObject, more: JsonObject = {}) =>
    (await askWriter({ socketPath: socketPath(ledger.dataDirectory), role: "cli" }, "order", 10_000, { ...more, order: what })) as JsonObject
  return {
    order,
    budget: (limit) => order({ do: "set-budget", budget: "daily", limits: [limit], per: "day" }),
    removeBudget: (budget) => order({ do: "remove-budget", budget }),
    settled: () => noHoldOpen(ledger),
    postedNanos: async () => {
      const events = await ledger.events({ category: "spend" })
      return spentOnModels([...ofType(events, "hold.settled"), ...ofType(events, "transfer.posted")])
    },
    countedNanos: () => model.requests.filter(({ provider }) => ids.includes(provider)).reduce((sum, request) => sum + nanosOf(request), 0n),
    useModel: (key, name) => client.request("sessions.patch", { key, model: name }),
  }
}

const ids: readonly string[] = modelProviders.map(({ id }) => id)

function spentOnModels(posted: readonly LedgerEvent[]): bigint {
  return posted
    .flatMap(({ facts }) => facts["movements"] as readonly { readonly debit: string; readonly amounts: Readonly<Record<string, string>> }[])
    .filter(({ debit }) => ids.some((id) => debit.startsWith(`spent:model/${id}/`)))
    .reduce((sum, { amounts }) => sum + BigInt(amounts["moneyNanos"] ?? 0), 0n)
}

/** At the price of the providers of these suites. */
export function nanosOf({ usage }: Pick<ModelRequest, "usage">): bigint {
  if (!usage) return 0n
  const { promptTokens, cachedTokens, cacheWriteTokens, cacheWrite1hTokens, outputTokens } = usage
  const fresh = promptTokens - cachedTokens - cacheWriteTokens
  const written = (cacheWriteTokens - cacheWrite1hTokens) * 3_750 + cacheWrite1hTokens * 6_000
  return BigInt(fresh * 3_000 + cachedTokens * 300 + written + outputTokens * 15_000)
}
