/** What there is to keep an eye on: the parts agents are made of, and files of the operator's choice. */
export const artefactKinds = ["plugin", "skill", "tool", "workspace", "cron"] as const

export type ArtefactKind = (typeof artefactKinds)[number]
export type WatchedKind = ArtefactKind | "file"

/** Files of a workspace that say who an agent is: https://docs.openclaw.ai/concepts/agent-workspace */
export const identityFiles: readonly string[] = ["AGENTS", "SOUL", "TOOLS", "IDENTITY", "USER", "HEARTBEAT", "BOOTSTRAP", "MEMORY"].map((name) => `${name}.md`)

export function watchedKind(text: string): WatchedKind | undefined {
  return [...artefactKinds, "file" as const].find((kind) => kind === text)
}
