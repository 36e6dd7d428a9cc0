/**
 * A plugin that is not ours and is never content with a first answer of one sort: the host asks the model once more, and leaves the first answer on a branch
 * of the conversation that it does not show. Loaded from this folder by `plugins.load.paths`.
 */
type Finalizing = { readonly lastAssistantMessage?: unknown }
type Api = { readonly on: (hook: string, handler: (event: Finalizing) => unknown) => void }

export default {
  id: "second-thoughts",
  name: "Second thoughts",
  register(api: Api) {
    api.on("before_agent_finalize", ({ lastAssistantMessage }) =>
      String(lastAssistantMessage).includes("think-again")
        ? { action: "revise", reason: "once more", retry: { instruction: "SAY on second thoughts", idempotencyKey: "once", maxAttempts: 1 } }
        : undefined,
    )
  },
}
