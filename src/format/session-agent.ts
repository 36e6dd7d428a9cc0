/** The configured id in the key of a session (https://docs.openclaw.ai/concepts/session) such as `agent:main:in1`, for who is not told the agent. */
export function agentOf(session: unknown): string | undefined {
  return typeof session === "string" ? /^agent:([^:]{1,64}):/.exec(session)?.[1] : undefined
}
