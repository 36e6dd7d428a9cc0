/** Jobs of the gateway's scheduler, run now. `cron.run` only puts the execution into a queue: its end is an event `cron` with the action `finished`. */
import type { GatewayClient } from "./gateway-client.ts"
import type { JsonObject } from "./home.ts"

/** A job of one's own whose time never comes by itself while a test runs. */
export async function addJob(client: GatewayClient, name: string, message: string): Promise<string> {
  const { id } = await client.request("cron.add", {
    name,
    schedule: { kind: "every", everyMs: 24 * 3_600_000 },
    sessionTarget: "isolated",
    wakeMode: "now",
    payload: { kind: "agentTurn", message },
    delivery: { mode: "none" },
  })
  return String(id)
}

/** The heartbeat is a job the host keeps for every agent; with a cadence of `0m` it is there, but disabled. */
export async function heartbeatJob(client: GatewayClient): Promise<string> {
  const { jobs } = await client.request("cron.list", { includeDisabled: true })
  const heartbeat = (jobs as readonly JsonObject[]).find(({ payload }) => (payload as JsonObject)["kind"] === "heartbeat")
  return String(heartbeat?.["id"])
}

/** Answers with the status of the execution. A forced run passes by the schedule, not by work that the session is busy with. */
export async function runJob(client: GatewayClient, id: string, timeoutMs = 30_000): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const stopListening = client.onEvent(({ event, payload }) => {
    if (event === "cron" && payload["jobId"] === id && payload["action"] === "finished") resolve(String(payload["status"]))
  })
  const timer = setTimeout(() => reject(new Error(`the job ${id} did not end within ${timeoutMs} ms`)), timeoutMs)
  try {
    await client.request("cron.run", { id, mode: "force" })
    return await promise
  } finally {
    clearTimeout(timer)
    stopListening()
  }
}
