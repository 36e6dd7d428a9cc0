/** A plugin that is not ours: its provider has a subscription and tells how far its windows are used, as a variable of the gateway's environment says. */
type Provider = { readonly id: string; readonly label: string; readonly auth: readonly never[] } & Readonly<
  Record<"resolveUsageAuth" | "fetchUsageSnapshot", () => unknown>
>
type Api = { readonly registerProvider: (provider: Provider) => void }

/** The same whenever one asks, as a provider's is. */
const resetAt = Date.now() + 3 * 3_600_000

export default {
  id: "subscription",
  name: "Subscription",
  register(api: Api) {
    api.registerProvider({
      id: "metered",
      label: "Metered",
      auth: [],
      resolveUsageAuth: () => ({ token: process.env["SL_TEST_SUBSCRIPTION"] }),
      fetchUsageSnapshot: () => ({
        provider: "metered",
        displayName: "Metered",
        plan: "Pro",
        windows: [
          { label: "5h", usedPercent: Number(process.env["SL_TEST_SUBSCRIPTION"]), resetAt },
          { label: "Week", usedPercent: 12.5 },
        ],
      }),
    })
  },
}
