/** The body of a request that is small, or nothing. */
import type { IncomingMessage } from "node:http"

/** Undefined when it is longer than it may be; the rest is not waited for. */
export async function smallBody(request: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) return undefined
  const parts: Buffer[] = []
  let sizeBytes = 0
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += part.length
    if (sizeBytes > mostBytes) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}
